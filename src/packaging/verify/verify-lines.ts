import { shortened } from '../../errors.ts';
import type { Cause, Item } from '../finding.ts';
import { aliasTextOf, type ModuleAliases } from '../index-files.ts';
import { type AliasLines, readAliasLines } from './alias-lines.ts';
import { type ByModule, byModule } from './by-module.ts';
import { compareIndex, type IndexKind, isStale } from './verify-indexes.ts';

/** What modules.alias says and what is wrong with it. */
export interface LinesVerdict {
  readonly causes: readonly Cause[];
  /** Its aliases by module, as they stand there; undefined where it is exactly what depmod makes of the modules. */
  readonly found: ByModule | undefined;
}

/** Longest part of a line that a message shows. */
const SHOWN = 60;

/**
 * Compares modules.alias (latin1) with the aliases of the modules, in depmod's order. Each difference is reported as
 * what it is, with its line; a line that is not an alias, or ends in CR LF, accounts for the alias that it should have
 * been.
 */
export function verifyLines(
  text: string,
  modules: readonly ModuleAliases[],
  kind: IndexKind,
  unsure: (module: string) => boolean,
): LinesVerdict {
  const should = aliasTextOf(modules);
  if (text === should) return { causes: [], found: undefined };
  const read = readAliasLines(text);
  const found = byModule(read.lines);
  if (!text.endsWith('\n') && should.startsWith(text)) return { causes: [cutShort(text, should, kind.file)], found };
  const expected = byModule(modules.flatMap(({ module, aliases }) => aliases.map((alias) => ({ alias, module }))));
  const lineOf = new Map(read.lines.map(({ alias, module, line }) => [`${alias} ${module}`, line]));
  const once = byModule(read.lines);
  const odd = [...crLf(read, kind.file), ...malformed(read, modules, expected, found, kind)];
  const twice = repeated(read, expected, once, kind);
  const different = compareIndex(
    { ...kind, lineOf: (module, alias) => lineOf.get(`${alias} ${module}`) },
    expected,
    once,
    unsure,
  );
  // What other modules' lines repeat is nothing of its own.
  return { causes: [...odd, ...(different.some(isStale) ? [] : twice), ...different], found };
}

function cutShort(text: string, should: string, file: string): Cause {
  const line = text.split('\n').length;
  const lost = should.slice(text.length).split('\n').length - 1;
  const message =
    text === '' ? 'the file is empty' : `the file ends in the middle of line ${line}; ${lost} lines are lost`;
  return { rule: 'cut-short', items: [{ file, line, message }], advice: 'run depmod or modalias build' };
}

function crLf({ crLf }: AliasLines, file: string): Cause[] {
  if (crLf.length === 0) return [];
  const message = "the line ends in CR LF, so the CR becomes part of the module's name";
  const items = crLf.map((line) => ({ file, line, message }));
  return [{ rule: 'cr-lf', items, others: 'such lines', advice: 'run depmod or modalias build' }];
}

type Counts = Map<string, Map<string, number>>;

/**
 * Lines that are not an alias, each with the alias that it replaces, as far as its text or its place in depmod's order
 * shows; that alias does not also count as missing.
 */
function malformed(
  read: AliasLines,
  modules: readonly ModuleAliases[],
  expected: Counts,
  found: Counts,
  kind: IndexKind,
): Cause[] {
  if (read.malformed.length === 0) return [];
  const order = modules.flatMap(({ module, aliases }) => aliases.map((alias) => ({ alias, module })));
  const placeOf = new Map(order.map(({ alias, module }, i) => [`${alias} ${module}`, i]));
  const isMissing = ({ alias, module }: { alias: string; module: string }) =>
    (expected.get(module)?.get(alias) ?? 0) > (found.get(module)?.get(alias) ?? 0);
  let next = 0;
  let place = -1;
  const items = read.malformed.map(({ line, text }): Item => {
    for (; next < read.lines.length && read.lines[next]!.line < line; next++) {
      const { alias, module } = read.lines[next]!;
      place = placeOf.get(`${alias} ${module}`) ?? place;
    }
    const after = order[place + 1];
    const meant =
      after && isMissing(after) ? after : order.find((one) => text === `alias ${one.alias}` && isMissing(one));
    const message = `expected "alias PATTERN MODULE", found ${shown(text)}`;
    if (!meant) return { file: kind.file, line, message };
    if (meant === after) place++;
    const counts = expected.get(meant.module)!;
    counts.set(meant.alias, counts.get(meant.alias)! - 1);
    return { ...meant, file: kind.file, line, message };
  });
  return [{ rule: 'malformed-line', items, others: 'such lines', advice: 'run depmod or modalias build' }];
}

/** Lines that stand there more often than the module has the alias; they are taken out of `found`. */
function repeated({ lines }: AliasLines, expected: Counts, found: Counts, kind: IndexKind): Cause[] {
  const seen: Counts = new Map();
  const first = new Map<string, number>();
  const items: Item[] = [];
  for (const { alias, module, line } of lines) {
    const most = expected.get(module)?.get(alias) ?? 0;
    const counts = seen.get(module) ?? new Map<string, number>();
    seen.set(module, counts);
    const count = (counts.get(alias) ?? 0) + 1;
    counts.set(alias, count);
    const key = `${alias} ${module}`;
    if (count === 1) first.set(key, line);
    if (most === 0 || count <= most) continue;
    found.get(module)!.set(alias, most);
    const message = `the line repeats line ${first.get(key)}: modprobe loads the module once, but modprobe -R prints it twice`;
    items.push({ module, alias, file: kind.file, line, message });
  }
  if (items.length === 0) return [];
  return [{ rule: 'repeated-line', items, others: 'such lines', advice: 'run depmod or modalias build' }];
}

function shown(text: string): string {
  return `"${shortened(text, SHOWN).replace(/[\0-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}
