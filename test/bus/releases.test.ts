import { describe, expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import type { JsonRow } from '../../src/tables/complete-row.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import { parseRelease } from '../../src/release.ts';
import { aliasesOf } from './aliases.ts';

describe('aliases by release', () => {
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
    ['mcb', { device: 7 }, { '6.17': [], '6.18': ['mcb:16z007'] }],
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
        '5.10': ['input:b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
        '6.11': ['input:b*v*p*e*-e*k*r*0,*a*m*l*s*f*w*'],
        '6.12': ['input:b*v*p*e*-e*k*r*0,*F,*a*m*l*s*f*w*'],
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
