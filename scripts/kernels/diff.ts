import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fnmatch } from '../../src/pattern/fnmatch.ts';
import { fetchKernel, type Kernel } from '../debian/kernel.ts';
import { mustRun } from '../debian/run.ts';
import { keysFrom } from '../libkmod/keys.ts';
import { libkmodLookup, libkmodProgram } from '../libkmod/libkmod.ts';
import { type Check, cli } from './check.ts';
import { type Change, showsItsClass } from './diff-example.ts';

/** The kernel with which each is compared; others are only compared with themselves. */
const BEFORE: Readonly<Record<string, string>> = {
  'bookworm:amd64:6.12': 'bookworm:amd64:6.1',
  'bookworm:amd64:6.12:cloud': 'bookworm:amd64:6.12',
  'sid:amd64': 'bookworm:amd64:6.12',
};

/** Random keys for a pair of kernels: a part of the patterns of each, the rest of those that only one of them has. */
const KEYS = 200_000;

/** What may stay undecided between two kernels. */
const MOST_UNDECIDED = 5;

interface Document {
  readonly renamed: readonly { readonly from: readonly string[]; readonly to: readonly string[] }[];
  readonly changes: readonly Change[];
  readonly other: readonly Change[];
  readonly undecided: readonly { readonly pattern: string }[];
}

/**
 * `diff` finds nothing between a kernel and itself, its package, its text and its index. Against the kernel before,
 * libkmod's answers to random keys differ only where a change's pattern matches, and its answers to each example show
 * the class of the change.
 */
export const diff: Check = {
  name: 'diff',
  async run(kernel, work) {
    const failures: string[] = [];
    const file = (name: string) => path.join(kernel.indexed, name);
    const deb = debOf(kernel, path.join(work, 'package'));
    for (const [a, b] of [
      [kernel.indexed, kernel.indexed],
      [file('modules.alias'), file('modules.alias.bin')],
      [kernel.indexed, file('modules.alias.bin')],
      [deb, kernel.indexed],
    ] as const) {
      const { status, stdout } = cli(['diff', a, b]);
      if (status !== 0) failures.push(`diff ${a} ${b}: exit ${status}: ${stdout.toString('utf8').slice(0, 300)}`);
    }
    const before = BEFORE[kernel.name];
    if (before === undefined) return { failures, figure: 'nothing against itself, its package, text and index' };
    const figure = compare(fetchKernel(before), kernel, libkmodProgram(work), failures);
    return { failures, figure };
  },
};

/** A .deb of the modules directory as packaged, hard links in the place of copies. */
function debOf({ packaged, release }: Kernel, root: string): string {
  const modules = path.join(root, 'lib/modules');
  mkdirSync(modules, { recursive: true });
  mkdirSync(path.join(root, 'DEBIAN'));
  mustRun('cp', ['-al', packaged, path.join(modules, release)]);
  const control = 'Package: modules\nVersion: 1\nArchitecture: all\nMaintainer: T <t@example.org>\nDescription: t\n';
  writeFileSync(path.join(root, 'DEBIAN/control'), control);
  mustRun('dpkg-deb', ['--root-owner-group', '-Znone', '--build', root, `${root}.deb`]);
  return `${root}.deb`;
}

function compare(old: Kernel, now: Kernel, program: string, failures: string[]): string {
  const { status, stdout, stderr } = cli(['diff', '--json', old.indexed, now.indexed]);
  if (status !== 1) throw new Error(`diff exits ${status}: ${stderr}`);
  const document = JSON.parse(stdout.toString('utf8')) as Document;
  const changes = [...document.changes, ...document.other];
  if (document.undecided.length > MOST_UNDECIDED)
    failures.push(`${document.undecided.length} undecided: ${JSON.stringify(document.undecided.slice(0, 3))}`);
  const ask = (keys: readonly string[]) =>
    [old, now].map(({ indexed }) => libkmodLookup(program, indexed, keys)) as [string[][], string[][]];
  const named = namesOf(document);
  const matches = matcher([...changes, ...document.undecided].map(({ pattern }) => pattern));
  const keys = randomKeys(old, now);
  const [before, after] = ask(keys);
  let differing = 0;
  keys.forEach((key, i) => {
    const [a, b] = [named(before[i]!), named(after[i]!)];
    if (a.sort().join(' ') === b.sort().join(' ')) return;
    differing++;
    if (!matches(key))
      failures.push(`${key}: ${a.join(' ') || 'none'} -> ${b.join(' ') || 'none'}, and no change matches it`);
  });
  const [shownOld, shownNew] = ask(changes.map(({ example }) => example));
  changes.forEach((change, i) => {
    const wrong = showsItsClass(change, shownOld[i]!, shownNew[i]!, named);
    if (wrong !== undefined) failures.push(`${change.class} ${change.pattern}: ${change.example}: ${wrong}`);
  });
  return `${changes.length} changes since ${old.release} and their examples, ${keys.length} keys, ${differing} of them answered otherwise`;
}

/** Modules by one name for each group of renamed ones, each once, in their order. */
function namesOf({ renamed }: Document): (modules: readonly string[]) => string[] {
  const groups = new Map(renamed.flatMap(({ from, to }) => [...from, ...to].map((name) => [name, to.join('+')])));
  return (modules) => [...new Set(modules.map((module) => groups.get(module) ?? module))];
}

function randomKeys(old: Kernel, now: Kernel): string[] {
  const [a, b] = [patternsOf(old), patternsOf(now)];
  const only = [...a].filter((pattern) => !b.has(pattern)).concat([...b].filter((pattern) => !a.has(pattern)));
  const keys = new Set<string>();
  for (const [patterns, share, seed] of [
    [only, KEYS / 2, 1],
    [[...a], KEYS / 2, 2],
    [[...b], KEYS / 2, 3],
  ] as const)
    for (const key of keysFrom(patterns, share, seed)) keys.add(key);
  return [...keys].slice(0, KEYS);
}

/** The aliases of loadable modules and of built-in code. */
function patternsOf({ indexed }: Kernel): Set<string> {
  const text = readFileSync(path.join(indexed, 'modules.alias'), 'latin1').matchAll(/^alias (.*) \S+$/gm);
  const modinfo = readFileSync(path.join(indexed, 'modules.builtin.modinfo'), 'latin1').split('\0');
  const builtin = modinfo.flatMap((line) => /^[^.]+\.alias=(.*)$/.exec(line)?.[1] ?? []);
  return new Set([...[...text].map((m) => m[1]!), ...builtin]);
}

/** Whether one of many patterns matches a key; patterns are sought by their literal starts. */
function matcher(patterns: readonly string[]): (key: string) => boolean {
  const byStart = new Map<string, string[]>();
  for (const pattern of new Set(patterns)) {
    const start = /^[^*?[]*/.exec(pattern)![0];
    byStart.set(start, [...(byStart.get(start) ?? []), pattern]);
  }
  const lengths = [...new Set([...byStart.keys()].map((start) => start.length))];
  return (key) => {
    const normal = key.replaceAll('-', '_');
    return lengths.some((length) => byStart.get(normal.slice(0, length))?.some((pattern) => fnmatch(pattern, normal)));
  };
}
