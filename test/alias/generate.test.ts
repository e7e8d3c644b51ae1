import { describe, expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { busNamed } from '../../src/bus/buses.ts';
import type { Row } from '../../src/bus/define/bus.ts';
import { parseRelease } from '../../src/release.ts';
import { completeRow, type JsonRow } from '../../src/tables/complete-row.ts';

type Tables = readonly (readonly [bus: string, rows: readonly JsonRow[]])[];

/** Aliases and diagnostics of a module with these tables, named ids0, ids1. */
function generate(tables: Tables, kernel: string, overridePrefixes = new Map<number, string>()) {
  const release = parseRelease(kernel);
  const options = { release, overridePrefixes };
  const ready = tables.map(([name, rows], i) => {
    const bus = busNamed(name)!;
    return { bus, name: `ids${i}`, rows: rows.map((row) => completeRow(bus, row, options)) };
  });
  const { aliases, diagnostics } = generateAliases(ready, options);
  return {
    aliases: aliases.map(({ alias }) => alias),
    places: aliases.map(({ table, row }) => [table, row]),
    diagnostics,
  };
}

const spi = (...names: string[]): Tables => [['spi', names.map((name) => ({ name }))]];

describe('generateAliases', () => {
  test('generateAliases makes an alias of a module once from 6.13 on, and says which rows would make it again', () => {
    const made = (kernel: string) => {
      const release = parseRelease(kernel);
      const bus = busNamed('spi')!;
      const rows = ['a', 'b', 'a'].map((name) => completeRow(bus, { name }, { release }));
      return generateAliases([{ bus, name: 't', rows }], { release });
    };
    const at = (alias: string, row: number) => ({ alias, table: 0, row });
    const [a, b, again] = [at('spi:a', 0), at('spi:b', 1), at('spi:a', 2)];
    expect(made('6.13')).toEqual({ aliases: [a, b], diagnostics: [], dropped: [again] });
    expect(made('6.12')).toStrictEqual({ aliases: [a, b, again], diagnostics: [] });
  });

  test('generateAliases gives the table and the row of each alias, in order', () => {
    const made = generate(
      [
        ['of', [{ compatible: 'a' }, { compatible: 'b' }]],
        ['spi', [{ name: 'c' }]],
      ],
      '6.1',
    );
    expect(made.aliases).toEqual(['of:N*T*Ca', 'of:N*T*CaC*', 'of:N*T*Cb', 'of:N*T*CbC*', 'spi:c']);
    expect(made.places).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [0, 1],
      [1, 0],
    ]);
  });

  test('generateAliases keeps repeats up to 6.12 and drops them from 6.13 on, the first stays', () => {
    expect(generate(spi('a', 'b', 'a'), '6.12').aliases).toEqual(['spi:a', 'spi:b', 'spi:a']);
    expect(generate(spi('a', 'b', 'a'), '6.13').aliases).toEqual(['spi:a', 'spi:b']);
    expect(generate([...spi('a'), ...spi('a', 'c')], '7.2').aliases).toEqual(['spi:a', 'spi:c']);
  });

  test('generateAliases of pnp_card drops ids of earlier rows and, from 6.13 on, repeats inside a row', () => {
    const cards: Tables = [['pnp_card', [{ devs: ['A', 'B', 'A'] }, { devs: ['B', 'C'] }]]];
    const ids = (kernel: string) => generate(cards, kernel).aliases.filter((alias) => alias.startsWith('pnp:'));
    expect(ids('6.12')).toEqual(['pnp:dA*', 'pnp:dB*', 'pnp:dA*', 'pnp:dC*']);
    expect(ids('6.13')).toEqual(['pnp:dA*', 'pnp:dB*', 'pnp:dC*']);
  });

  test('generateAliases makes nothing of a type that the release does not know, and warns once a table', () => {
    const { aliases, diagnostics } = generate([['cdx', [{ vendor: 1 }, { vendor: 2 }]]], '6.1');
    expect(aliases).toEqual([]);
    expect(diagnostics).toEqual([
      {
        code: 'bus-too-new',
        severity: 'warning',
        message: '6.1 makes no aliases of cdx tables; 6.4 is the first release that does',
        table: 'ids0',
      },
    ]);
  });

  test('generateAliases writes override prefixes that it is given, and skips rows with others', () => {
    const rows = [{ override_only: 2 }, { override_only: 3 }, { override_only: 'vfio' }];
    const { aliases, diagnostics } = generate([['pci', rows]], '6.12', new Map([[2, 'stub']]));
    expect(aliases).toEqual(['stub_pci:v*d*sv*sd*bc*sc*i*', 'vfio_pci:v*d*sv*sd*bc*sc*i*']);
    expect(diagnostics).toMatchObject([{ code: 'unknown-override', severity: 'warning', table: 'ids0', row: 1 }]);
  });

  test('generateAliases lets a prefix that it is given for flag 1 win over vfio', () => {
    const { aliases } = generate([['pci', [{ override_only: 1 }]]], '6.12', new Map([[1, 'acme']]));
    expect(aliases).toEqual(['acme_pci:v*d*sv*sd*bc*sc*i*']);
  });

  test.each<[what: string, tables: Tables, kernel: string, code: string, severity: string, aliases: readonly string[]]>(
    [
      [
        'a class mask of parts of a byte',
        [['pci', [{ class: 1, class_mask: 1 }]]],
        '6.12',
        'class-mask',
        'warning',
        [],
      ],
      ['a wmi text of another length', [['wmi', [{ guid_string: 'x' }]]], '5.10', 'wmi-guid', 'warning', []],
      ['a wmi text that is not a GUID', [['wmi', [{ guid_string: '-'.repeat(36) }]]], '7.2', 'wmi-guid', 'warning', []],
      ['amba bits outside the mask', [['amba', [{ id: 3, mask: 2 }]]], '6.12', 'amba-mask', 'error', []],
      [
        'a cdx mask that is not whole',
        [['cdx', [{ class: 1, class_mask: 1 }]]],
        '6.12',
        'cdx-class-wider',
        'note',
        ['cdx:v*d*sv*sd*c*'],
      ],
      ['a cdx class', [['cdx', [{ class: 1 }]]], '6.12', 'cdx-class-unmatched', 'note', ['cdx:v*d*sv*sd*c00000001']],
      ['a line break', spi('a\nb'), '6.12', 'alias-line-break', 'error', []],
    ],
  )('generateAliases remarks %s', (_what, tables, kernel, code, severity, aliases) => {
    const made = generate(tables, kernel);
    expect(made.diagnostics).toMatchObject([{ code, severity, table: 'ids0', row: 0 }]);
    expect(made.aliases).toEqual(aliases);
  });

  const keys = (count: number, ...evbit: number[]): Tables => [
    ['input', [{ keybit: Array.from({ length: count }, (_, i) => 0x110 + i), ...(evbit.length > 0 && { evbit }) }]],
  ];
  const dmi = (length: number, more = 0): Tables => [
    ['dmi', [{ matches: [0, 0, 0, more].map((n) => ({ slot: 'DMI_BIOS_VENDOR', substr: 'x'.repeat(length + n) })) }]],
  ];

  test.each<[what: string, tables: Tables, kernel: string, length: number | undefined]>([
    ['input, 93 keys', keys(93), '6.12', 498],
    ['input, 92 keys and two events, as long as may be', keys(92, 1, 3), '6.12', 499],
    ['input, 92 keys and two events, one character more', keys(92, 1, 0x10), '6.12', undefined],
    ['input, 94 keys', keys(94), '6.12', undefined],
    ['input, 45 keys', keys(45), '6.13', 258],
    ['input, 45 keys and an event, as long as may be', keys(45, 1), '6.13', 261],
    ['input, 45 keys and an event, one character more', keys(45, 0x10), '6.13', undefined],
    ['input, 46 keys', keys(46), '6.13', undefined],
    ['dmi, 79 characters each', dmi(79), '6.12', 345],
    ['dmi, 57 characters each', dmi(57), '7.2', 257],
    ['dmi, 57 characters each and three, as long as may be', dmi(57, 3), '7.2', 260],
    ['dmi, 57 characters each and four', dmi(57, 4), '7.2', undefined],
    ['dmi, 58 characters each', dmi(58), '7.2', undefined],
  ])('generateAliases refuses what the buffers of modpost cannot hold: %s', (_what, tables, kernel, length) => {
    const { aliases, diagnostics } = generate(tables, kernel);
    expect(aliases.map((alias) => alias.length)).toEqual(length === undefined ? [] : [length]);
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual(
      length === undefined ? [['alias-too-long', 'error']] : [],
    );
  });
});

