import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { buses } from '../../../src/bus/buses.ts';
import { isKnown } from '../../../src/bus/define/bus.ts';
import { rowLayout } from '../../../src/bus/define/read-rows.ts';
import { ModaliasError } from '../../../src/errors.ts';
import { writeIndex } from '../../../src/index-file/index-writer.ts';
import { extractModuleBytes } from '../../../src/modules-directory/extract-modules.ts';
import { LINT_SEVERITY_RULES, type LintResult, lint } from '../../../src/packaging/lint/lint.ts';
import { parseRelease } from '../../../src/release.ts';
import { formatModuleLine } from '../../../src/tables/format-tables.ts';
import { elfMachines } from '../../support/elf-machines.ts';
import { writeModule } from '../../support/module-object.ts';
import { moduleShape } from '../../support/module-shapes.ts';
import { putFiles } from '../../support/modules-tree.ts';
import { mutate, mutation } from '../../support/mutations.ts';
import { debOf, kernelRoot } from '../../support/packages.ts';
import { Random } from '../../support/random.ts';
import { tableSymbol } from '../../support/table-symbol.ts';

/** Inputs of each kind; 75 take two seconds. */
const RUNS = Number(process.env.FUZZ_LINT ?? 30);
const SEED = Number(process.env.FUZZ_SEED ?? 20);
const RELEASE = parseRelease('7.2');

const dir = mkdtempSync(join(tmpdir(), 'lint-damaged-'));
const packaged = kernelRoot();
afterAll(() => {
  rmSync(dir, { recursive: true });
  execFileSync('sh', ['-c', 'rm -rf "$0" "$0"-*', packaged]);
});

/** Every rule, those that are off too. */
const severities = Object.fromEntries(LINT_SEVERITY_RULES.map((rule) => [rule, 'note' as const]));

/** What lint comes to: findings that can be reported, or an error of ours. */
async function outcome(paths: readonly string[]): Promise<LintResult | undefined> {
  try {
    const result = await lint(paths, { severities });
    for (const { message, severity, rule } of result.findings)
      expect([message !== '', severity, LINT_SEVERITY_RULES.includes(rule)]).toEqual([true, 'note', true]);
    return result;
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    return undefined;
  }
}

/** Lints what damage makes of bytes; answers with how many of them could be read. */
async function lintDamaged(original: Uint8Array, name: string, beside: readonly string[] = []): Promise<number> {
  const path = join(dir, name);
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (changes) => {
      writeFileSync(path, mutate(original, changes));
      if (await outcome(beside.length > 0 ? beside : [path])) read++;
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  return read;
}

/** A module with a table of random bytes of each of some types: nothing of it makes sense. */
function nonsense(random: Random): Uint8Array {
  const machine = elfMachines[random.pick(['amd64', 's390x', 'armhf'] as const)];
  const types = Array.from({ length: 3 }, () => random.pick(buses)).filter((bus) => isKnown(bus, RELEASE));
  const tables = [...new Set(types)].map((bus) => {
    const { size } = rowLayout(bus, machine.abi, RELEASE);
    const rows = Buffer.alloc(size * 6);
    // Numbers are small more often than not, so that fields are empty, flags few, texts short.
    for (let i = 0; i < size * 5; i++) rows[i] = random.oneIn(3) ? random.next() & 0x7f : 0;
    return { symbol: tableSymbol(RELEASE, 'acme', bus.name, `${bus.name}_ids`), content: rows, bind: 'local' as const };
  });
  const aliases = Array.from(
    { length: random.below(4) },
    () => `alias=${random.pick(buses).name}:${Buffer.from(random.bytes(6)).toString('latin1').replaceAll('\0', '*')}`,
  );
  return writeModule({ machine, name: 'acme', modinfo: [...aliases, 'vermagic=7.2.0 SMP'], tables });
}

test(`lint: ${RUNS} modules of nonsense, and the JSON tables of them, give findings or an error of ours`, async () => {
  const random = new Random(SEED);
  let read = 0;
  for (let i = 0; i < RUNS; i++) {
    const bytes = nonsense(random);
    const [ko, json] = [join(dir, 'acme.ko'), join(dir, 'acme.json')];
    writeFileSync(ko, bytes);
    if (await outcome([ko])) read++;
    try {
      writeFileSync(json, formatModuleLine(await extractModuleBytes(bytes, 'acme.ko')));
    } catch (error) {
      if (!(error instanceof ModaliasError)) throw error;
      continue;
    }
    await outcome([json]);
    writeFileSync(
      json,
      mutate(readFileSync(json), [{ kind: 'flip', at: random.below(1000) / 1000, bit: random.below(8) }]),
    );
    await outcome([json]);
  }
  expect(read).toBeGreaterThan(RUNS / 2);
});

test(`lint: ${RUNS} damaged modules give findings or an error of ours`, async () => {
  await lintDamaged(moduleShape('amd64', RELEASE), 'damaged.ko');
  await lintDamaged(moduleShape('s390x', RELEASE), 'damaged.ko');
});

test(`lint: ${RUNS} damaged modules.alias, indexes, lists and modprobe.d give findings or an error of ours`, async () => {
  const text =
    'alias pci:v00008086d*sv*sd*bc*sc*i* a\nalias acpi*:PNP0C0A:* b\nalias usb:v13FDp3940d010[0-9]dc*dsc*dp*ic*isc*ip*in* c\nalias of:N*T*Cacme,xC* a\n';
  const tree = join(dir, '6.1');
  const config = 'alias x* a\noptions a x=1\nsoftdep a pre: b post: c\nblacklist b\ninstall [a-c]* /bin/true\n';
  const sound = {
    'modules.alias': text,
    'modules.alias.bin': writeIndex(
      [
        { key: 'pci:v00008086d*sv*sd*bc*sc*i*', value: 'a', priority: 0 },
        { key: 'of:N*T*Cacme,xC*', value: 'a', priority: 0 },
      ],
      'post',
    ),
    'modules.builtin': 'kernel/b.ko\nkernel/c.ko\n',
    'modules.builtin.modinfo': 'b.alias=crypto-x\0c.license=GPL\0',
    'modprobe.d/a.conf': config,
    'kernel/a.ko': moduleShape('amd64', RELEASE),
  };
  expect(await lintDamaged(Buffer.from(text), 'modules.alias')).toBeGreaterThan(0);
  for (const name of Object.keys(sound).slice(0, 5) as (keyof typeof sound)[]) {
    putFiles(tree, sound);
    const bytes = sound[name];
    const read = await lintDamaged(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, `6.1/${name}`, [
      tree,
      join(tree, 'modprobe.d'),
    ]);
    expect(read, name).toBe(RUNS);
  }
});

test(`lint: ${RUNS} damaged packages give findings or an error of ours`, async () => {
  putFiles(join(packaged, 'lib/modules/6.9.0-t'), { 'kernel/shape.ko': moduleShape('amd64', RELEASE) });
  await lintDamaged(readFileSync(debOf(packaged, 'gzip')), 'damaged.deb');
});
