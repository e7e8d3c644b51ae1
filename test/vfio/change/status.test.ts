import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readStatus } from '../../../src/vfio/change/status.ts';
import { beginJournal } from '../../../src/vfio/journal/journal.ts';
import { type MachineDescription, readMachine } from '../../fake-root.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';
import { scenarioMachine, scenarios } from '../scenarios.ts';
import { bindWith, noFault } from './bound-run.ts';

const CARD = '0000:01:00.0';
const OTHER = '0000:02:00.0';
const stateOf = ({ directory }: TestRoot) => path.join(directory, 'state');

/** A machine with another driver and override on its cards. */
function machine(
  devices: Readonly<Record<string, readonly [driver: string | undefined, override: string]>>,
): MachineDescription {
  const description = readMachine('viommu-guest');
  return {
    ...description,
    devices: description.devices.map(({ driver, ...device }) => {
      const [other = driver, override] = devices[path.basename(device.path)] ?? [];
      const changed = override === undefined ? {} : { attributes: { ...device.attributes, driver_override: override } };
      return { ...device, ...(other === undefined ? {} : { driver: other }), ...changed };
    }),
  };
}

function journalled(
  root: TestRoot,
  name: string,
  boot: string | null = null,
  functions: readonly string[] | null = null,
): void {
  const { sysfs } = root.roots;
  const journal = beginJournal(stateOf(root), boot, [
    {
      name,
      bus: 'pci',
      path: sysfs.real(`bus/pci/devices/${name}`)!,
      modalias: null,
      before: { driver: 'e1000e', override: null },
      beforeModule: null,
      after: functions
        ? { driver: 'e1000e', override: null, vfs: { functions, autoprobe: true } }
        : { driver: 'vfio-pci', override: 'vfio-pci' },
    },
  ]);
  journal.add({ kind: 'end', state: 'bound' });
  journal.close();
}

function boot({ proc }: TestRoot, id: string): void {
  fs.mkdirSync(path.join(proc, 'sys/kernel/random'), { recursive: true });
  fs.writeFileSync(path.join(proc, 'sys/kernel/random/boot_id'), `${id}\n`);
}

test('readStatus of a machine with nothing on VFIO is empty', () => {
  const root = machineRoot('intel-desktop');
  expect(readStatus(root.roots, stateOf(root))).toEqual({
    version: 1,
    running: null,
    bound: [],
    stray: [],
    journals: [],
  });
});

describe('readStatus calls an override stray', () => {
  const stray = (root: TestRoot) => readStatus(root.roots, stateOf(root)).stray;
  const told = [{ name: CARD, bus: 'pci', override: 'vfio-pci', driver: 'e1000e' }];

  test('that names a driver which the device does not have', () => {
    expect(stray(machineRoot(machine({ [CARD]: ['e1000e', 'vfio-pci'], [OTHER]: ['e1000e', 'e1000e'] })))).toEqual(
      told,
    );
  });

  test('and not one that a journal of this boot explains', () => {
    const root = machineRoot(machine({ [CARD]: ['e1000e', 'vfio-pci'] }));
    journalled(root, OTHER);
    expect(stray(root)).toEqual(told);
    journalled(root, CARD, 'this');
    expect(stray(root)).toEqual([]);
    boot(root, 'this');
    expect(stray(root)).toEqual([]);
    boot(root, 'that');
    expect(stray(root)).toEqual(told);
  });
});

test('readStatus explains a virtual function by the journal of its physical one, which made it', () => {
  const description = machine({ [CARD]: ['e1000e', '(null)'] });
  const card = description.devices.find(({ path: at }) => at.endsWith(CARD))!;
  const functions = ['0000:01:10.0', '0000:01:10.1'];
  const made = functions.map((name, i) => ({
    ...card,
    path: path.join(path.dirname(card.path), name),
    group: `${90 + i}`,
    driver: i === 0 ? 'vfio-pci' : 'e1000e',
    attributes: { ...card.attributes, driver_override: 'vfio-pci' },
  }));
  const root = machineRoot({ ...description, devices: [...description.devices, ...made] });
  const seen = () => {
    const { bound, stray } = readStatus(root.roots, stateOf(root));
    return [bound.map(({ name, journalled: known }) => [name, known]), stray.map(({ name }) => name)];
  };
  expect(seen()).toEqual([[[functions[0], false]], [functions[1]]]);
  journalled(root, CARD, null, functions);
  expect(seen()).toEqual([[[functions[0], true]], []]);
});