test.each<[length: number, warned: boolean, kernel: string]>([
  [19, false, '5.10'],
  [20, true, '5.10'],
  [20, false, '6.16'],
  [23, false, '6.16'],
  [24, true, '6.16'],
])('generateAliases: a platform name of %i bytes fills its array: %j in %s', (length, warned, kernel) => {
  const name = 'n'.repeat(length);
  const { aliases, diagnostics } = generate([['platform', [{ name: 'a' }, { name }]]], kernel);
  expect(aliases).toEqual(['platform:a', `platform:${name}`]);
  const message = `name '${name}' has ${length} bytes and its array ${length}, with no room for a terminating NUL: the kernel reads past its end`;
  expect(diagnostics).toEqual(
    warned ? [{ code: 'text-without-end', severity: 'warning', message, table: 'ids0', row: 1 }] : [],
  );
});

test('generateAliases says which releases took over a type that came to several series', () => {
  expect(generate([['mcb', [{ device: 1 }]]], '6.17').diagnostics).toMatchObject([
    {
      message: '6.17 makes no aliases of mcb tables; the first releases that do are 6.18.4 in its own series and 6.19',
    },
  ]);
});

test('generateAliases uses the newest rules for a release that is newer, and warns once', () => {
  const { aliases, diagnostics } = generate(spi('a', 'a'), '99.1');
  expect(aliases).toEqual(['spi:a']);
  expect(diagnostics).toEqual([
    {
      code: 'newer-release',
      severity: 'warning',
      message: expect.stringMatching(/^99\.1 is newer than \S+, the newest release whose rules are known/),
    },
  ]);
});

