/**
 * Compares our aliases with those of the kernel's own modpost, on random id tables of every type, for every release
 * that Debian has one of: npm run test:modpost [-- ROWS [SEED]]. Types that a release is not thought to know are asked
 * about too, and any word that may be a type. Then shows each of modpost's own faults, which random tables leave out.
 */
import pMap from 'p-map';
import { buses, busNamed } from '../src/bus/buses.ts';
import { isKnown } from '../src/bus/define/bus.ts';
import { TYPES_WITHOUT_ALIASES } from '../src/module/table-symbols.ts';
import { formatRelease } from '../src/release.ts';
import { faultTable, isCompared, layoutRelease, leftOut } from '../test/modpost/compare.ts';
import { type Fault, faults, type ModpostBuild } from '../test/modpost/faults.ts';
import { moduleObject, ourAliases, randomModules, type Target, typeObject } from '../test/modpost/random-modules.ts';
import { elfMachines } from '../test/support/elf-machines.ts';
import { hostArch } from './debian/apt.ts';
import { typesOfHeaders, wordsOf } from './debian/device-types.ts';
import { fetchModpost, kbuildRelease, type Modpost, newestKbuild } from './debian/modpost.ts';
import { CannotRun, script } from './debian/run.ts';
import { type ModpostAnswer, runModpost } from './debian/run-modpost.ts';

/** Suites and the releases whose linux-kbuild they hold, and the one that is not built for i386. */
const RELEASES: readonly (readonly [suite: string, release: string, lacks?: 'no i386'])[] = [
  ['bullseye', '5.10'],
  ['bookworm', '6.1'],
  ['trixie', '6.12'],
  ['sid', '7'],
  ['trixie-backports', '7.3', 'no i386'],
];

/** A machine of each word size and byte order. */
const VARIANTS = [
  ['lsb-64', 'amd64'],
  ['msb-64', 's390x'],
  ['lsb-32', 'armhf'],
  ['msb-32', 'mips'],
] as const;

/** Rows of a type that came after a release: one would do. */
const ROWS_OF_UNKNOWN = 20;

/** A build of modpost, ready to be asked about modules of a machine. */
interface Build extends Target, ModpostBuild {
  readonly name: string;
  /** The packages for two architectures may differ in their points. */
  readonly series: string;
  readonly modpost: Modpost;
}

const numbers = process.argv.slice(2).map(Number);
const [rows = 5000, seed = Date.now() % 100_000] = numbers;

