import { orderKey } from '../../modules-directory/module-order.ts';
import type { FoundModule } from '../../modules-directory/tree-scan.ts';
import { moduleName } from '../../pattern/normalize.ts';
import type { Cause, Item } from '../finding.ts';
import type { KernelLists } from './verify-lists.ts';

/** What the lines of the lists are checked against. */
export interface ListContext {
  /** The files of all modules, those that depmod skips too. */
  readonly modules: readonly Pick<FoundModule, 'relative' | 'name' | 'path'>[];
  /** Whether a file is at a path below the directory that the scan left out. */
  readonly exists: (relative: string) => boolean;
  /** The path of a file of the directory, for messages. */
  readonly file: (name: string) => string;
  /** What messages call the file at a path (raw). */
  readonly shown: (path: string) => string;
  /** The line of modules.order that is truncated. */
  readonly damaged: number | undefined;
}

interface Line {
  readonly line: number;
  readonly path: string;
  /** Whether it ends in CR LF; the path is without the CR. */
  readonly crLf: boolean;
}

/**
 * What is wrong with the lines of modules.order and modules.builtin: those that end in CR LF, modules that are not
 * there, and modules that are listed as built in but are loadable or unknown to modules.builtin.modinfo.
 */
export function verifyListLines({ order, builtin, modinfo }: KernelLists, context: ListContext): Cause[] {
  const orderLines = linesOf(order);
  const builtinLines = linesOf(builtin);
  return [
    ...crLf('modules.order', orderLines, context),
    ...crLf('modules.builtin', builtinLines, context),
    ...absentModules(orderLines, context),
    ...loadableModules(builtinLines, context),
    ...unlikeModinfo(builtinLines, modinfo ?? '', context),
  ];
}

function linesOf(text: string | undefined): Line[] {
  return (text ?? '').split('\n').flatMap((whole, i) => {
    const crLf = whole.endsWith('\r');
    const path = crLf ? whole.slice(0, -1) : whole;
    return path === '' ? [] : [{ line: i + 1, path, crLf }];
  });
}

/** The module that a line names. */
const nameOfPath = (path: string) => moduleName(path.slice(path.lastIndexOf('/') + 1));

/** What becomes of a line that ends in CR LF. */
const CR_LF = {
  'modules.order': 'the line ends in CR LF: to depmod the CR is part of the name, so the module counts as not listed',
  'modules.builtin':
    'the line ends in CR LF: depmod drops the CR, but to programs that compare whole lines it is part of the name',
} as const;

function crLf(name: keyof typeof CR_LF, lines: readonly Line[], { file }: ListContext): Cause[] {
  const items = lines.filter((one) => one.crLf).map(({ line }) => ({ file: file(name), line, message: CR_LF[name] }));
  if (items.length === 0) return [];
  const all = items.length === lines.length && items.length > 1;
  return [
    {
      rule: 'cr-lf',
      items,
      others: 'such lines',
      ...(all ? { summary: `${CR_LF[name].replace(/^the/, 'every')} (${items.length} lines)` } : {}),
      advice: `remove the CRs from ${name} and run depmod or modalias build`,
    },
  ];
}

function absentModules(lines: readonly Line[], { modules, exists, file, damaged }: ListContext): Cause[] {
  const here = new Set(Array.from(modules, orderKey));
  const items = lines.flatMap(({ line, path }): Item[] => {
    if (line === damaged || here.has(path) || exists(path)) return [];
    const message = `${path} is listed, but does not exist`;
    return [{ module: nameOfPath(path), file: file('modules.order'), line, message }];
  });
  if (items.length === 0) return [];
  return [
    {
      rule: 'listed-but-absent',
      items,
      others: 'such lines',
      advice: 'another package of the same kernel may have the modules: unpack both into one directory',
    },
  ];
}

/**
 * Modules that are loadable and listed as built in: modprobe goes by modules.builtin and loads nothing. kmod
 * libkmod-module.c:kmod_module_is_builtin.
 */
function loadableModules(lines: readonly Line[], { modules, file, shown }: ListContext): Cause[] {
  const files = new Map(modules.map(({ name, path }) => [name, path]));
  const items = lines.flatMap(({ line, path }): Item[] => {
    const name = nameOfPath(path);
    const loadable = files.get(name);
    if (loadable === undefined) return [];
    const message = `${path} is listed as built in, but ${shown(loadable)} is loadable: modprobe considers ${name} built in and never loads it`;
    return [{ module: name, file: file('modules.builtin'), line, message }];
  });
  if (items.length === 0) return [];
  return [
    {
      rule: 'built-in-and-loadable',
      items,
      others: 'such lines',
      advice: 'remove the line from modules.builtin, or the module, and run depmod',
    },
  ];
}

/**
 * Modules that only one of modules.builtin and modules.builtin.modinfo names: the kernel's build makes the former of
 * the `file=` strings of the latter. Linux scripts/link-vmlinux.sh, since 5.6; later Makefile.vmlinux.
 */
function unlikeModinfo(lines: readonly Line[], modinfo: string, { modules, file }: ListContext): Cause[] {
  const strings = modinfo.matchAll(/(?:^|\0)\w+\.file=([^\0]+)/g);
  const told = new Set(Array.from(strings, ([, files]) => files!.split(' ').map((name) => `kernel/${name}.ko`)).flat());
  if (told.size === 0 || lines.length === 0) return [];
  const loadable = new Set(modules.map(({ name }) => name));
  const listed = new Set(lines.map(({ path }) => path));
  const items: Item[] = [
    ...lines.flatMap(({ line, path }) =>
      told.has(path) || loadable.has(nameOfPath(path))
        ? []
        : [{ path, line, message: `${path} is listed as built in, but modules.builtin.modinfo does not name it` }],
    ),
    ...[...told].flatMap((path) =>
      listed.has(path)
        ? []
        : [{ path, message: `${path} is not listed, but modules.builtin.modinfo names it: modprobe does not find it` }],
    ),
  ].map(({ path, ...item }) => ({ ...item, module: nameOfPath(path), file: file('modules.builtin') }));
  if (items.length === 0) return [];
  const advice = 'install both files from the build of the kernel again, then run depmod or modalias build';
  return [{ rule: 'unlike-builtin', items, others: 'such modules', advice }];
}
