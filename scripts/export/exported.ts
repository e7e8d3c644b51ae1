import { openAliasIndex, parseAliases } from '../../src/lookup/load.ts';
import { type Chosen, choose, type Offered } from '../../src/packaging/export/choose.ts';
import type { Exported } from '../../src/packaging/export/export.ts';
import { EXPORT_FORMATS } from '../../src/packaging/export/formats.ts';
import { Random } from '../../test/support/random.ts';
import type { Kernel } from '../debian/kernel.ts';
import { cli, mustCli } from '../kernels/check.ts';
import { keysFrom } from '../libkmod/keys.ts';

/** A kernel, the modaliases to ask for, and what `lookup` answers. */
export interface Questions {
  readonly kernel: Kernel;
  readonly chosen: Chosen;
  readonly keys: readonly string[];
  /** The patterns of modules.alias that match each key, with their modules. */
  readonly expected: readonly (readonly Offered[])[];
}

/** Kinds of patterns, and what share of the keys is made from each. */
const KINDS: readonly (readonly [pattern: RegExp, share: number])[] = [
  [/^pci:/, 0.25],
  [/^usb:/, 0.2],
  [/^of:/, 0.15],
  [/^acpi/, 0.1],
  [/^(?!pci:|usb:|of:|acpi)/, 0.3],
];

/** What damaged keys may be no longer. */
const DEVICE = /^[a-z][a-z0-9_-]*:[\x21-\x7e]+$/;

/** Distinct modaliases as devices of a kernel's drivers carry them, one in ten damaged, and the answers of `lookup`. */
export function questionsOf(kernel: Kernel, count: number): Questions {
  const chosen = choose(openAliasIndex(kernel.indexed));
  const random = new Random(7);
  const patterns = chosen.patterns.map(({ pattern }) => asDevicesBegin(dashed(pattern, random), random));
  const keys = KINDS.flatMap(([kind, share], seed) => {
    const most = Math.ceil(share * count);
    const those = patterns.filter((pattern) => kind.test(pattern));
    return keysFrom(those, 2 * most, seed)
      .filter((key) => DEVICE.test(key))
      .slice(0, most);
  });
  if (keys.length < count) throw new Error(`the patterns make ${keys.length} keys, expected ${count}`);
  const { status, stdout, stderr } = cli(['lookup', '--json', '-m', kernel.indexed, '-'], { input: keys.join('\n') });
  if (status > 1) throw new Error(`lookup exits ${status}: ${stderr}`);
  const lines = stdout.toString('utf8').trim().split('\n');
  return { kernel, chosen, keys, expected: lines.map(aliasesIn) };
}

/** Aliases of no kernel, with bytes beyond ASCII; and modaliases for them, UTF-8 as devices might print it. */
const PLANTED = ['platform:caf\u00e9', 'of:N*T*C\u20ac_2*', 'platform:x*?y', 'platform:z*[!b]q', 'mdio:01????'].map(
  bytesOf,
);
const FOR_PLANTED = [
  ...['platform:caf\u00e9', 'platform:cafe', 'of:N\u00e9T(null)C\u20ac-2', 'of:NaT(null)C\u20ac-3', 'platform:x1y'],
  ...['platform:x\u00e9y', 'platform:x\u00e9', 'platform:z\u00e9q', 'platform:zaq', 'platform:zbq', 'mdio:010101'],
].map(bytesOf);

/** The questions with some about patterns that kernels do not have. */
export function withPlanted(questions: Questions): Questions {
  const index = parseAliases(PLANTED.map((pattern) => `alias ${pattern} planted\n`).join(''));
  const { chosen, keys, expected } = questions;
  const answers = FOR_PLANTED.map((key) =>
    index.lookup(key).map(({ pattern, module }) => ({ pattern, modules: [module] })),
  );
  return {
    ...questions,
    chosen: { ...chosen, patterns: [...chosen.patterns, ...choose(index).patterns] },
    keys: [...keys, ...FOR_PLANTED],
    expected: [...expected, ...answers],
  };
}

/** One character for each byte of UTF-8. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What modules.alias answers in a document of `lookup`, as patterns with their modules. */
function aliasesIn(line: string): Offered[] {
  const { matches } = JSON.parse(line) as { matches: { module: string; pattern: string; source: string }[] };
  return matches
    .filter(({ source }) => source === 'alias')
    .map(({ module, pattern }) => ({ pattern, modules: [module] }));
}

/** An index has underscores only; devices have both. */
function dashed(pattern: string, random: Random): string {
  return pattern.replaceAll('_', () => (random.oneIn(2) ? '-' : '_'));
}

/** What devices print for `acpi*:X:*`, which keys of random letters would not begin with. */
function asDevicesBegin(pattern: string, random: Random): string {
  return pattern.replace(/^([a-z]+)\*:/, (_, bus: string) => (random.oneIn(2) ? `${bus}:` : `${bus}:ABCD0001:`));
}

/** What a format makes of some of the patterns; `npm run test:export` compares the whole with the command's output. */
export function exported(format: string, patterns: readonly Offered[]): Exported {
  const settings = { package: 'kmp-default' };
  return EXPORT_FORMATS[format]!.write({ patterns, modules: [], blacklisted: [], noDevice: 0 }, settings);
}

/** The output of the command for all of a kernel. */
export function commandOutput(format: string, kernel: Kernel): string {
  return mustCli(['export', format, '--package', 'kmp-default', '-m', kernel.indexed]).toString('latin1');
}

/** The patterns of each module, or of each group of modules. */
export function byModule(patterns: readonly Offered[], groupOf: (module: string) => string): Map<string, Offered[]> {
  const groups = new Map<string, Map<string, Offered>>();
  for (const offered of patterns)
    for (const module of offered.modules) {
      const group = groups.get(groupOf(module)) ?? new Map();
      groups.set(groupOf(module), group.set(offered.pattern, offered));
    }
  return new Map([...groups].map(([name, group]) => [name, [...group.values()]]));
}
