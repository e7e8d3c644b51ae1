import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** The rooms of src/, lowest first: a file imports from its own room and from those before it. */
const rooms = [
  'codes.ts',
  'errors.ts',
  'nearest.ts',
  'grouped.ts',
  'arguments.ts',
  'release.ts',
  'release-history.ts',
  'files',
  'binary',
  'bus',
  'tables',
  'pattern',
  'alias',
  'index-file',
  'package',
  'module',
  'config',
  'modules-directory',
  'pattern-index',
  'match',
  'explain',
  'lookup',
  'driver-core',
  'vfio/sysfs',
  'vfio/uses',
  'vfio/resolve',
  'vfio/plan',
  'vfio/journal',
  'vfio/change',
  'vfio/index.ts',
  'inventory',
  'packaging',
  'packaging/verify',
  'packaging/diff',
  'packaging/lint',
  'packaging/coverage',
  'packaging/export',
  'boot/initramfs',
  'boot',
  'model/machines',
  'model/script',
  'model/policies',
  'model/explore',
  'model/findings',
  'report',
  'matchers',
  'command-line',
  'commands',
  'index.ts',
  'program',
  'cli.ts',
];

/** Folders with one file a thing, which may hold as many as there are things. */
const OF_THINGS = ['bus', 'commands', 'packaging/lint/rules'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.ts'))
  .sort();

/** The innermost room that a file lies in; undefined where it lies in none. */
const roomOf = (file: string) =>
  rooms.filter((room) => file === room || file.startsWith(`${room}/`)).sort((a, b) => b.length - a.length)[0];
const rankOf = (file: string) => rooms.indexOf(roomOf(file)!);

/** The files that a file imports, static and dynamic, as paths below src. */
const importsOf = (file: string): readonly string[] => imports.get(file)!;

const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join('src', file), 'utf8');
    const found = text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*|new URL\(\s*)'(\.{1,2}\/[^']+)'/g);
    const paths = [...found].map((m) => relative('src', join('src', dirname(file), m[1]!)));
    return [file, paths.filter((path) => path.endsWith('.ts'))];
  }),
);

test('src: every file belongs to a known room', () => {
  expect(files.filter((f) => roomOf(f) === undefined)).toEqual([]);
});

test('ARCHITECTURE.md: lists the rooms in their order, each with its purpose', () => {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| (`.*`) \| .+ \|$/gm);
  const listed = [...rows].flatMap(([, names]) =>
    [...names!.matchAll(/`([^`]+)`/g)].map((m) => m[1]!.replace(/\/$/, '')),
  );
  expect(listed).toEqual(rooms);
});

test('src: imports go down the rooms only', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((to) => rankOf(to) > rankOf(file))
      .map((to) => `${file} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test('src: no import goes in a circle', () => {
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const to of importsOf(file)) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('src: every imported file is there', () => {
  expect(files.flatMap((f) => importsOf(f).filter((to) => !files.includes(to)))).toEqual([]);
});

/** Files that nothing of src imports: they are what programs and libraries begin with. */
const ENTRIES = [
  'cli.ts',
  'driver-core/index.ts',
  'index.ts',
  'matchers/assert.ts',
  'matchers/matchers.ts',
  'vfio/index.ts',
  /^program\/(?!run\.)/,
];

test('src: every file is imported, and so every bus, command and format stands in its list, but for the entry points', () => {
  const imported = new Set(files.flatMap(importsOf));
  const isEntry = (file: string) => ENTRIES.some((one) => (typeof one === 'string' ? one === file : one.test(file)));
  expect(files.filter((file) => !imported.has(file) && !isEntry(file))).toEqual([]);
});

test('src: every exported function, class and constant is used outside its file', () => {
  const others = ['scripts', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const texts = new Map(
    [...files.map((file) => join('src', file)), ...others.filter((file) => /\.[cm]?ts$/.test(file))].map((file) => [
      file,
      new Set(readFileSync(file, 'utf8').match(/\w+/g)),
    ]),
  );
  const unused = files.flatMap((file) => {
    const own = join('src', file);
    const text = readFileSync(own, 'utf8');
    const exported = text.matchAll(/^export (?:async )?(?:abstract )?(?:function\*?|const|class) (\w+)/gm);
    return [...exported]
      .map(([, name]) => name!)
      .filter((name) => ![...texts].some(([other, words]) => other !== own && words.has(name)))
      .map((name) => `${file}: ${name}`);
  });
  expect(unused).toEqual([]);
});

test('src: a file has at most 250 lines', () => {
  const long = files.filter((f) => readFileSync(join('src', f), 'utf8').trimEnd().split('\n').length > 250);
  expect(long).toEqual([]);
});

/** Rooms whose files are one thing each, a bus or a format, however few lines it takes. */
const SMALL_THINGS = ['binary', 'bus', 'commands', 'inventory', 'program', 'report/formats', 'report/persist'];

test('src: a file of fewer than 25 lines has several users, or is a thing of its own', () => {
  const small = files.filter((f) => readFileSync(join('src', f), 'utf8').trimEnd().split('\n').length < 25);
  const satellites = small.filter(
    (f) =>
      !SMALL_THINGS.includes(dirname(f)) &&
      files.filter((other) => importsOf(other).includes(f)).length === 1 &&
      dirname(f) === dirname(files.find((other) => importsOf(other).includes(f))!),
  );
  expect(satellites).toEqual([]);
});

test('src: a folder has at most 25 files at one level', () => {
  const folders = new Set(files.map((file) => dirname(file)));
  const full = [...folders].filter(
    (folder) => !OF_THINGS.includes(folder) && files.filter((file) => dirname(file) === folder).length > 25,
  );
  expect(full).toEqual([]);
});

test('src: nothing is called utils', () => {
  expect(files.filter((f) => /(^|\/)(utils?|helpers?|misc|common)(\.ts|\/)/.test(f))).toEqual([]);
});
