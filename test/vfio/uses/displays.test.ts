import { describe, expect, test } from 'vitest';
import type { MachineDescription } from '../../fake-root.ts';
import { AT, CARD, type UsedCard, usesOf } from './used-card.ts';

const BARS = [
  '0x00000000fa000000 0x00000000faffffff 0x0000000000040200',
  '0x00000000d0000000 0x00000000dfffffff 0x000000000014220c',
].join('\n');

/** /proc/iomem with a claim on the card's second BAR; to a user without CAP_SYS_ADMIN every address is 0. */
const iomem = (claim: string, root = true) => {
  const lines = [
    ['', 'd0000000-dfffffff', 'PCI Bus 0000:01'],
    ['  ', 'd0000000-dfffffff', CARD],
    ['    ', 'd0000000-d07e8fff', claim],
    ['  ', 'fa000000-faffffff', CARD],
  ];
  return lines.map(([indent, range, name]) => `${indent}${root ? range : '00000000-00000000'} : ${name}\n`).join('');
};

const FBCON = { 'class/vtconsole/vtcon1/bind': '1\n', 'class/vtconsole/vtcon1/name': '(M) frame buffer device\n' };
const VGACON = { 'class/vtconsole/vtcon0/bind': '1\n', 'class/vtconsole/vtcon0/name': '(S) VGA+\n' };

/** What a plan for a graphics card without a driver says. */
const said = (rest: UsedCard, attributes: Readonly<Record<string, string>> = {}) =>
  usesOf({ class: '030000', driver: null, attributes: { resource: BARS, ...attributes }, ...rest });

const platform = (name: string, path = `platform/${name}`) => ({ path, bus: 'platform' });
const efifb: Partial<MachineDescription> = {
  devices: [platform('efi-framebuffer.0')],
  proc: { iomem: iomem('efifb') },
  sysfs: FBCON,
};

test('displays has nothing to say of a card that nothing shows on', () => {
  expect(said({ proc: { iomem: iomem('other') } })).toEqual([]);
  expect(said({ ...efifb, class: '020000' })).toEqual([]);
});

test('displays knows a VGA card of before there were classes, 0001', () => {
  expect(said({ ...efifb, class: '000100' })).toHaveLength(1);
  expect(said({ ...efifb, class: '000000' })).toEqual([]);
});

