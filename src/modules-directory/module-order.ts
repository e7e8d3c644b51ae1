import type { Diagnostic } from '../errors.ts';
import { PATH_MAX } from '../pattern/normalize.ts';
import { superFastHash } from './superfast-hash.ts';
import type { FoundModule } from './tree-scan.ts';

/** Buckets of depmod's table of modules by name. kmod tools/depmod.c:depmod_init. */
const BUCKETS = 512;

/** How kmod read modules.order: which of several equal lines counts. `last`: up to 33; `first`: 34 and newer. */
export type RepeatedLine = 'first' | 'last';

/** The modules in the order of depmod's hash table, which is the order of what modules.order does not list. */
export function hashOrder(modules: Iterable<FoundModule>): FoundModule[] {
  const placed = Array.from(modules, (module) => ({ module, bucket: superFastHash(module.name) & (BUCKETS - 1) }));
  placed.sort((a, b) => a.bucket - b.bucket || (a.module.name < b.module.name ? -1 : 1));
  return placed.map(({ module }) => module);
}

/**
 * The modules in the order in which depmod writes them, which is their priority in modules.alias.bin as well: first
 * those that modules.order lists, in its order, then the others in hash order. Without a modules.order, or if a line of
 * it is damaged (no newline at the end, a NUL inside, 4,096 bytes or more), all stand in hash order. kmod
 * tools/depmod.c:depmod_modules_sort.
 */
export function depmodOrder(
  modules: Iterable<FoundModule>,
  orderText: string | undefined,
  repeated: RepeatedLine,
): { modules: FoundModule[]; diagnostics: Diagnostic[] } {
  if (orderText === undefined) return { modules: hashOrder(modules), diagnostics: [] };
  const damaged = damagedLine(orderText);
  if (damaged !== undefined) {
    const diagnostic: Diagnostic = {
      code: 'damaged-order',
      severity: 'warning',
      message: 'this line is truncated (it lacks a newline, or is too long): as in depmod, the whole file is ignored',
      file: 'modules.order',
      line: damaged,
    };
    return { modules: hashOrder(modules), diagnostics: [diagnostic] };
  }
  const position = new Map<string, number>();
  orderText.split('\n').forEach((line, i) => {
    if (line !== '' && (repeated === 'last' || !position.has(line))) position.set(line, i);
  });
  const listed: { module: FoundModule; place: number }[] = [];
  const others: FoundModule[] = [];
  for (const module of modules) {
    const place = position.get(orderKey(module));
    if (place === undefined) others.push(module);
    else listed.push({ module, place });
  }
  listed.sort((a, b) => a.place - b.place);
  return { modules: [...listed.map(({ module }) => module), ...hashOrder(others)], diagnostics: [] };
}

/**
 * How modules.order names a module: its path below the modules directory with `.ko` for whatever compression. As depmod
 * cuts by the length of the name, a file with more dots (`x.y.ko`) has a key that no line can equal. A module outside
 * the directory has an empty key.
 */
export function orderKey({ relative = '', name }: Pick<FoundModule, 'relative' | 'name'>): string {
  return relative.slice(0, relative.lastIndexOf('/') + 1 + name.length + '.ko'.length);
}

/** Number of the first line that fgets(3) with a buffer of PATH_MAX does not give whole, or undefined. */
function damagedLine(text: string): number | undefined {
  let number = 0;
  let nul = text.indexOf('\0');
  for (let start = 0; start < text.length; ) {
    number++;
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    // Looked for only once it is passed: from each line on, a text without any would be searched as often to its end.
    if (nul !== -1 && nul < start) nul = text.indexOf('\0', start);
    const nulInside = nul !== -1 && nul < end;
    // A line that begins with a NUL is an empty string to depmod, which skips it.
    if (!(nulInside && nul === start) && (newline === -1 || nulInside || end - start >= PATH_MAX - 1)) return number;
    start = end + 1;
  }
  return undefined;
}
