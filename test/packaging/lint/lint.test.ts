import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lint } from '../../../src/packaging/lint/lint.ts';
import type { LintRuleName } from '../../../src/packaging/lint/rules.ts';
import { modulesTree, putFiles, removeTree } from '../../support/modules-tree.ts';
import { debOf, kernelRoot } from '../../support/packages.ts';
import { pciAlias, pciModule } from '../../support/pci-module.ts';

const BAD = 'platform:a[-]b';
const ids: (readonly [number, number])[] = [[0x8086, 0x1533]];
const MODULE = pciModule(ids, [pciAlias(0x8086, 0x1533), BAD]);
let root: string;

beforeEach(() => {
  root = modulesTree({ 'kernel/acme.ko': MODULE, 'kernel/good.ko': pciModule(ids) });
});
afterEach(() => removeTree(root));

describe('lint', () => {
  test('lint reads a directory, module files and packages alike', async () => {
    const expected = [
      { rule: 'dash-in-bracket', severity: 'error', module: 'acme', alias: BAD, table: null, row: null },
    ];
    const directory = await lint([root]);
    expect(directory.findings).toMatchObject([{ ...expected[0], file: join(root, 'kernel/acme.ko'), line: null }]);
    expect(directory.summary).toEqual({
      modules: 2,
      aliases: 3,
      severities: { error: 1, warning: 0, note: 0 },
      suppressed: 0,
    });
    expect((await lint([join(root, 'kernel/acme.ko')])).findings).toMatchObject(expected);
    const kernel = kernelRoot();
    putFiles(join(kernel, 'lib/modules/6.9.0-t'), { 'kernel/acme.ko': MODULE });
    const deb = debOf(kernel, 'gzip');
    expect((await lint([deb])).findings).toMatchObject([{ ...expected[0], file: expect.stringContaining('acme.ko') }]);
  });

  test('lint names the line of modules.alias, and of the JSON row that makes an alias', async () => {
    const text = join(root, 'modules.alias');
    writeFileSync(text, `# header\nalias platform:x good\nalias ${BAD} acme\n`);
    expect((await lint([text])).findings).toMatchObject([{ module: 'acme', file: text, line: 3 }]);
    const json = join(root, 'ids.json');
    writeFileSync(
      json,
      `{"module": "acme", "aliases": ["x",\n"${BAD}"],\n"tables": [{"bus": "platform", "name": "ids",\n"rows": [{"name": "c"},\n{"name": "d[-]"}]}]}`,
    );
    expect((await lint([json])).findings).toMatchObject([
      { alias: 'platform:d[-]', table: 'ids', row: 1, line: 5, file: json },
      { alias: BAD, table: null, row: null, line: 2 },
    ]);
  });

  test('lint gives each repeat of an alias a row of its own that makes it, in their order, as long as there are rows', async () => {
    const alias = pciAlias(0x8086, 0x1533);
    const twice = modulesTree({ 'kernel/twice.ko': pciModule([...ids, ...ids], [alias, alias, alias]) });
    expect((await lint([twice])).findings).toMatchObject([
      { rule: 'repeated-alias', alias, table: 'ids', row: 1 },
      { rule: 'redundant-alias', alias, table: null, row: null },
    ]);
    removeTree(twice);
  });

  test('lint gives the first of the rows that make an alias to the first line with it', async () => {
    const any = [0xffffffff, 0xffffffff] as const;
    const alias = 'pci:v*d*sv*sd*bc*sc*i*';
    const file = join(root, 'any.ko');
    writeFileSync(file, pciModule([any, ...ids, any], [alias, pciAlias(0x8086, 0x1533), alias]));
    const { findings } = await lint([file]);
    const found = findings.filter(({ rule }) => rule === 'claims-everything');
    expect(found.map(({ table, row }) => [table, row])).toEqual([
      ['ids', 0],
      ['ids', 2],
    ]);
  });

  test('lint takes a list of all that the tables make for a whole .modinfo, and any other for written by hand', async () => {
    const file = join(root, 'ids.json');
    const repeated = async (...aliases: readonly string[]) => {
      const rows = ['a', 'b'].map((name) => ({ name }));
      writeFileSync(file, JSON.stringify({ module: 'm', aliases, tables: [{ bus: 'platform', name: 'ids', rows }] }));
      return (await lint([file])).findings.map(({ rule, alias }) => `${rule} ${alias}`);
    };
    expect(await repeated('platform:a', 'platform:b')).toEqual([]);
    expect(await repeated('platform:b')).toEqual(['redundant-alias platform:b']);
    expect(await repeated('platform:b', 'platform:other')).toEqual(['redundant-alias platform:b']);
    expect(await repeated('platform:other')).toEqual([]);
  });

  test('lint reads the modules.alias of a directory without modules', async () => {
    const empty = modulesTree({ 'modules.alias': `alias ${BAD} acme\n` });
    expect((await lint([empty])).findings).toMatchObject([{ line: 1, file: join(empty, 'modules.alias') }]);
    removeTree(empty);
  });

  test('lint makes one finding of more than three of a rule in a module, and each its own with all', async () => {
    const text = join(root, 'modules.alias');
    writeFileSync(text, Array.from({ length: 4 }, (_, i) => `alias ${BAD}${i} acme\n`).join(''));
    expect((await lint([text])).findings).toMatchObject([{ count: 4, line: 1 }]);
    expect((await lint([text], { all: true })).findings).toHaveLength(4);
  });

  test('lint gives findings the severities that are asked for', async () => {
    const one = async (options: Parameters<typeof lint>[1]) => (await lint([root], options)).findings[0]?.severity;
    expect(await one({ severities: { 'dash-in-bracket': 'warning' } })).toBe('warning');
    expect(await one({ severities: { 'dash-in-bracket': 'warning' }, werror: true })).toBe('error');
    expect(await one({ severities: { 'dash-in-bracket': 'note' }, werror: true })).toBe('note');
    expect(await one({ severities: { 'dash-in-bracket': 'off' } })).toBeUndefined();
    await expect(lint([root], { severities: { 'dash-in-brackets': 'off' } as never })).rejects.toThrow(
      "'dash-in-brackets' is not a rule; did you mean 'dash-in-bracket'?",
    );
  });

  test('lint goes on after a module of a directory that cannot be read, and says so', async () => {
    putFiles(root, { 'kernel/broken.ko': 'no module' });
    const told: unknown[] = [];
    const { findings } = await lint([root], { diagnose: (diagnostic) => told.push(diagnostic) });
    expect(findings).toHaveLength(1);
    expect(told).toMatchObject([{ code: 'not-elf', severity: 'error', file: join(root, 'kernel/broken.ko') }]);
    await expect(lint([join(root, 'kernel/broken.ko')])).rejects.toMatchObject({ code: 'not-elf' });
  });

  test('lint refuses what is none of its inputs', async () => {
    putFiles(root, { 'x.bin': 'a\0b', 'bad.json': '{"module": 1}', 'empty/x': '' });
    await expect(lint([join(root, 'x.bin')])).rejects.toMatchObject({ code: 'not-aliases' });
    await expect(lint([join(root, 'bad.json')])).rejects.toMatchObject({ place: { line: 1 } });
    await expect(lint([join(root, 'empty')])).rejects.toMatchObject({ code: 'no-modules' });
    await expect(lint([join(root, 'nowhere')])).rejects.toMatchObject({ code: 'unreadable' });
    await expect(lint([join(root, 'bad.json')], { packagedRelease: '6.1' })).rejects.toMatchObject({ code: 'usage' });
  });
});

