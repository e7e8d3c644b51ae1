import { describe, expect, test } from 'vitest';
import type { DeviceDescription } from '../fake-root.ts';
import { machineRoot } from './machine-root.ts';
import { machineOf, pci } from './plan/planned.ts';
import { vfio } from './vfio-command.ts';

const PORT = 'pci0000:00/0000:00:01.1';
const GPU = `${PORT}/0000:03:00.0`;
const card = machineOf([
  pci(PORT, '060400', { driver: 'pcieport', group: '2' }),
  pci(GPU, '038000', { driver: 'amdgpu', group: '5', attributes: { reset_method: 'flr bus' } }),
  pci(`${PORT}/0000:03:00.1`, '040300', { driver: 'snd_hda_intel', group: '6', attributes: { reset_method: '' } }),
]);

describe('plan of a card', () => {
  test('--all-functions takes its other functions, in whatever group they are', () => {
    const root = machineRoot(card);
    const single = JSON.parse(vfio(root, 'plan', '--json', '0000:03:00.0').stdout);
    expect(single.warnings).toMatchObject([{ code: 'other-functions', about: '0000:03:00.0', blocks: null }]);
    const { status, stdout, stderr } = vfio(root, 'plan', '--json', '--all-functions', '0000:03:00.0');
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'modalias: note: 0000:03:00.1 comes with the card of 0000:03:00.0\n',
    });
    const { devices, warnings, predicted } = JSON.parse(stdout);
    expect(devices.map(({ name, reset }: { name: string; reset: unknown }) => [name, reset])).toEqual([
      ['0000:03:00.0', { methods: ['flr', 'bus'], reaches: ['0000:03:00.1'] }],
      ['0000:03:00.1', { methods: [], reaches: ['0000:03:00.0'] }],
    ]);
    expect(warnings).toMatchObject([{ code: 'reset', about: '0000:03:00.1', blocks: null }]);
    expect(predicted.groups.map(({ viable }: { viable: string }) => viable)).toEqual(['yes', 'yes']);
  });

  test('says how it is reset and by which files a guest opens it', () => {
    const { stdout } = vfio(machineRoot(card), 'plan', '--driver', 'vfio-pci', '0000:03:00.0');
    expect(stdout).toContain('   reset: flr, bus; one of its bus reaches 0000:03:00.1\n');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /files: \/dev\/vfio\/5 for the group, or for a device alone, with iommufd: \/dev\/vfio\/devices\/vfioN, with N as in \S+\/bus\/pci\/devices\/0000:03:00\.0\/vfio-dev /,
    );
  });
});

describe('plan of a USB controller', () => {
  const at = 'pci0000:00/0000:00:14.0';
  const usb = (name: string, product: string): DeviceDescription => ({
    path: `${at}/usb1/${name}`,
    bus: 'usb',
    attributes: { product },
  });
  const keyboard: DeviceDescription = {
    path: `${at}/usb1/1-2/1-2:1.0/input/input5`,
    bus: 'class/input',
    attributes: { name: 'Keyboard', 'capabilities/key': 'fffffffffffffffe' },
  };
  const disk: DeviceDescription = { path: `${at}/usb1/1-4/1-4:1.0/block/sda`, bus: 'class/block' };
  const controller = machineOf([
    pci(at, '0c0330', { driver: 'xhci_hcd', group: '1' }),
    usb('1-2', 'USB Keyboard'),
    usb('1-4', ''),
    keyboard,
    disk,
  ]);

  test('named by its address is refused for the only keyboard and a mounted disk, and lists what is on it', () => {
    const root = machineRoot({
      ...controller,
      sysfsLinks: { 'dev/block/8:0': `../../devices/${disk.path}` },
      proc: { '1/mountinfo': '30 1 8:0 / /media rw - vfat /dev/sda rw\n' },
    });
    const { status, stdout } = vfio(root, 'plan', '--json', '0000:00:14.0');
    expect(status).toBe(1);
    expect(JSON.parse(stdout).warnings).toMatchObject([
      { code: 'mounted', message: 'sda is mounted on /media', blocks: 'in-use' },
      { code: 'only-keyboard', blocks: 'in-use' },
      { code: 'controller', message: '1-2 (USB Keyboard), 1-4 would go away with it', blocks: null },
    ]);
  });

  test('with nothing plugged in has nothing to list', () => {
    const empty = machineOf([pci(at, '0c0330', { driver: 'xhci_hcd', group: '1' })]);
    expect(JSON.parse(vfio(machineRoot(empty), 'plan', '--json', '0000:00:14.0').stdout).warnings).toEqual([]);
  });
});

describe('groups', () => {
  test('exits 1 for a named device whose group cannot be given now, and 0 without names', () => {
    const root = machineRoot(card);
    expect(vfio(root, 'groups').status).toBe(0);
    expect(vfio(root, 'groups', '0000:03:00.0').status).toBe(1);
    expect(vfio(root, 'groups', '0000:00:01.1').stdout).toContain('group 2  cannot be given: only bridges\n');
    const free = machineRoot(machineOf([pci(GPU, '038000', { driver: 'vfio-pci', group: '5' })]));
    expect(vfio(free, 'groups', '0000:03:00.0')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('group 5  can be given now\n'),
    });
    const [group] = JSON.parse(vfio(root, 'groups', '--json', '0000:03:00.0').stdout).groups;
    expect(group.availability).toEqual({ state: 'after-moving', move: ['0000:03:00.0'], unbind: [], why: null });
  });
});
