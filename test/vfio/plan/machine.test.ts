import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import type { DeviceDescription, MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const CARD = '0000:01:00.0';
const AT = `pci0000:00/0000:00:01.0/${CARD}`;
const modalias = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
const device = (at: string, rest: Partial<DeviceDescription> = {}): DeviceDescription => {
  return { path: at, bus: 'pci', ...rest, attributes: { modalias, ...rest.attributes } };
};

/** What is read for the card of a machine, once files of its sysfs are changed. */
function read(
  card: Partial<DeviceDescription> = {},
  rest: Partial<MachineDescription> = {},
  change: (sysfs: string) => void = () => {},
) {
  const root = machineRoot({
    version: 1,
    name: 'one',
    release: '6.12.0',
    drivers: { pci: { e1000e: 'e1000e', 'vfio-pci': 'vfio_pci', other: null } },
    ...rest,
    devices: [device(AT, card), ...(rest.devices ?? [])],
  });
  change(root.sysfs);
  const { sysfs } = root.roots;
  return readMachine(root.roots, [findDevice(sysfs, CARD).device]);
}

test('readMachine takes devices of a driver to be movable where it has both bind and unbind', () => {
  const bindable = (...gone: readonly string[]) =>
    read({}, {}, (sysfs) => {
      for (const name of gone) fs.rmSync(path.join(sysfs, 'bus/pci/drivers/e1000e', name));
    }).drivers.map(({ name, module, bindable: is }) => [name, module, is]);
  const others = [
    ['other', null, true],
    ['vfio-pci', 'vfio_pci', true],
  ];
  expect(bindable()).toEqual([['e1000e', 'e1000e', true], ...others]);
  for (const gone of [['bind'], ['unbind'], ['bind', 'unbind']])
    expect(bindable(...gone)).toEqual([['e1000e', 'e1000e', false], ...others]);
});

test('readMachine sees a VFIO driver by its module, or by what one of its own devices has', () => {
  const vfio = (card: Partial<DeviceDescription>, rest: Partial<MachineDescription> = {}) =>
    read(card, rest).drivers.flatMap(({ name, vfio: is }) => (is ? name : []));
  expect(vfio({ driver: 'e1000e' })).toEqual([]);
  expect(vfio({ driver: 'e1000e' }, { sysfs: { 'module/vfio_pci_core/holders/e1000e/x': '' } })).toEqual(['e1000e']);
  expect(vfio({ driver: 'other' }, { sysfs: { [`devices/${AT}/vfio-dev/vfio0/x`]: '' } })).toEqual(['other']);
});

test.each<[what: string, attributes: Readonly<Record<string, string>>, bridge: boolean | null]>([
  ['an endpoint', { config: '\0'.repeat(64) }, false],
  ['an endpoint with several functions', { config: `${'\0'.repeat(14)}\x80${'\0'.repeat(49)}` }, false],
  ['a bridge', { config: `${'\0'.repeat(14)}\x01${'\0'.repeat(49)}` }, true],
  ['a bridge with several functions', { config: `${'\0'.repeat(14)}\x81${'\0'.repeat(49)}` }, true],
  ['a configuration that is cut short', { config: '\x01'.repeat(14) }, false],
  ['no configuration, and the class of a bridge', { modalias: modalias.replace('bc02sc00', 'bc06sc04') }, true],
  ['neither', { modalias: 'x' }, null],
])('readMachine tells bridges by their headers, else by their class: %s', (_what, attributes, bridge) => {
  expect(read({ attributes }).devices.find(({ name }) => name === CARD)!.bridge).toBe(bridge);
});

test('readMachine reads what depends on a device: its virtual functions and what is behind it', () => {
  const names = (rest: Partial<MachineDescription>) => read({}, rest).devices.map(({ name }) => name);
  expect(names({})).toEqual([CARD]);
  const vf = 'pci0000:00/0000:00:01.0/0000:01:10.0';
  const devices = [device(vf), device(`${AT}/0000:02:00.0`), device('pci0000:00/0000:00:02.0')];
  const sysfsLinks = { [`devices/${AT}/virtfn0`]: '../0000:01:10.0', [`devices/${AT}/virtfnx`]: '../../0000:00:02.0' };
  expect(names({ devices, sysfsLinks })).toEqual([CARD, '0000:02:00.0', '0000:01:10.0']);
});

test('readMachine reads drivers_autoprobe, and disable_denylist as Y or 1', () => {
  const denylist = (value: string) => read({}, { modules: { vfio_pci: { disable_denylist: value } } }).disableDenylist;
  expect(['Y', '1', 'N', '0', ''].map(denylist)).toEqual([true, true, false, false, false]);
  const autoprobe = (text: string) => read({}, { sysfs: { 'bus/pci/drivers_autoprobe': text } }).buses;
  expect([autoprobe('0\n'), autoprobe('1\n')]).toEqual([
    [{ name: 'pci', autoprobe: false }],
    [{ name: 'pci', autoprobe: true }],
  ]);
});
