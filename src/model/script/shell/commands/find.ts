import { inSysfsOrder } from '../../sysfs-order.ts';
import type { Files } from '../files.ts';
import type { CommandRule, Outcome } from '../outcome.ts';
import { said } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { matches, parsePattern } from '../words/pattern.ts';
import { runCommands } from './argv.ts';

/** A file that find comes to: its path as find writes it. */
interface Found {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
}

type Test = (found: Found) => boolean;

/** What find was asked for. */
interface Asked {
  readonly follow: boolean;
  /** Links are followed where they are named. */
  readonly followRoots: boolean;
  readonly roots: readonly string[];
  readonly least: number;
  readonly most: number;
  readonly tests: readonly Test[];
  /** A name that every file must have; null where there is none. */
  readonly name: string | null;
  readonly quit: boolean;
  readonly action: { readonly words: readonly string[]; readonly all: boolean } | 'print' | 'name' | 'none';
}

const lastPart = (path: string) => path.replace(/\/+$/, '').replace(/^.*\//s, '');

const TYPES: Readonly<Record<string, Found['kind']>> = { f: 'file', d: 'directory', l: 'link' };

/** Reads find's words; what is none of the usual tests is not read. */
function asked(words: readonly string[], text: string): Asked {
  let [i, follow, followRoots] = [0, false, false];
  for (; /^-[LPH]$/.test(words[i] ?? ''); i++) [follow, followRoots] = [words[i] === '-L', words[i] === '-H'];
  const start = i;
  while (i < words.length && !/^[-(!]/.test(words[i]!)) i++;
  const roots = i === start ? ['.'] : words.slice(start, i);
  let [least, most, name, quit] = [0, Number.POSITIVE_INFINITY, null as string | null, false];
  const tests: Test[] = [];
  let action: Asked['action'] | null = null;
  let not = false;
  const add = (test: Test) => {
    const negated = not;
    tests.push(negated ? (found) => !test(found) : test);
    not = false;
  };
  for (; i < words.length; i++) {
    const word = words[i]!;
    const value = () => words[++i] ?? '';
    if (word === '!' || word === '-not') not = !not;
    else if (word === '-maxdepth') most = Number(value());
    else if (word === '-mindepth') least = Number(value());
    else if (word === '-follow') follow = true;
    else if (word === '-name' || word === '-path' || word === '-wholename') {
      const given = value();
      const pattern = parsePattern(given);
      const whole = word !== '-name';
      if (!whole && !not && /^[\w.:-]+$/.test(given)) name ??= given;
      add(({ path }) => matches(pattern, whole ? path : lastPart(path)));
    } else if (word === '-type') {
      const kinds = value().split(',');
      if (kinds.some((kind) => !TYPES[kind])) throw new Unreadable(text);
      add(({ kind }) => kinds.some((one) => TYPES[one] === kind));
    } else if (word === '-print' && !not) action = 'print';
    else if (word === '-quit' && !not) quit = true;
    else if (word === '-printf' && /^%(?:f|p)\\n$/.test(words[i + 1] ?? ''))
      action = value().startsWith('%f') ? 'name' : 'print';
    else if (word === '-exec' && !not) {
      const end = words.findIndex((one, at) => at > i && (one === ';' || (one === '+' && words[at - 1] === '{}')));
      if (end < 0) throw new Unreadable(text);
      action = { words: words.slice(i + 1, end), all: words[end] === '+' };
      i = end;
      if (i + 1 < words.length) throw new Unreadable(text);
    } else if (word !== '-a' && word !== '-and') throw new Unreadable(word);
  }
  // Only where it is asked for nothing it prints.
  return { follow, followRoots, roots, least, most, tests, name, quit, action: action ?? (quit ? 'none' : 'print') };
}

/** Attributes that only PCI functions have (drivers/pci/pci-sysfs.c, iov.c): they lie in no other directory. */
const OF_PCI = /^(?:boot_vga|sriov_\w+|ari_enabled|d3cold_allowed|broken_parity_status|consistent_dma_mask_bits)$/;

/** The files below a root that may have what is asked for, in find's order; null where they are not all known. */
function walk(files: Files, root: string, { follow, followRoots, most, name, least }: Asked): Found[] | null {
  const out: Found[] = [];
  const visit = (path: string, depth: number): boolean => {
    const isRoot = depth === 0 && (followRoots || path.endsWith('/'));
    const kind = files.kind(path, follow || isRoot);
    const bare = kind === 'absent' && follow ? files.kind(path, false) : kind;
    if (bare === 'unknown') return false;
    if (bare === 'absent') return true;
    if (depth >= least) out.push({ path, kind: bare });
    if (bare !== 'directory' || depth >= most) return true;
    // Where only the last level is asked for by its name, nothing else of the directory matters.
    if (name !== null && depth + 1 === most) {
      const below = join(path, name);
      return files.kind(below, false) === 'absent' || visit(below, depth + 1);
    }
    const names = files.names(path);
    return names !== null && inSysfsOrder(names).every((one) => visit(join(path, one), depth + 1));
  };
  return visit(root, 0) ? out : null;
}

const join = (path: string, name: string) => (path.endsWith('/') ? `${path}${name}` : `${path}/${name}`);

/** An attribute of PCI functions: it is looked for where these are, in the order of the tree. */
function walkPci(files: Files, root: string, name: string): Found[] | null {
  const here = files.real(root);
  const names = files.names('/sys/bus/pci/devices');
  if (here === null) return [];
  if (!names || here.includes(UNKNOWN_TEXT)) return null;
  const places = names.flatMap((one) => files.real(`/sys/bus/pci/devices/${one}`) ?? []);
  const below = places.filter((place) => place === here || place.startsWith(join(here, '')));
  if (below.some((place) => files.kind(`${place}/${name}`, false) === 'unknown')) return null;
  const tree = (at: string): string[] => {
    const next = new Set(
      below.flatMap((place) => (place.startsWith(join(at, '')) ? place.slice(at.length).split('/')[1]! : [])),
    );
    const own = below.includes(at) && files.kind(`${at}/${name}`, false) !== 'absent' ? [name] : [];
    return inSysfsOrder([...next, ...own]).flatMap((one) => (one === name ? [`${at}/${name}`] : tree(`${at}/${one}`)));
  };
  const shown = root.replace(/\/+$/, '');
  return tree(here).map((path) => ({ path: shown + path.slice(here.length), kind: 'file' }));
}

function search(files: Files, root: string, what: Asked): Found[] | null {
  if (root.includes(UNKNOWN_TEXT) || files.inSysfs(root) === null) return null;
  const { name, follow, most } = what;
  const isPci = name !== null && OF_PCI.test(name) && !follow && most === Number.POSITIVE_INFINITY;
  return isPci && /^\/sys(?:\/devices.*)?\/?$/.test(files.absolute(root))
    ? walkPci(files, root, name)
    : walk(files, root, what);
}

/** find: below directories of sysfs, in the order in which sysfs lists them. */
export const FIND: CommandRule = (run): Outcome => {
  const what = asked(run.words, run.text);
  const isVague = run.words.some((word) => word.includes(UNKNOWN_TEXT));
  const lists = what.roots.map((root) => search(run.files, root, what));
  const isOpen = isVague || lists.includes(null);
  const all = lists.flatMap((list) => list ?? []).filter((found) => what.tests.every((test) => test(found)));
  const found = (what.quit ? all.slice(0, 1) : all).map(({ path }) => path);
  const { action } = what;
  if (typeof action !== 'string') {
    if (isOpen) throw new Unreadable('which files there are');
    if (action.all)
      return runCommands(
        run,
        found.length === 0 ? [] : [action.words.flatMap((word) => (word === '{}' ? found : [word]))],
        1,
      );
    return runCommands(
      run,
      found.map((path) => action.words.map((word) => word.replaceAll('{}', path))),
      0,
    );
  }
  if (isOpen) return { status: -1, out: UNKNOWN_TEXT };
  const missing = what.roots.some((root) => run.files.kind(root) === 'absent');
  const shown = action === 'none' ? [] : found.map((path) => `${action === 'name' ? lastPart(path) : path}\n`);
  return { ...said(shown.join('')), status: missing ? 1 : 0 };
};
