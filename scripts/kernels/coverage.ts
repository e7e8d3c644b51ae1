import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { knownDevice } from '../../src/inventory/known-device.ts';
import type { Answer } from '../../src/packaging/coverage/answer.ts';
import { fetchKernel, type Kernel } from '../debian/kernel.ts';
import { keysFrom } from '../libkmod/keys.ts';
import { libkmodLookup, libkmodProgram } from '../libkmod/libkmod.ts';
import { type Check, cli } from './check.ts';

/** The kernels that each is asked together with; any other is asked alone. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'bookworm:amd64:6.12': ['bookworm:amd64:6.1', 'sid:amd64'],
};

/** Kinds of devices and how many; libkmod tries `of:` patterns one by one, so they are few. */
const KINDS: readonly (readonly [pattern: RegExp, count: number])[] = [
  [/^pci:/, 2000],
  [/^usb:/, 1000],
  [/^hid:/, 500],
  [/^acpi/, 500],
  [/^of:/, 200],
  [/^[a-z0-9_-]+:/, 1000],
];

interface Line {
  readonly modalias: string;
  readonly answers: readonly Answer[];
}

const MODALIAS = /^[a-z][a-z0-9_-]*:\S/;

/** Whether an inventory takes a key for a whole modalias; some are damaged in their bus or in the tag of a field. */
const isWhole = (key: string) => MODALIAS.test(key) && knownDevice(key).modalias === key;

/** `coverage` answers every device on every kernel as libkmod does, in each way that it can be asked. */
export const coverage: Check = {
  name: 'coverage',
  async run(kernel, work) {
    const kernels = [...(BESIDE[kernel.name] ?? []).map(fetchKernel), kernel];
    const program = libkmodProgram(work);
    const patterns = kernels.flatMap(patternsOf);
    const made = [
      ...new Set(
        KINDS.flatMap(([kind, count]) =>
          keysFrom(
            patterns.filter((p) => kind.test(p)),
            count,
            7,
          ),
        ),
      ),
    ];
    const keys = made.filter(isWhole);
    const file = path.join(work, 'devices');
    writeFileSync(file, `${keys.join('\n')}\n`, 'latin1');
    const args = [
      'coverage',
      '-d',
      file,
      '--fail-on',
      'none',
      ...kernels.flatMap(({ indexed }, i) => ['-m', `k${i}=${indexed}`]),
    ];
    const [document, lines] = [['--json'], ['--format', 'ndjson']].map((format) => {
      const { status, stdout, stderr } = cli([...args, ...format]);
      if (status !== 0 || stderr !== '') throw new Error(`coverage ${format.join(' ')} exits ${status}: ${stderr}`);
      return stdout.toString('utf8');
    }) as [string, string];
    const byModalias = (devices: readonly Line[]) =>
      new Map(devices.map(({ modalias, answers }) => [modalias, answers]));
    const asked = [
      byModalias((JSON.parse(document) as { devices: Line[] }).devices),
      byModalias(
        lines
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
      ),
    ];
    const failures: string[] = [];
    let served = 0;
    for (const [i, { indexed, name }] of kernels.entries()) {
      const loadable = namesIn(indexed, 'modules.dep');
      for (const [k, theirs] of libkmodLookup(program, indexed, keys).entries()) {
        const expected = [...new Set(theirs)];
        if (expected.length > 0) served++;
        const states =
          expected.length === 0
            ? ['none', 'unknown']
            : expected.some((module) => loadable.has(module))
              ? ['module', 'generic']
              : ['builtin', 'generic'];
        for (const answers of asked) {
          const ours = answers.get(keys[k]!)?.[i];
          if (ours?.modules.join() === expected.join() && states.includes(ours.state)) continue;
          failures.push(
            `${keys[k]} on ${name}: libkmod says ${expected.join(' ') || 'none'}, we say ${JSON.stringify(ours)}`,
          );
        }
      }
    }
    checkIncomplete(keys, kernels, program, file, failures);
    const figure = `${keys.length} devices on ${kernels.length} kernel${kernels.length === 1 ? '' : 's'}, ${served} answers with a module, as libkmod’s`;
    return { failures, figure };
  },
};

/** What lspci -n and lsusb do not print of a device. */
const LACKING: readonly (readonly [whole: RegExp, seen: string])[] = [
  [
    /^pci:v0000([0-9A-F]{4})d0000([0-9A-F]{4})sv[0-9A-F]{8}sd[0-9A-F]{8}bc([0-9A-F][0-9A-F])sc([0-9A-F][0-9A-F])i[0-9A-F][0-9A-F]$/,
    '00:00.0 $3$4: $1:$2',
  ],
  [
    /^usb:v([0-9A-F]{4})p([0-9A-F]{4})d[0-9A-F]{4}dc[0-9A-F][0-9A-F]dsc[0-9A-F][0-9A-F]dp[0-9A-F][0-9A-F]ic[0-9A-F][0-9A-F]isc[0-9A-F][0-9A-F]ip[0-9A-F][0-9A-F]in[0-9A-F][0-9A-F]$/,
    'Bus 001 Device 001: ID $1:$2',
  ],
];
const INCOMPLETE = 300;

/** What is said of a device of which fields are missing holds for one that has them: by libkmod's answers to this. */
function checkIncomplete(
  keys: readonly string[],
  kernels: readonly Kernel[],
  program: string,
  file: string,
  failures: string[],
): void {
  for (const [whole, seen] of LACKING) {
    const wholes = keys.filter((key) => whole.test(key)).slice(0, INCOMPLETE);
    writeFileSync(file, wholes.map((key) => `${key.replace(whole, seen)}\n`).join(''));
    const args = kernels.flatMap(({ indexed }, i) => ['-m', `k${i}=${indexed}`]);
    const { stdout } = cli(['coverage', '-d', file, '--fail-on', 'none', '--format', 'ndjson', ...args]);
    const lines = stdout
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    if (lines.length !== wholes.length)
      failures.push(`${lines.length} answers to ${wholes.length} lines such as ${seen}`);
    for (const [i, { indexed, name }] of kernels.entries())
      for (const [k, theirs] of libkmodLookup(program, indexed, wholes).entries()) {
        const { state, modules, depends = [] } = lines[k]!.answers[i]!;
        const holds =
          modules.every((module) => theirs.includes(module)) &&
          theirs.every((module) => [...modules, ...depends].includes(module));
        const isNone = state === 'none' && theirs.length > 0;
        if (!holds || isNone)
          failures.push(
            `${wholes[k]} on ${name}: libkmod says ${theirs.join(' ') || 'none'}, of ${lines[k]!.modalias} we say ${JSON.stringify(lines[k]!.answers[i])}`,
          );
      }
  }
}

function patternsOf({ golden }: Kernel): string[] {
  const lines = readFileSync(path.join(golden, 'modules.alias'), 'latin1').split('\n');
  return lines.filter((line) => line.startsWith('alias ')).map((line) => line.slice(6, line.lastIndexOf(' ')));
}

/** The names of the modules that a list of a modules directory has. */
function namesIn(folder: string, list: string): ReadonlySet<string> {
  const file = path.join(folder, list);
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const files = readFileSync(file, 'latin1')
    .split('\n')
    .map((line) => path.basename(line.split(':', 1)[0]!));
  return new Set(files.map((name) => name.replace(/\..*$/, '').replaceAll('-', '_')));
}
