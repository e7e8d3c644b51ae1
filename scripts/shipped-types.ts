/** Which declarations are shipped: those that users can name, what these are made of, and nothing else. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ENTRY_POINTS } from './public-types.ts';

/** A statement of a declaration file with the comment before it. */
interface Statement {
  readonly text: string;
  /** What it declares; undefined for imports and exports. */
  readonly name: string | undefined;
}

/** Statements of tsc's output begin with a keyword at the start of a line. */
const STATEMENT = /^(?:export|import|declare|interface|type|const|class|abstract)\b/;
const DECLARED =
  /^(?:export )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const) (?!\{)(\w+)/;
const FROM = /^(import|export) (?:type )?\{(.*)\} from '(\.[^']+)\.[jt]s';$/m;

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '');

function statementsOf(text: string): Statement[] {
  const blocks: string[][] = [[]];
  // What ends the statement that has begun: a brace ends only a part of a type, and comments may follow that.
  let end: RegExp | undefined;
  for (const line of text.trimEnd().split('\n')) {
    if (end?.test(blocks.at(-1)!.at(-1)!)) {
      blocks.push([]);
      end = undefined;
    }
    if (end === undefined && STATEMENT.test(line))
      end = /\b(?:interface|class) /.test(line) ? /^\}$|\{\}$/ : /^(?! {4}).*;$/;
    blocks.at(-1)!.push(line);
  }
  return blocks.map((lines) => {
    const block = lines.join('\n');
    return { text: block, name: DECLARED.exec(withoutComments(block).trimStart())?.[1] };
  });
}

/** Local names of an import or export with the file and the name there. */
function itemsOf(text: string, file: string): { local: string; from: string; name: string }[] {
  const [, , items, path] = FROM.exec(text) ?? [];
  if (items === undefined || path === undefined) return [];
  const from = normalize(join(dirname(file), path));
  return items.split(',').map((item) => {
    const [, name = '', as = name] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(item.trim()) ?? [];
    return { local: as, from, name };
  });
}

/** The declaration files to ship, by their paths below `types` without extension, with their texts. */
export function shippedTypes(types: string): Map<string, string> {
  const files = new Map<string, Statement[]>();
  const read = (file: string) => {
    const known = files.get(file) ?? statementsOf(readFileSync(`${types}/${file}.d.ts`, 'utf8'));
    files.set(file, known);
    return known;
  };
  const needed = new Set<Statement>();
  /** Local names of a file that what is needed of it uses. */
  const used = new Map<string, Set<string>>();
  const need = (file: string, name: string): void => {
    for (const statement of read(file)) {
      if (statement.name === name) keep(file, statement);
      // Entry points export what lies elsewhere, which is kept with them.
      for (const item of itemsOf(statement.text, file)) if (item.local === name) need(item.from, item.name);
    }
  };
  const keep = (file: string, statement: Statement): void => {
    if (needed.has(statement)) return;
    needed.add(statement);
    const code = withoutComments(statement.text);
    for (const [, path, name] of code.matchAll(/import\("(\.[^"]+)\.[jt]s"\)\.(\w+)/g))
      need(normalize(join(dirname(file), path!)), name!);
    const names = used.get(file) ?? new Set();
    used.set(file, names);
    for (const name of code.replace(/'[^'\n]*'|"[^"\n]*"/g, "''").match(/\b[A-Za-z_$][\w$]*/g) ?? []) {
      if (names.has(name)) continue;
      names.add(name);
      need(file, name);
    }
  };
  for (const entry of Object.values(ENTRY_POINTS))
    for (const statement of read(entry)) {
      needed.add(statement);
      for (const { from, name } of itemsOf(statement.text, entry)) need(from, name);
    }
  return new Map(
    [...files].flatMap(([file, statements]) => {
      if (!statements.some((one) => needed.has(one))) return [];
      const kept = statements.flatMap((one) => {
        if (needed.has(one) || one.text === 'export {};') return [one.text];
        const items = itemsOf(one.text, file).filter(({ local }) => used.get(file)?.has(local));
        if (one.name !== undefined || items.length === 0) return [];
        const names = items.map(({ local, name }) => (local === name ? name : `${name} as ${local}`));
        const type = /^import type /.test(one.text) ? 'type ' : '';
        return [one.text.replace(/\{.*\}/, `{ ${names.join(', ')} }`).replace(/^import (?:type )?/, `import ${type}`)];
      });
      return [[file, `${kept.join('\n')}\n`] as const];
    }),
  );
}