describe('readStatus names what is bound to VFIO', () => {
  test('with who holds it and whether a journal knows the way back', () => {
    const description = machine({ [CARD]: ['vfio-pci', 'vfio-pci'], [OTHER]: ['vfio-pci', '(null)'] });
    const root = machineRoot({
      ...description,
      proc: { ...description.proc, '77/comm': 'qemu\n' },
      procLinks: { '77/fd/9': '/dev/vfio/6', '77/fd/3': '/dev/null' },
    });
    journalled(root, OTHER);
    const { bound, stray } = readStatus(root.roots, stateOf(root));
    expect(bound).toEqual([
      {
        name: CARD,
        bus: 'pci',
        driver: 'vfio-pci',
        override: 'vfio-pci',
        group: '6',
        journalled: false,
        heldBy: ['process 77 (qemu) has /dev/vfio/6 open'],
      },
      { name: OTHER, bus: 'pci', driver: 'vfio-pci', override: null, group: '7', journalled: true, heldBy: [] },
    ]);
    expect(stray).toEqual([]);
  });

  test('by a driver of no known name whose device has a vfio-dev directory, and not by pci-stub', () => {
    const root = machineRoot(machine({ [CARD]: ['pci-stub', '(null)'] }));
    const native = root.roots.sysfs.real(`bus/pci/devices/${OTHER}`)!;
    expect(readStatus(root.roots, stateOf(root)).bound).toEqual([]);
    fs.mkdirSync(path.join(root.sysfs, native, 'vfio-dev/vfio0'), { recursive: true });
    expect(readStatus(root.roots, stateOf(root)).bound).toMatchObject([{ name: OTHER, driver: 'e1000e' }]);
  });

  test('on every bus that VFIO has a driver for', () => {
    const arm = readMachine('arm64-soc');
    const root = machineRoot({
      ...arm,
      devices: arm.devices.map((device) =>
        device.bus === 'platform' ? { ...device, driver: 'vfio-platform' } : device,
      ),
    });
    const { bound } = readStatus(root.roots, stateOf(root));
    expect(bound.length).toBeGreaterThan(0);
    expect(new Set(bound.map(({ bus, driver }) => `${bus} ${driver}`))).toEqual(new Set(['platform vfio-platform']));
  });
});

test('readStatus reports each journal, the newest first, where its devices are now', async () => {
  const run = await bindWith(scenarios['two cards of one group']!, noFault);
  const { root, state } = run;
  const journals = () => readStatus(root.roots, state).journals;
  const after = { driver: 'vfio-pci', override: 'vfio-pci' };
  const before = { driver: 'e1000', override: null };
  const one = (name: string) => ({ name, before, now: after, back: false, gone: false, unbinding: false });
  const file = path.join(state, '1.journal');
  expect(journals()).toEqual([{ file, state: 'bound', devices: [one('0000:04:01.0'), one('0000:04:02.0')] }]);

  const at = (name: string) => path.join(root.sysfs, 'devices/pci0000:00/0000:00:04.0/0000:03:00.0', name);
  fs.rmSync(path.join(at('0000:04:01.0'), 'driver'));
  fs.renameSync(at('0000:04:02.0'), path.join(root.directory, 'gone'));
  expect(journals()[0]!.devices).toEqual([
    { ...one('0000:04:01.0'), now: { driver: null, override: undefined }, unbinding: true },
    { ...one('0000:04:02.0'), now: { driver: null, override: undefined }, gone: true },
  ]);
});

test('readStatus says that a device is back, and that a journal is of another boot', () => {
  const root = machineRoot(scenarioMachine({ machine: 'viommu-guest', requests: [] }));
  journalled(root, CARD, 'that');
  boot(root, 'this');
  expect(readStatus(root.roots, stateOf(root)).journals).toMatchObject([
    { state: 'stale', devices: [{ name: CARD, back: true, gone: false }] },
  ]);
});

test('readStatus names the process that holds the lock, and not itself', () => {
  const root = machineRoot('viommu-guest');
  fs.mkdirSync(stateOf(root));
  fs.writeFileSync(path.join(stateOf(root), 'lock'), '1 ? ? ?\n');
  expect(readStatus(root.roots, stateOf(root)).running).toBe(1);
  fs.writeFileSync(path.join(stateOf(root), 'lock'), `${process.pid} ? ? ?\n`);
  expect(readStatus(root.roots, stateOf(root)).running).toBeNull();
});