await script(async () => {
  if (numbers.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new CannotRun('expected at most two numbers: the rows of each table type, and a seed');
  const host = RELEASES.flatMap(([suite, version]) => buildsOf(suite, version, hostArch()));
  const own = RELEASES.filter(([, , lacks]) => !lacks)
    .flatMap(([suite, version]) => buildsOf(suite, version, 'i386'))
    .filter((build) => build.wordSize === 4);
  const words = new Set([
    ...TYPES_WITHOUT_ALIASES,
    ...RELEASES.flatMap(([suite, series]) => typesOfHeaders(suite, hostArch(), series)),
  ]);
  if (host.length === 0) throw new CannotRun('the archive holds no linux-kbuild whose modpost runs here');
  let good = true;
  for (const build of host) {
    const better = own.find((b) => build.wordSize === 4 && b.series === build.series && b.machine === build.machine);
    good = (await compareTypes(better ?? build)) && good;
    good = (await compareKnownTypes(build, words)) && good;
  }
  for (const fault of faults) good = (await showFault(fault, [...host, ...own])) && good;
  return good;
});

/** The variants of a release's modpost in an architecture's package that run on this machine. */
function buildsOf(suite: string, prefix: string, arch: string): Build[] {
  const version = newestKbuild(suite, arch, prefix);
  if (version === undefined) {
    console.log(`   ${suite} has no linux-kbuild-${prefix} for ${arch}`);
    return [];
  }
  const source = { suite, version, arch };
  return VARIANTS.flatMap(([variant, machineName]) => {
    const machine = elfMachines[machineName];
    const modpost = fetchModpost(source, variant);
    if (!modpost) return [];
    const release = kbuildRelease(source);
    const name = `${formatRelease(release)} ${variant} (${arch})`;
    const series = `${release.major}.${release.minor}`;
    return [{ ...machine.abi, name, series, modpost, release, machine, arch }];
  });
}

async function compareTypes(r: Build): Promise<boolean> {
  const types = buses.filter((bus) => isCompared(bus, r));
  const results = await pMap(types, (bus) => compareType(bus, r), { concurrency: 2 });
  const differences = results.flatMap((result) => result.differences);
  for (const difference of differences.slice(0, 20)) console.log(`FAIL ${r.name}: ${difference}`);
  const aliases = results.reduce((n, result) => n + result.aliases, 0);
  const known = types.filter((bus) => isKnown(bus, r.release)).length;
  const left = buses.filter((bus) => isKnown(bus, r.release) && !types.includes(bus)).map((bus) => bus.name);
  const but = left.length > 0 ? `, without ${left.join(' ')}` : '';
  console.log(
    `${differences.length === 0 ? 'ok' : 'FAIL'} ${r.name}: ${rows} rows of each of ${known} table types${but}, and of ${types.length - known} that came later, ${aliases} aliases by modpost, ${differences.length} modules differ (seed ${seed})`,
  );
  return differences.length === 0;
}

async function compareType(bus: (typeof buses)[number], r: Build): Promise<{ aliases: number; differences: string[] }> {
  const asked = isKnown(bus, r.release) ? rows : Math.min(rows, ROWS_OF_UNKNOWN);
  const laidOut = { ...r, release: layoutRelease(bus, r) };
  const modules = randomModules(bus, asked, laidOut, seed, leftOut(bus, r));
  const objects = modules.map((tables, i) => moduleObject(`m${i}`, tables, r));
  const answers = await runModpost(r.modpost, objects);
  let aliases = 0;
  const differences = modules.flatMap((tables, i) => {
    const answer = answers[i]!;
    if ('error' in answer) return [`${bus.name}, module ${i}: modpost stops: ${answer.error}`];
    aliases += answer.aliases.length;
    const ours = isKnown(bus, r.release) ? ourAliases(tables, r) : [];
    const longest = Math.max(ours.length, answer.aliases.length);
    const at = Array.from({ length: longest }, (_, k) => k).find((k) => ours[k] !== answer.aliases[k]);
    if (at === undefined) return [];
    const [theirs = 'none', own = 'none'] = [answer.aliases[at], ours[at]];
    return [`${bus.name}, module ${i}, alias ${at}: modpost makes ${theirs}, we make ${own}`];
  });
  return { aliases, differences };
}

/**
 * Asks a modpost for types that it knows and we do not: each word that may be one as the type of a table of a single
 * byte. Of a type that it does not know it says nothing; one that it does know has no rows of one byte, which it
 * complains of.
 */
async function compareKnownTypes(r: Build, words: ReadonlySet<string>): Promise<boolean> {
  const known = new Set(buses.filter((bus) => isKnown(bus, r.release)).map((bus) => bus.name));
  const names = [...new Set([...words, ...wordsOf(r.modpost), ...buses.map((bus) => bus.name)])];
  const asked = names.filter((name) => !known.has(name));
  const answers = await runModpost(
    r.modpost,
    asked.map((type, i) => typeObject(`m${i}`, type, r)),
  );
  const news = asked.filter((_, i) => !('aliases' in answers[i]!) || answers[i].aliases.length > 0);
  for (const type of news) console.log(`FAIL ${r.name}: modpost knows tables of the type ${type}, we do not`);
  if (news.length === 0) console.log(`ok ${r.name}: knows none of ${asked.length} other words as a type`);
  return news.length === 0;
}

/** Asks every modpost that has the fault about the row that shows it, and checks its answer and ours. */
async function showFault(fault: Fault, builds: readonly Build[]): Promise<boolean> {
  const { abi } = elfMachines[fault.machine];
  const asked = builds.filter(
    (b) =>
      fault.in(b) &&
      b.wordSize === abi.wordSize &&
      b.littleEndian === abi.littleEndian &&
      isKnown(busNamed(fault.bus)!, b.release),
  );
  const failures: string[] = [];
  for (const b of asked) {
    const table = faultTable(fault, b);
    const [answer] = await runModpost(b.modpost, [moduleObject('m0', [table], b)]);
    const ours = ourAliases([table], b);
    if (!isAsRecorded(fault, answer!)) failures.push(`modpost of ${b.name} answers ${JSON.stringify(answer)}`);
    if (ours.join() !== fault.ours.join()) failures.push(`for ${b.name} we answer ${JSON.stringify(ours)}`);
  }
  if (asked.length === 0) failures.push('no modpost here has it');
  for (const failure of failures) console.log(`FAIL fault '${fault.name}': ${failure}`);
  const where = asked.map((b) => b.name).join(', ');
  if (failures.length === 0) console.log(`ok fault '${fault.name}': ${fault.reason} (seen in ${where})`);
  return failures.length === 0;
}

function isAsRecorded({ modpost }: Fault, answer: ModpostAnswer): boolean {
  if ('error' in answer) return 'error' in modpost && modpost.error.test(answer.error);
  if (modpost instanceof RegExp) return modpost.test(answer.aliases.join());
  return Array.isArray(modpost) && answer.aliases.join() === modpost.join();
}