test('lint names the rows of JSON tables that rules find without an alias', async () => {
  const folder = modulesTree({
    'ids.json':
      '{"module": "acme", "tables": [{"bus": "spi", "name": "a", "rows": [{"name": "x"},\n{"name": ""},\n{"name": "y"}]},\n{"bus": "pci", "name": "b", "rows": [\n{"vendor": 1, "class": "0x020000", "class_mask": "0xf00000"}]}]}',
  });
  const { findings } = await lint([join(folder, 'ids.json')]);
  expect(findings).toMatchObject([
    { rule: 'rows-after-end', table: 'a', row: 1, line: 2 },
    { rule: 'class-mask', table: 'b', row: 0, line: 5 },
  ]);
  removeTree(folder);
});

test('lint leaves alone what verify leaves alone: drivers that a table or an alias of the bus serves', async () => {
  const imports = ['__spi_register_driver'];
  const folder = modulesTree({
    'kernel/acpi_only.ko': pciModule(undefined, ['acpi*:ACME0001:*', 'of:N*T*Cacme,a'], { imports }),
    'kernel/none.ko': pciModule(undefined, [], { imports }),
    'kernel/rpmsg.ko': pciModule(undefined, ['of:N*T*Cacme,rpm'], { imports: ['__register_rpmsg_driver'] }),
  });
  expect((await lint([folder])).findings).toMatchObject([{ rule: 'driver-without-table', module: 'none' }]);
  removeTree(folder);
});

