import { describe, expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { busNamed } from '../../src/bus/buses.ts';
import type { Row } from '../../src/bus/define/bus.ts';
import type { JsonRow } from '../../src/tables/complete-row.ts';
import { aliasesOf, remarksOf } from './aliases.ts';

/** What modpost would not tell, or tells in its own words: found, expected, and what it comes to. */
test.each<[bus: string, row: JsonRow, severity: string, message: string]>([
  ['pci', { override_only: 2 }, 'warning', 'no prefix is known for override_only 2'],
  [
    'pci',
    { class: 0x030000, class_mask: 0xff8000 },
    'warning',
    'class_mask 0xff8000 has a byte that is neither 0x00 nor 0xff; no alias can express that, though the kernel matches such rows',
  ],
  ['cdx', { override_only: 7 }, 'warning', 'no prefix is known for override_only 7'],
  ['cdx', { class: 1 }, 'note', 'the alias has eight class digits, the modalias of a cdx device six: it never matches'],
  [
    'cdx',
    { class: 1, class_mask: 0xff },
    'note',
    'class_mask 0xff is neither 0 nor 0xffffff: the alias has c*, wider than the row',
  ],
  [
    'usb',
    {},
    'warning',
    'no alias: idVendor, idProduct, bDeviceClass and bInterfaceClass are all 0; expected one that is not (modpost silently skips such rows, whatever match_flags says)',
  ],
  [
    'usb',
    { idVendor: 1, bcdDevice_lo: 0x20, bcdDevice_hi: 0x1f },
    'warning',
    'no alias: bcdDevice_lo 0x0020 is above bcdDevice_hi 0x001f; expected the lower one first',
  ],
  [
    'usb',
    { idVendor: 1, bcdDevice_lo: 0x120, bcdDevice_hi: 0x129 },
    'note',
    "modpost writes bcdDevice as '012' where the last digit can be any: it never matches",
  ],
  ['pnp_card', { devs: [] }, 'warning', 'no alias: the card has no devices; expected ids in devs'],
  ['wmi', { guid_string: 'x' }, 'warning', "guid_string 'x' is not a GUID"],
  [
    'amba',
    { id: 0x13, mask: 0x12 },
    'error',
    'id 0x00000013 has bits outside mask 0x00000012, so no device can match; clear them or widen the mask',
  ],
])(
  'generateAliases: a %s row %j: a %s that says what was found and what it comes to',
  (bus, row, severity, message) => {
    expect(remarksOf(bus, [row])).toEqual([[severity, message]]);
  },
);

test.each<[bus: string, row: JsonRow, code: string]>([
  ['pci', { override_only: 2 }, 'unknown-override'],
  ['pci', { class: 0x030000, class_mask: 0xff8000 }, 'class-mask'],
  ['cdx', { override_only: 7 }, 'unknown-override'],
  ['cdx', { class: 1 }, 'cdx-class-unmatched'],
  ['cdx', { class: 1, class_mask: 0xff }, 'cdx-class-wider'],
  ['usb', {}, 'usb-empty-row'],
  ['usb', { idVendor: 1, bcdDevice_lo: 0x20, bcdDevice_hi: 0x1f }, 'usb-empty-range'],
  ['usb', { idVendor: 1, bcdDevice_lo: 0x120, bcdDevice_hi: 0x129 }, 'usb-range-unmatched'],
  ['pnp_card', { devs: [] }, 'pnp-card-empty'],
  ['wmi', { guid_string: 'x' }, 'wmi-guid'],
  ['amba', { id: 0x13, mask: 0x12 }, 'amba-mask'],
])('generateAliases: what is said of a %s row %j has a code: %s', (bus, row, code) => {
  expect(aliasesOf(bus, [row]).codes).toEqual([code]);
});

test.each([
  [0x120, 0x128],
  [0x1000, 0x1999],
  [0x123, 0x123],
  [0x12, 0x9999],
])('generateAliases: nothing is said of a usb range whose patterns match: 0x%i to 0x%i', (lo, hi) => {
  expect(aliasesOf('usb', [{ idVendor: 1, bcdDevice_lo: lo, bcdDevice_hi: hi }]).codes).toEqual([]);
});

describe('generateAliases: rows at the boundary of a remark', () => {
  test.each<[bus: string, rows: readonly JsonRow[], aliases: readonly string[]]>([
    ['usb', [{ idVendor: 1, bcdDevice_lo: 5, bcdDevice_hi: 5 }], ['usb:v0001p*d0005dc*dsc*dp*ic*isc*ip*in*']],
    ['usb', [{ idProduct: 1 }], ['usb:v*p0001d*dc*dsc*dp*ic*isc*ip*in*']],
    ['usb', [{ bDeviceClass: 1 }], ['usb:v*p*d*dc01dsc*dp*ic*isc*ip*in*']],
    ['usb', [{ bInterfaceClass: 1 }], ['usb:v*p*d*dc*dsc*dp*ic01isc*ip*in*']],
    ['usb', [{ idVendor: 1, bcdDevice_lo: 0x9000 }], ['usb:v0001p*d9*dc*dsc*dp*ic*isc*ip*in*']],
    ['usb', [{ idVendor: 1, bcdDevice_hi: 0x0fff }], ['usb:v0001p*d0*dc*dsc*dp*ic*isc*ip*in*']],
    ['usb', [{ idVendor: 1, bcdDevice_lo: 0x100, bcdDevice_hi: 0x199 }], ['usb:v0001p*d01*dc*dsc*dp*ic*isc*ip*in*']],
    ['pci', [{ class: 0x123456, class_mask: 0 }], ['pci:v*d*sv*sd*bc*sc*i*']],
    ['pci', [{ class: 0x123456, class_mask: 0xff0000 }], ['pci:v*d*sv*sd*bc12sc*i*']],
    ['pci', [{ class: 0x123456, class_mask: 0x00ff00 }], ['pci:v*d*sv*sd*bc*sc34i*']],
    ['pci', [{ class: 0x123456, class_mask: 0x0000ff }], ['pci:v*d*sv*sd*bc*sc*i56*']],
    ['cdx', [{ class: 0, class_mask: 0 }], ['cdx:v*d*sv*sd*c*']],
    ['amba', [{ id: 0x13, mask: 0x13 }], ['amba:d??????[13579BDF][37BF]']],
    ['acpi', [{ cls: 0x123456, cls_msk: 0xff0000 }], ['acpi*:12????:*']],
    ['acpi', [{ cls: 0x123456, cls_msk: 0x0000ff }], ['acpi*:????56:*']],
    ['mdio', [{ phy_id: 0x80000001, phy_id_mask: 0xc0000003 }], [`mdio:10${'?'.repeat(28)}01`]],
    ['css', [{ type: 0xf }, { type: 0x10 }], ['css:tF', 'css:t10']],
    ['mcb', [{ device: 0 }, { device: 999 }], ['mcb:16z000', 'mcb:16z999']],
    ['isapnp', [{ vendor: 0xffff, function: 0x1234 }], ['pnp:d\x7f__3412*']],
    ['isapnp', [{ vendor: 0x2104, function: 0xfedc }], ['pnp:dAAAdcfe*']],
    ['tbsvc', [{ protocol_key: '' }], ['tbsvc:kp*v*r*']],
    [
      'mei',
      [{ name: 'a', uuid: '12f80028-b4b7-4b2d-aca8-46e0ff65814c', version: 0 }],
      ['mei:a:12f80028-b4b7-4b2d-aca8-46e0ff65814c:00:*'],
    ],
    ['x86cpu', [{ feature: 0xabc, family: 0xf }], ['cpu:type:x86,ven*fam000Fmod*:feature:*0ABC*']],
    ['vio', [{ type: ' \t\n\v\f\r', compat: '*' }], ['vio:T______S*']],
    ['of', [{ name: 'a b', type: 'c\td' }], ['of:Na_bTc_d', 'of:Na_bTc_dC*']],
    [
      'input',
      [{ keybit: [0x70, 0x71, 0x2ff], ledbit: [], swbit: [0x11] }],
      ['input:b*v*p*e*-e*k*71,*2FF,*r*a*m*l*s*f*w*11,*'],
    ],
    ['dmi', [{ matches: [{ slot: 'DMI_BIOS_DATE', substr: ' !9:;~\x7f' }] }], ['dmi*:bd*!9;~*:']],
  ])('%s %j', (bus, rows, aliases) => {
    expect(aliasesOf(bus, rows).aliases).toEqual(aliases);
  });
});

test('pnp_card: an empty id ends the list, and an id of an earlier row is not written again', () => {
  const card = (...ids: string[]) => ({ id: '', devs: ids.map((id) => ({ id })) }) as unknown as Row;
  const rows = [card('A', '', 'B'), card('A', 'C'), card('B', 'C')];
  const { aliases } = generateAliases([{ bus: busNamed('pnp_card')!, name: 'ids', rows }], { release: '6.12' });
  expect(aliases.map(({ alias, row }) => `${row} ${alias}`)).toEqual([
    ...['0 pnp:dA*', '0 acpi*:A:*', '1 pnp:dC*', '1 acpi*:C:*', '2 pnp:dB*', '2 acpi*:B:*'],
  ]);
});

/** The slots of a machine that an alias can name, in the order of the device's modalias, whatever order the row has. */
test('dmi: each slot has its prefix and its place', () => {
  const slots = {
    DMI_BIOS_VENDOR: 'bvn',
    DMI_BIOS_VERSION: 'bvr',
    DMI_BIOS_DATE: 'bd',
    DMI_BIOS_RELEASE: 'br',
    DMI_EC_FIRMWARE_RELEASE: 'efr',
    DMI_SYS_VENDOR: 'svn',
    DMI_PRODUCT_NAME: 'pn',
    DMI_PRODUCT_VERSION: 'pvr',
    DMI_BOARD_VENDOR: 'rvn',
    DMI_BOARD_NAME: 'rn',
    DMI_BOARD_VERSION: 'rvr',
    DMI_CHASSIS_VENDOR: 'cvn',
    DMI_CHASSIS_TYPE: 'ct',
    DMI_CHASSIS_VERSION: 'cvr',
  };
  const names = Object.keys(slots);
  for (const [i, [slot, prefix]] of Object.entries(slots).entries()) {
    expect(aliasesOf('dmi', [{ matches: [{ slot, substr: 'x' }] }]).aliases).toEqual([`dmi*:${prefix}*x*:`]);
    const next = names[i + 1];
    if (next === undefined) continue;
    const both = [next, slot].map((name) => ({ slot: name, substr: 'x' }));
    const after = slots[next as keyof typeof slots];
    expect(aliasesOf('dmi', [{ matches: both }]).aliases).toEqual([`dmi*:${prefix}*x*:${after}*x*:`]);
  }
});
