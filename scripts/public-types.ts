/** Type declarations of the library's entry points: a listing of all that users can name. */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Subpaths of the package with their source files below src. */
export const ENTRY_POINTS = {
  index: 'index',
  vfio: 'vfio/index',
  'driver-core': 'driver-core/index',
  matchers: 'matchers/matchers',
  assert: 'matchers/assert',
} as const;

/**
 * How the matchers join the types of each runner, by subpath: an interface is only merged with one of the very same
 * type parameters, and these differ between Vitest 4 and 5, so that one file cannot serve both.
 */
export const RUNNER_TYPES = {
  vitest: `declare module 'vitest' {
  interface Matchers<R, T> extends ModaliasMatchers<R> {}
}`,
  'vitest-4': `declare module 'vitest' {
  interface Matchers<T = any> extends ModaliasMatchers<void> {}
}`,
  jest: `declare module 'expect' {
  interface AsymmetricMatchers extends ModaliasMatchers<unknown> {}
  interface Matchers<R extends void | Promise<void>, T = unknown> extends ModaliasMatchers<R> {}
}
declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends ModaliasMatchers<R> {}
  }
}`,
} as const;

/** A declaration of a file, and the names of its type that others may have to import. */
export interface Declared {
  readonly file: string;
  readonly name: string;
  /** Without comments. */
  readonly text: string;
  /** Types of this package that the text names, as `file name`. */
  readonly uses: readonly string[];
}

/** The declarations that an entry point exports, by their public names, sorted. */
export function publicDeclarations(types: string, entry: string): Map<string, Declared> {
  const exports = new ExportReader(types).exportsOf(entry);
  return new Map([...exports].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads tsc's output, whose layout is regular: declarations begin with a keyword at the start of a line. */
class ExportReader {
  readonly #types: string;
  readonly #files = new Map<string, { declared: Map<string, Declared>; reexports: string[] }>();

  constructor(types: string) {
    this.#types = types;
  }

  exportsOf(file: string): Map<string, Declared> {
    const found = new Map<string, Declared>();
    const { declared, reexports } = this.#read(file);
    for (const [name, one] of declared) if (/^export /.test(one.text)) found.set(name, one);
    for (const line of reexports) {
      const [, all, names, from] = /^export (?:type )?(?:(\*)|\{(.*)\})(?: from '(.+)\.[jt]s')?;$/.exec(line)!;
      const source = from === undefined ? file : normalize(join(dirname(file), from));
      const theirs = from === undefined ? this.#scope(file) : this.exportsOf(source);
      if (all) for (const [name, one] of theirs) found.set(name, one);
      for (const item of names?.split(',') ?? []) {
        const [, name, as] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(item.trim()) ?? [];
        if (name) found.set(as ?? name, theirs.get(name)!);
      }
    }
    return found;
  }

  /** What names stand for inside a file: its own declarations and its imports. */
  #scope(file: string): Map<string, Declared> {
    const { declared } = this.#read(file);
    const text = readFileSync(`${this.#types}/${file}.d.ts`, 'utf8');
    const scope = new Map(declared);
    for (const [, names, from] of text.matchAll(/^import (?:type )?\{(.*)\} from '(\..+)\.[jt]s';$/gm)) {
      const theirs = this.exportsOf(normalize(join(dirname(file), from!)));
      for (const item of names!.split(',')) {
        const [, name, as] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(item.trim())!;
        scope.set(as ?? name!, theirs.get(name!)!);
      }
    }
    return scope;
  }

  #read(file: string) {
    const known = this.#files.get(file);
    if (known) return known;
    const text = readFileSync(`${this.#types}/${file}.d.ts`, 'utf8').replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '');
    const read = { declared: new Map<string, Declared>(), reexports: [] as string[] };
    this.#files.set(file, read);
    for (const part of text.split(/\n(?=(?:export|import|declare|interface|type|const|class|abstract)\b)/)) {
      if (/^export (type )?[{*]/.test(part)) read.reexports.push(part.trim());
      const name =
        /^(?:export )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const) (\w+)/.exec(
          part,
        )?.[1];
      if (!name) continue;
      // Overloads are one declaration.
      const before = read.declared.get(name);
      read.declared.set(name, { file, name, text: before ? `${before.text}\n${part}` : part, uses: [] });
    }
    const scope = this.#scope(file);
    for (const [name, one] of read.declared) {
      const words = new Set(one.text.replace(/'[^'\n]*'|`[^`]*`/g, "''").match(/\b[A-Za-z_]\w*\b/g));
      const uses = [...scope].filter(([local]) => local !== name && words.has(local) && /^[A-Z]/.test(local));
      const inline = [...one.text.matchAll(/import\("(\..+?)\.[jt]s"\)\.(\w+)/g)].map(
        ([, from, used]) => `${normalize(join(dirname(file), from!))} ${used}`,
      );
      read.declared.set(name, { ...one, uses: [...uses.map(([, used]) => `${used.file} ${used.name}`), ...inline] });
    }
    return read;
  }
}
