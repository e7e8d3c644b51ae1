import { describe, expect, test } from 'vitest';
import { buses, busNamed } from '../../src/bus/buses.ts';
import { rowLayout, rowLayouts } from '../../src/bus/define/read-rows.ts';
import { formatRelease, parseRelease } from '../../src/release.ts';
import type { JsonRow } from '../../src/tables/complete-row.ts';
import { aliasesOf } from './aliases.ts';

describe('generateAliases by release', () => {
  test.each<[bus: string, row: JsonRow, byRelease: Record<string, readonly string[]>]>([
    ['typec', { svid: '0xff01', mode: 1 }, { '6.13': ['typec:idFF01m01'], '6.14': ['typec:idFF01'] }],
    ['typec', { svid: '0xff01' }, { '5.10': ['typec:idFF01m*'], '7.2': ['typec:idFF01'] }],
    [
      'wmi',
      { guid_string: '8d9ddcbc-a997-11DA-B012-B622A1EF5492' },
      {
        '7.1': ['wmi:8d9ddcbc-a997-11DA-B012-B622A1EF5492'],
        '7.2': ['wmi:8D9DDCBC-A997-11DA-B012-B622A1EF5492'],
      },
    ],
    ['wmi', { guid_string: 'x'.repeat(36) }, { '7.1': [`wmi:${'x'.repeat(36)}`], '7.2': [] }],
    ['cdx', { vendor: 1, device: 2 }, { '6.3': [], '6.4': ['cdx:v0001d0002'], '6.7': ['cdx:v0001d0002sv*sd*c*'] }],
    ['slim', { manf_id: 1, prod_code: 2 }, { '6.11': [], '6.12': ['slim:1:2:*'] }],
    [
      'mcb',
      { device: 7 },
      { '6.17': [], '6.18.3': [], '6.18.4': ['mcb:16z007'], '6.18': ['mcb:16z007'], '6.19.0': ['mcb:16z007'] },
    ],
    ['slim', { manf_id: 0x217, prod_code: 0x60 }, { '6.1': [], '6.6': [], '6.12.0': ['slim:217:60:*'] }],
    // the test for an empty sig that was there before could not be true
    ['eisa', { sig: '' }, { '5.10.0': ['eisa:s*'], '6.1.119': ['eisa:s*'], '6.13': ['eisa:s*'] }],
    ['coreboot', { tag: 1 }, { '6.8': [], '6.9': ['coreboot:t00000001'] }],
    ['vchiq', { name: 'a' }, { '6.6': [], '6.7': ['vchiq:a'] }],
    ['mhi_ep', { chan: 'a' }, { '5.18': [], '5.19': ['mhi_ep:a'] }],
    ['ssam', { domain: 1, category: 2 }, { '5.11': [], '5.12': ['ssam:d01c02t*i*f*'] }],
    ['dfl', { type: 0, feature_id: 1 }, { '5.11': [], '5.12': ['dfl:t0000f0001*'] }],
    ['auxiliary', { name: 'a.b' }, { '5.10': [], '5.11': ['auxiliary:a.b'] }],
    [
      'input',
      { relbit: [0, 15] },
      {
        ...Object.fromEntries(
          ['5.10.232', '5.11', '5.15.175', '6.1.0', '6.1.1', '6.1.123', '6.2', '6.6.69', '6.11', '6.12.8'].map(
            (release) => [release, ['input:b*v*p*e*-e*k*r*0,*a*m*l*s*f*w*']],
          ),
        ),
        ...Object.fromEntries(
          [
            '5.10.233',
            '5.10',
            '5.15',
            '6.1.124',
            '6.1',
            '6.1.0-56-amd64',
            '6.6.70',
            '6.6',
            '6.12.9',
            '6.12',
            '6.13.0',
          ].map((release) => [release, ['input:b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*']]),
        ),
      },
    ],
  ])('%s %j', (bus, row, byRelease) => {
    for (const [kernel, aliases] of Object.entries(byRelease))
      expect(aliasesOf(bus, [row], kernel).aliases).toEqual(aliases);
  });
});

/** Bytes of a row on amd64, i386 and m68k, as compilers lay out the kernel's headers. */
test.each<[bus: string, kernel: string, sizes: readonly [amd64: number, i386: number, m68k: number]]>([
  ['pci', '5.14', [32, 28, 28]],
  ['pci', '5.15', [40, 32, 32]],
  ['usb', '5.10', [32, 24, 24]],
  ['acpi', '5.17', [32, 24, 22]],
  ['acpi', '5.18', [32, 28, 28]],
  ['rpmsg', '5.13', [32, 32, 32]],
  ['rpmsg', '5.14', [40, 36, 36]],
  ['cdx', '6.6', [8, 8, 8]],
  ['cdx', '6.7', [20, 20, 20]],
  ['x86cpu', '6.14', [24, 16, 16]],
  ['x86cpu', '6.15', [24, 20, 18]],
  ['platform', '6.15', [32, 24, 24]],
  ['platform', '6.16', [32, 28, 28]],
  ['auxiliary', '6.18', [40, 36, 36]],
  ['auxiliary', '6.19', [48, 44, 44]],
  ['ap', '7.2', [16, 8, 8]],
  ['ap', '7.3', [4, 4, 4]],
  ['css', '7.3', [16, 8, 6]],
  ['input', '6.16', [200, 164, 164]],
  ['dmi', '6.12', [344, 332, 332]],
  ['pcmcia', '6.12', [80, 52, 50]],
  ['pnp_card', '6.12', [80, 76, 76]],
  ['ssb', '6.12', [6, 6, 6]],
])('rowLayout of %s in %s: %j bytes', (bus, kernel, sizes) => {
  const machines = [
    [8, 8],
    [4, 4],
    [4, 2],
  ] as const;
  expect(
    machines.map(
      ([wordSize, maxAlign]) =>
        rowLayout(busNamed(bus)!, { littleEndian: true, wordSize, maxAlign }, parseRelease(kernel)).size,
    ),
  ).toEqual(sizes);
});

test('rowLayouts relies on no struct having changed at a point: the layout of the next series would be the older one again', () => {
  const points = buses.flatMap((bus) =>
    rowLayouts(bus, { littleEndian: true, wordSize: 8, maxAlign: 8 })
      .filter(({ from }) => from.point !== 0)
      .map(({ from }) => `${bus.name} ${formatRelease(from)}`),
  );
  expect(points).toEqual([]);
});
