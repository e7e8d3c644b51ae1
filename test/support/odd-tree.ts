import { execFileSync } from 'node:child_process';
import { mkdirSync, opendirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { elfMachines } from './elf-machines.ts';
import { writeModule } from './module-object.ts';
import type { randomFrom } from './random.ts';

type Random = ReturnType<typeof randomFrom>;

const DIRECTORIES = [
  '',
  'kernel',
  'kernel/drivers/net',
  'updates',
  'updates/dkms',
  'updates/aa',
  'extra',
  'weak-updates',
  'updates-x',
  '.hidden',
  'kernel/build',
  'source',
  'kernel/dir.ko',
];
const NAMES = [
  'a',
  'b-c',
  'b_c',
  'x.y',
  'e1000e',
  'foo',
  'foo-bar',
  'snd-hda-intel',
  '.hid',
  'build',
  'm\u00e9',
  'q1',
  'q2',
  'q3',
  'zz',
];
const EXTENSIONS = ['.ko', '.ko', '.ko', '.ko', '.ko.xz', '.ko.gz', '.ko.bak', '.KO', '.ko.xz.ko', '.txt'];
const WORDS = [
  'built-in',
  'external',
  'updates',
  'extra',
  'kernel',
  'updates/dkms',
  'weak-updates',
  'kernel/',
  '.hidden',
  'nowhere',
];
const PATTERNS = ['*', '^6', '6.1', '5', '[', '(6|5)[.]1', 'x$', '-[[:alpha:]]+$', '*x', 'a{1'];

const oneIn = (random: Random, n: number) => random.below(n) === 0;

const alias = (random: Random): string => {
  if (oneIn(random, 60)) return '-x'.repeat(random.below(3000));
  const pieces = [
    'pci:v',
    'usb:',
    '0000',
    'a',
    'b',
    '-',
    '_',
    '*',
    '?',
    '[a-c]',
    '[',
    ']',
    ' ',
    '=',
    '\\',
    'of:N',
    'of:NT',
    ',',
    '~',
  ];
  let text = '';
  for (let n = random.below(7); n > 0; n--) text += random.pick(pieces);
  return text;
};

/** A module's bytes: mostly sound, some broken in ways that depmod meets with an error message. */
function moduleBytes(random: Random): Uint8Array {
  if (oneIn(random, 12)) return oneIn(random, 2) ? new Uint8Array() : Buffer.from('no module at all\n');
  const strings: string[] = [];
  for (let n = random.below(8); n > 0; n--)
    strings.push(
      random.pick([
        'license=GPL',
        'alias',
        'aliases=x',
        'alias=',
        'Alias=y',
        ...Array.from({ length: 12 }, () => `alias=${alias(random)}`),
      ]),
    );
  const machine = random.pick(Object.values(elfMachines));
  const bytes = writeModule({ machine, modinfo: strings });
  return oneIn(random, 15) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

function packed(bytes: Uint8Array, extension: string): Uint8Array {
  if (extension === '.ko.gz') return gzipSync(bytes);
  return extension === '.ko.xz' ? execFileSync('xz', ['-0', '--check=crc32', '-c'], { input: bytes }) : bytes;
}

const some = (random: Random, most: number, line: () => string) => Array.from({ length: random.below(most + 1) }, line);

function order(random: Random, files: readonly string[]): string {
  const lines = some(random, files.length * 2, () =>
    oneIn(random, 8)
      ? random.pick(['', '#336', 'kernel/none.ko', 'a.ko ', '\0', '../x'])
      : random.pick(files).replace(/\.(xz|gz)$/, ''),
  );
  return lines.join('\n') + (oneIn(random, 6) ? '' : '\n');
}

function config(random: Random, external: string): string {
  const name = () => random.pick(NAMES);
  const lines = some(random, 5, () => {
    switch (random.below(6)) {
      case 0:
      case 1:
        return `search ${some(random, 4, () => random.pick(WORDS)).join(oneIn(random, 3) ? '\t ' : ' ')}`;
      case 2:
        return `override ${name()} ${random.pick(PATTERNS)} ${random.pick(DIRECTORIES)}`;
      case 3:
        return `external ${random.pick(PATTERNS)} ${oneIn(random, 4) ? '/nonexistent' : external}`;
      case 4:
        return `exclude ${random.pick([...NAMES, 'dkms', 'aa', 'drivers', 'a.ko'])}`;
      default:
        return random.pick([
          '# note',
          '',
          'search \\\nextra',
          'sea\\rch extra',
          ' override a * extra',
          'bad line',
          'override a *',
          'search',
        ]);
    }
  });
  return lines.join('\n') + (oneIn(random, 5) ? '' : '\n');
}

function builtinModinfo(random: Random): string {
  const text = some(random, 12, () => {
    const module = random.pick(['ext4', 'usbcore', 'a_b', '', 'a-b', '.']);
    const string = random.pick([
      '.license=GPL',
      '.alias',
      '',
      `.alias=${alias(random)}`,
      `.alias=${alias(random)}`,
      `.alias=${alias(random)}`,
      '=x',
      `.parm=x:${'y'.repeat(random.below(5000))}`,
    ]);
    return `${module}${string}\0`;
  }).join('');
  return oneIn(random, 5) ? text.slice(0, -1) : text;
}

/**
 * A modules directory as a hostile packager would make it, below BASE/lib/modules/RELEASE, and depmod.d files below
 * BASE/conf.
 */
export function makeOddTree(random: Random, base: string, release: string): void {
  const root = join(base, 'lib/modules', release);
  const files: string[] = [];
  const put = (path: string, data: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  };
  mkdirSync(root, { recursive: true });
  mkdirSync(join(base, 'external'));
  for (let n = 1 + random.below(14); n > 0; n--) {
    const extension = random.pick(EXTENSIONS);
    const file = join(random.pick(DIRECTORIES), random.pick(NAMES) + extension);
    const inside = oneIn(random, 12) ? join(base, 'external') : root;
    if (files.includes(file)) continue;
    files.push(file);
    put(join(inside, file), packed(moduleBytes(random), extension));
  }
  const link = (target: string, name: string) => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    symlinkSync(target, join(root, name));
  };
  if (oneIn(random, 4)) link(join(base, 'external'), 'kernel/linked');
  if (oneIn(random, 4)) link('nowhere', 'kernel/dangling.ko');
  // Not to gzip: a depmod without zlib cannot read it under any name.
  if (oneIn(random, 4) && !files[0]!.endsWith('.gz')) link(files[0]!, 'another.ko');
  if (oneIn(random, 4)) put(join(root, 'kernel/sub/plain.ko'), moduleBytes(random));
  if (!oneIn(random, 4)) put(join(root, 'modules.order'), order(random, files));
  if (!oneIn(random, 5)) put(join(root, 'modules.builtin.modinfo'), builtinModinfo(random));
  mkdirSync(join(base, 'conf'));
  if (!oneIn(random, 3)) put(join(base, 'conf/b.conf'), config(random, join(base, 'external')));
  if (oneIn(random, 3)) put(join(base, 'conf/a.conf'), config(random, join(base, 'external')));
  if (oneIn(random, 4)) put(join(base, 'conf/c.con'), config(random, join(base, 'external')));
  if (oneIn(random, 4)) put(join(base, 'conf/.d.conf'), config(random, join(base, 'external')));
}

/**
 * Every file below a directory in the order in which the file system gives it, links followed, as depmod comes upon
 * them.
 */
export function filesAsListed(directory: string): string[] {
  const handle = opendirSync(directory);
  const files: string[] = [];
  for (let entry = handle.readSync(); entry; entry = handle.readSync()) {
    const path = join(directory, entry.name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) files.push(...filesAsListed(path));
    else files.push(path);
  }
  handle.closeSync();
  return files;
}