test('lint: repeated-alias: finds rows that modpost drops, but for types whose rows differ in what no alias says', async () => {
  const table = (bus: string, row: string) =>
    `{"module": "${bus}", "kernel": "7.2", "tables": [{"bus": "${bus}", "name": "ids", "rows": [${row},\n${row}]}]}`;
  const folder = modulesTree({
    'i2c.json': table('i2c', '{"name": "a"}'),
    'ap.json': table('ap', '{"dev_type": "0x0a"}'),
  });
  const { findings } = await lint([join(folder, 'i2c.json'), join(folder, 'ap.json')]);
  expect(findings).toMatchObject([
    { rule: 'repeated-alias', module: 'i2c', table: 'ids', row: 1, alias: 'i2c:a', line: 2 },
  ]);
  removeTree(folder);
});

test('lint: an empty file is no modules.alias without a word, and no package', async () => {
  const [text, rpm] = [join(root, 'empty.alias'), join(root, 'empty.rpm')];
  for (const file of [text, rpm]) writeFileSync(file, '');
  const told: string[] = [];
  await lint([text], { diagnose: ({ code, message }) => told.push(`${code}: ${message}`) });
  expect(told).toEqual(['no-aliases: is empty, so no modalias has a match; expected a modules.alias']);
  await expect(lint([rpm])).rejects.toMatchObject({ code: 'bad-package', message: /is empty; expected a \.deb/ });
});

test.each([
  [1, 'with 1 more row behind'],
  [2, 'with 2 more rows behind'],
])('lint: rows-after-end counts the rows behind an empty one: %i', async (count, message) => {
  const rows = ['a', '', ...['b', 'c'].slice(0, count)].map((name) => ({ name }));
  const file = join(root, 'ids.json');
  writeFileSync(file, JSON.stringify({ module: 'acme', tables: [{ bus: 'i2c', name: 'ids', rows }] }));
  expect((await lint([file])).findings).toMatchObject([
    { rule: 'rows-after-end', table: 'ids', row: 1, message: expect.stringContaining(message) },
  ]);
});

test.each([
  ['*', 'every device:'],
  ['pci:*', "whose modalias begins with 'pci:'"],
  ['acpi*:*', "whose modalias begins with 'acpi:'"],
  ['fsl-mc:**', "'fsl-mc:'"],
  ['platform:*', "'platform:'"],
  ['usb:v*p*d*dc*dsc*dp*ic*isc*ip*in*', 'every USB interface'],
  ['pnp:d*', 'every PNP device'],
  ['amba:d*', 'every AMBA device'],
  ['mcb:16z*', 'every MEN chameleon unit'],
  ['scsi:t-*', 'every SCSI device'],
  ['acpi*:*:*', 'every ACPI device'],
])('lint: claims-everything finds %s', async (alias, message) => {
  const text = join(root, 'modules.alias');
  writeFileSync(text, `alias ${alias} acme\n`);
  const { findings } = await lint([text]);
  expect(findings).toMatchObject([{ rule: 'claims-everything', alias, message: expect.stringContaining(message) }]);
});

test.each([
  ['vfio_pci:*'],
  ['hid:*'],
  ['symbol:*'],
  ['crypto-*'],
  ['pci:v*'],
  ['platform:acme*'],
  ['platform: x*'],
  ['pnp:dPNP*'],
  ['pnp:d*d*'],
])('lint: claims-everything has nothing to say of %s', async (alias) => {
  const text = join(root, 'modules.alias');
  writeFileSync(text, `alias ${alias} acme\n`);
  const { findings } = await lint([text]);
  expect(findings.filter(({ rule }) => rule === 'claims-everything')).toEqual([]);
});