describe('displays: the framebuffer of the firmware', () => {
  test('on a card of class 0380 keeps a guest from starting: vfio-pci does not remove it, and it says what does', () => {
    expect(said({ ...efifb, class: '038000' })).toEqual([
      `framebuffer: efi-framebuffer.0 is in its memory (efifb): a guest will not start ("BAR 1: can't reserve"); release it first: echo 0 > /sys/class/vtconsole/vtcon1/bind; echo efi-framebuffer.0 > /sys/bus/platform/drivers/efi-framebuffer/unbind`,
    ]);
  });

  test.each([
    ['6.12.0', /: efi-framebuffer\.0 is in its memory \(efifb\), and vfio-pci removes it: the console goes dark$/],
    ['6.0.0', /vfio-pci removes it/],
    ['5.19.0', /a guest will not start \("BAR 1: can't reserve"\)/],
  ])('on a VGA card of Linux %s', (release, message) => {
    expect(said({ ...efifb, release })).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    ['simpledrm', 'BOOTFB', 'simple-framebuffer.0'],
    ['simplefb', 'BOOTFB', 'simple-framebuffer.0'],
  ])('of %s claims memory by its device, which stays when the driver is unbound', (_driver, region, name) => {
    const found = said({ class: '038000', devices: [platform(name)], proc: { iomem: iomem(region) }, sysfs: FBCON });
    expect(found).toEqual([
      `framebuffer: ${name} is in its memory (${region}): a guest will not start ("BAR 1: can't reserve"); release it first: let the card's native driver take it once, or boot with initcall_blacklist=sysfb_init`,
    ]);
  });

  test('of vesafb is found', () => {
    const found = said({
      class: '038000',
      devices: [platform('vesa-framebuffer.0')],
      proc: { iomem: iomem('vesafb') },
    });
    expect(found).toEqual([
      expect.stringMatching(/vesa-framebuffer\.0 is in its memory \(vesafb\).*drivers\/vesa-framebuffer\/unbind$/),
    ]);
  });

  test('is found without root, to whom alone /proc/iomem shows addresses', () => {
    const found = said({ ...efifb, class: '038000', proc: { iomem: iomem('efifb', false) } });
    expect(found).toEqual([expect.stringMatching(/efifb\): a guest will not start \("BAR N: can't reserve"\)/)]);
  });

  test('is found below the card, where it is from 6.9 on', () => {
    const found = said({ class: '038000', devices: [platform('', `${AT}/simple-framebuffer.0`)] });
    expect(found).toEqual([expect.stringMatching(/^framebuffer: simple-framebuffer\.0 is in its memory: a guest/)]);
  });

  test('is found by the BAR that it is in, where no region of the card is around it', () => {
    const found = said({ class: '038000', proc: { iomem: 'd0100000-d01fffff : BOOTFB\n' } });
    expect(found).toEqual([expect.stringMatching(/^framebuffer: BOOTFB is in its memory: .*"BAR 1/)]);
    expect(said({ class: '038000', proc: { iomem: 'e0000000-e01fffff : BOOTFB\n' } })).toEqual([]);
  });

  test('is in none of the six BARs where it is in the ROM behind them', () => {
    const none = '0x0000000000000000 0x0000000000000000 0x0000000000000000';
    const rom = '0x00000000000c0000 0x00000000000dffff 0x0000000000000212';
    const inside = (lines: readonly string[]) =>
      said({ class: '038000', proc: { iomem: '000c0000-000dffff : BOOTFB\n' } }, { resource: lines.join('\n') });
    expect(inside([none, none, none, none, none, rom])).toEqual([expect.stringContaining('"BAR 5:')]);
    expect(inside([none, none, none, none, none, none, rom])).toEqual([]);
  });

  test.each([
    ['the card with boot_vga', { boot_vga: '1' }, [], 'may be'],
    [
      'the card of two with boot_vga',
      { boot_vga: '1' },
      [{ path: 'pci0000:00/0000:00:02.0', bus: 'pci', attributes: { class: '0x030000' } }],
      'may be',
    ],
    ['the only card', {}, [], 'may be'],
    ['no card of two', {}, [{ path: 'pci0000:00/0000:00:02.0', bus: 'pci', attributes: { class: '0x030000' } }], null],
  ])('may be on %s where proc has no iomem', (_what, attributes, more, word) => {
    const found = said({ class: '038000', devices: [platform('efi-framebuffer.0'), ...more] }, attributes);
    const uses = found.filter((text) => text.startsWith('framebuffer'));
    expect(uses).toEqual(
      word === null ? [] : [expect.stringContaining(`efi-framebuffer.0 ${word} in its memory: a guest`)],
    );
  });

  test("without root is this card's by the regions around it only, which end where others begin", () => {
    const lines = (...texts: readonly [depth: number, name: string][]) =>
      texts.map(([depth, name]) => `${'  '.repeat(depth)}00000000-00000000 : ${name}\n`).join('');
    const bus: [number, string] = [0, 'PCI Bus 0000:01'];
    const claimed = (...texts: readonly [number, string][]) =>
      said({ ...efifb, class: '038000', proc: { iomem: lines(bus, ...texts) } }).length;
    expect(claimed([1, CARD], [2, 'efifb'])).toBe(1);
    expect(claimed([1, CARD], [2, 'other'], [2, 'efifb'])).toBe(1);
    expect(claimed([1, CARD], [1, 'efifb'])).toBe(0);
    expect(claimed([1, CARD], [2, 'other'], [1, '0000:02:00.0'], [2, 'efifb'])).toBe(0);
  });

  test("on another card is not this one's", () => {
    const other = iomem('efifb').replaceAll(CARD, '0000:02:00.0').replaceAll('d0', 'e0').replaceAll('df', 'ef');
    expect(said({ ...efifb, proc: { iomem: other } })).toEqual([]);
  });
});

describe('displays: the console', () => {
  test('in VGA text on a boot display without a driver is named', () => {
    expect(said({ sysfs: VGACON }, { boot_vga: '1' })).toEqual([
      'framebuffer: the console is on it (vtcon0, VGA text): it goes dark',
    ]);
    expect(said({ sysfs: VGACON }, { boot_vga: '0' })).toEqual([]);
    // A native driver has taken the console over.
    expect(said({ sysfs: VGACON, driver: 'amdgpu' }, { boot_vga: '1' })).toEqual([
      'boot-display: it is the boot display: the console goes dark',
    ]);
    for (const bind of ['0\n', '']) {
      const unbound = { ...VGACON, 'class/vtconsole/vtcon0/bind': bind };
      expect(said({ sysfs: unbound }, { boot_vga: '1' })).toEqual([expect.stringMatching(/^\(note\) boot-display: /)]);
    }
  });

  test('on the framebuffer of a native driver is named where no boot_vga names the card', () => {
    const native: UsedCard = {
      class: '038000',
      driver: 'amdgpu',
      devices: [{ path: `${AT}/graphics/fb0`, bus: 'class/graphics' }],
      sysfs: FBCON,
    };
    expect(said(native)).toEqual(['framebuffer: the console is on it (vtcon1, fb0): it goes dark']);
    expect(said(native, { boot_vga: '1' })).toEqual(['boot-display: it is the boot display: the console goes dark']);
  });

  test('that nothing shows on a boot display is only noted', () => {
    expect(said({}, { boot_vga: '1' })).toEqual([
      expect.stringMatching(/^\(note\) boot-display: it is the boot display: firm/),
    ]);
  });
});

test.each([
  ['nothing', ''],
  ['bytes', '\0\xff'],
  ['no address', '   : x\n'],
  ['a wrong address', 'd0-zz : BOOTFB\n'],
  ['a region of no card', '00000000-00000000 : BOOTFB\n'],
  ['a deep one', `${' '.repeat(4000)}0-0 : efifb\n`],
])('displays makes nothing of /proc/iomem with %s', (_what, text) => {
  expect(said({ class: '038000', devices: [platform('efi-framebuffer.0')], proc: { iomem: text } })).toEqual([]);
});