test('generateAliases shows what cannot be written: the beginning of a long alias, all of one with a line break', () => {
  const bits = Array.from({ length: 94 }, (_, i) => 0x110 + i);
  expect(generate([['input', [{ keybit: bits }]]], '6.12').diagnostics).toMatchObject([
    {
      message:
        'the alias has 503 characters, but modpost of 6.12 can write at most 499: input:b*v*p*e*-e*k*110,*111,*112,*113,*114,*115,*116,*117,*1...',
    },
  ]);
  expect(generate(spi('a\nb'), '6.12').diagnostics).toMatchObject([
    { message: 'the alias contains a line break: "spi:a\\nb"' },
  ]);
});

test('generateAliases refuses rows that are not complete, and says what makes them so', () => {
  const bus = busNamed('pci')!;
  const options = { release: parseRelease('6.12') };
  const raw = (row: unknown) => () => generateAliases([{ bus, name: 'ids', rows: [row as Row] }], options);
  const complete = completeRow(bus, { vendor: '0x8086' }, options);
  expect(raw(complete)().aliases).toMatchObject([{ alias: 'pci:v00008086d*sv*sd*bc*sc*i*' }]);
  expect(raw({ ...complete, vendor: '0x8086' })).toThrow(
    'table ids, row 0: found \'vendor\' "0x8086", expected a complete pci row; completeRow makes one from a JSON row',
  );
  expect(raw({ vendor: 0x8086 })).toThrow("found no 'device'");
  expect(raw({ vendor: 0x8086 })).toThrow(
    expect.objectContaining({
      code: 'bad-row',
      problems: [expect.objectContaining({ code: 'bad-row', severity: 'error', table: 'ids', row: 0 })],
    }),
  );
});