/** What a rule says of lines of modules.alias, in their order. */
async function said(rule: LintRuleName, ...lines: readonly string[]): Promise<string[]> {
  const text = join(root, 'modules.alias');
  writeFileSync(text, lines.map((line) => `alias ${line}\n`).join(''));
  const { findings } = await lint([text], { severities: { [rule]: 'note' }, all: true });
  return findings.flatMap((one) => (one.rule === rule ? `${one.line} ${one.module} ${one.message}` : []));
}

test('lint: shadowed-alias: names a wider alias of the same module, and not one that is the same', async () => {
  const [narrow, wide] = ['spi:acme-1', 'spi:acme*'];
  expect(await said('shadowed-alias', `${narrow} m`, `${wide} m`)).toEqual([
    `1 m the module has a wider alias: ${wide}`,
  ]);
  expect(await said('shadowed-alias', `${wide} m`, 'spi:acme_1 m', 'spi:*-1 m')).toHaveLength(1);
  expect(await said('shadowed-alias', `${wide} m`, `${wide} m`, 'spi:acm-e* m')).toEqual([]);
  expect(await said('shadowed-alias', 'spi:a-b* m', 'spi:a_b* m')).toEqual([]);
  expect(await said('shadowed-alias', `${narrow} m`, `${wide} other`)).toEqual([]);
});

test('lint: lower-case-acpi: asks for upper case, unless the module has that, too', async () => {
  const [low, high] = ['acpi*:acme0001:*', 'acpi*:ACME0001:*'];
  expect(await said('lower-case-acpi', `${low} m`)).toEqual([
    "1 m found the ACPI id 'acme0001', expected 'ACME0001': firmware has upper case",
  ]);
  expect(await said('lower-case-acpi', `${low} m`, `${high} other`)).toHaveLength(1);
  expect(await said('lower-case-acpi', `${low} m`, `${high} m`)).toEqual([]);
  expect(await said('lower-case-acpi', 'acpi*:ab001:* m', 'acpi*:0123aBcD:* m')).toHaveLength(1);
});

test('lint: shared-alias: names the other modules that have an alias, once each, at the first of them', async () => {
  const text = 'the alias, too: each is loaded, a first';
  expect(await said('shared-alias', 'spi:x-y a', 'spi:x_y b', 'spi:x_y b', 'spi:z a')).toEqual([`1 a b has ${text}`]);
  expect(await said('shared-alias', 'spi:x a', 'spi:x b', 'spi:x c', 'spi:x a')).toEqual([`1 a b, c have ${text}`]);
  expect(await said('shared-alias', 'spi:x a', 'spi:x a', 'spi:[ a', 'spi:[ b')).toEqual([]);
});

test('lint: override-and-plain: names the plain alias that includes what needs an override', async () => {
  const [card, any] = ['pci:v00001234d00000001sv*sd*bc*sc*i*', 'pci:v*d*sv*sd*bc*sc*i*'];
  const told = `1 m the module claims the same devices without driver_override: ${any}`;
  expect(await said('override-and-plain', `vfio_${card} m`, `${any} m`)).toEqual([told]);
  expect(await said('override-and-plain', `vfio_${any} m`, `${card} m`)).toEqual([]);
  expect(await said('override-and-plain', `vfio_${card} m`, `${any} other`, `vfio_${any} m`)).toEqual([]);
});

test('lint: rows-after-end and empty-row: an empty row is the end of a table, or one too many at its end', async () => {
  const file = join(root, 'ids.json');
  const found = async (...names: readonly string[]) => {
    const tables = [{ bus: 'i2c', name: 'ids', rows: names.map((name) => ({ name })) }];
    writeFileSync(file, JSON.stringify({ module: 'acme', tables }));
    const { findings } = await lint([file]);
    return findings.map(({ rule, row }) => `${rule} ${row}`);
  };
  expect(await found('a', '')).toEqual(['empty-row 1']);
  expect(await found('a', 'b')).toEqual([]);
  expect(await found('', 'b')).toEqual(['rows-after-end 0']);
  expect(await found('a', '', 'b')).toEqual(['rows-after-end 1']);
});
