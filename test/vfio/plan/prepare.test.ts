import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadAliasIndex } from '../../../src/packaging/load-aliases.ts';
import { type PrepareOptions, prepareBind } from '../../../src/vfio/plan/prepare.ts';
import { type MachineDescription, readMachine } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const DEP = `kernel/drivers/pci/pci-stub.ko.xz:
kernel/drivers/uio/uio_pci_generic.ko: kernel/drivers/uio/uio.ko
kernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/pci/vfio-pci-core.ko kernel/drivers/vfio/vfio.ko
`;

/** What --driver NAME comes to on a machine with no driver registered but the port's, and such a modules.dep. */
async function named(driver: string, dep: string | null = DEP) {
  const { roots, directory } = machineRoot({ ...readMachine('viommu-guest'), drivers: { pci: { pcieport: null } } });
  const file = path.join(directory, 'modules.alias');
  fs.writeFileSync(file, '');
  if (dep !== null) fs.writeFileSync(path.join(directory, 'modules.dep'), dep);
  const aliases = async () => loadAliasIndex(file, { config: [] });
  const context = { sysfs: roots.sysfs, aliases, modules: dep === null ? null : directory };
  const { requests, problems } = await prepareBind(roots, context, ['0000:01:00.0'], { driver });
  return { requests: requests.map(({ path: _path, ...rest }) => rest), problems };
}

test.each([
  ['pci-stub', 'pci_stub'],
  ['uio_pci_generic', 'uio_pci_generic'],
])('prepareBind knows the module of %s, which no file tells, and that it is no VFIO driver', async (driver, module) => {
  expect(await named(driver)).toEqual({ requests: [{ driver, module, vfio: false }], problems: [] });
});

test.each([
  ['a driver whose module is not there', 'pci-stub', 'kernel/a.ko:\n'],
  ['a driver of which nothing is known', 'vfio-nothing', DEP],
  ['a driver where no modules are known', 'pci-stub', null],
])('prepareBind has no answer for %s', async (_what, driver, dep) => {
  const { requests, problems } = await named(driver, dep);
  expect(requests).toEqual([]);
  expect(problems.map(({ code, about }) => [code, about])).toEqual([['no-driver', '0000:01:00.0']]);
  expect(problems[0]!.message).toMatch(
    /^no driver '[\w-]+' is registered on bus 'pci', and no module is known to contain it/,
  );
});

const ALIASES = 'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n';
const [A, B] = ['0000:04:01.0', '0000:04:02.0'];

/** What some words come to on a machine with every alias of vfio-pci. */
async function prepared(
  words: readonly string[],
  options: PrepareOptions = {},
  machine: string | MachineDescription = 'viommu-guest',
  aliases = ALIASES,
) {
  const { roots, directory } = machineRoot(machine);
  const file = path.join(directory, 'modules.alias');
  fs.writeFileSync(file, aliases);
  const context = { sysfs: roots.sysfs, aliases: async () => loadAliasIndex(file, { config: [] }), modules: null };
  const made = await prepareBind(roots, context, words, options);
  const names = new Map(made.targets.map((device) => [device.path, device.name]));
  return {
    targets: made.targets.map(({ name }) => name),
    requests: made.requests.map((request) => ({ ...request, path: names.get(request.path) })),
    notes: made.notes,
    problems: made.problems,
  };
}

test('prepareBind resolves each device, once, and says what it made of the words', async () => {
  expect(await prepared([A!, '04:01.0', B!])).toEqual({
    targets: [A, B],
    requests: [A, B].map((device) => ({ path: device, driver: 'vfio-pci', module: 'vfio_pci', vfio: true })),
    notes: [`04:01.0 is completed to ${A}, the only such device`],
    problems: [],
  });
});

test('prepareBind takes the endpoints of a group with a device where it is asked to, and no bridge', async () => {
  const { targets, requests, notes } = await prepared([B!], { wholeGroup: true });
  expect(targets).toEqual([B, A]);
  expect(requests.map(({ path: name }) => name)).toEqual([B, A]);
  expect(notes).toEqual([`${A} comes with group 8`]);
  expect((await prepared([B!], { wholeGroup: false })).targets).toEqual([B]);
});

test('prepareBind leaves out of a group what goes away with another device that it takes', async () => {
  const one = (at: string, code: string) => {
    const modalias = `pci:v00008086d00001234sv00000000sd00000000bc${code.slice(0, 2)}sc${code.slice(2)}i00`;
    return { path: `pci0000:00/${at}`, bus: 'pci', group: '7', attributes: { modalias } };
  };
  const [vmd, disk, beside] = ['0000:01:00.0', '10000:e1:00.0', '0000:01:00.1'];
  const devices = [one(vmd!, '0104'), one(`${vmd}/pci10000:e0/${disk}`, '0108'), one(beside!, '0200')];
  const machine = {
    version: 1 as const,
    name: 'vmd',
    release: '6.12.0',
    drivers: { pci: {} },
    groups: { 7: {} },
    devices,
  };
  expect((await prepared([beside!], { wholeGroup: true }, machine)).targets).toEqual([beside, vmd]);
  expect((await prepared([disk!], { wholeGroup: true }, machine)).targets).toEqual([disk, vmd, beside]);
});

test('prepareBind compares all devices with ids that are given once, and else each with its own', async () => {
  const [right, wrong] = [
    { vendor: '8086', device: '100e' },
    { vendor: '8086', device: '10d3' },
  ];
  const found = async (...ids: (typeof right)[]) =>
    (await prepared([A!, B!], { ids })).problems.map(({ code, about }) => `${code} ${about}`);
  expect(await found(right)).toEqual([]);
  expect(await found(wrong)).toEqual([`other-device ${A}`, `other-device ${B}`]);
  expect(await found(right, wrong)).toEqual([`other-device ${B}`]);
});

test('prepareBind names a device that has no driver to be bound to, and binds the others', async () => {
  const usb = readMachine('viommu-guest');
  const devices = [...usb.devices, { path: 'platform/soc.1', bus: 'usb', attributes: {} }];
  const { requests, problems } = await prepared(['soc.1', A!], {}, { ...usb, devices });
  expect(requests.map(({ path: name }) => name)).toEqual([A]);
  expect(problems).toEqual([
    { code: 'no-driver', about: 'soc.1', message: "VFIO has no driver for bus 'usb'", blocks: 'always' },
  ]);
});

test.each([
  ['vfio-pci', [{ driver: 'vfio-pci', module: 'vfio_pci' }]],
  ['pci-stub', [{ driver: 'pci-stub', module: 'pci_stub' }]],
])('prepareBind takes %s, which is registered, with its module for the next boot', async (driver, requests) => {
  expect((await prepared([A!], { driver })).requests).toEqual(requests.map((one) => ({ path: A, ...one })));
});

test.each(['.', '..', 'a/b', '', 'a b', 'x'.repeat(64), 'a\n'])(
  'prepareBind takes no %j for the name of a driver',
  async (driver) => {
    const { requests, problems } = await prepared([A!], { driver });
    expect(requests).toEqual([]);
    expect(problems[0]!.message).toBe(`${JSON.stringify(driver)} cannot be the name of a driver`);
  },
);

test('prepareBind takes a name of 63 characters', async () => {
  expect((await prepared([A!], { driver: 'x'.repeat(63) })).problems[0]!.message).toMatch(
    /^no driver 'x+' is registered/,
  );
});

test.each([
  [2, 'd0, d1'],
  [8, 'd0, d1, d2, d3, d4, d5, d6, d7'],
  [9, 'd0, d1, d2, d3, d4, d5, d6, d7 and 1 more'],
])('prepareBind says what goes with a controller of which one thing was named: %i others', async (others, list) => {
  const machine = readMachine('viommu-guest');
  const at = 'pci0000:00/0000:00:1f.2';
  const one = (place: string, bus: string) => ({ path: `${at}/${place}`, bus, attributes: {} });
  const disk = (name: string) => one(`ata/block/${name}`, 'class/block');
  const mine = [one('0:0:0:0', 'scsi'), one('0:0:0:0/block/mine', 'class/block')];
  const devices = [...machine.devices, ...mine, ...Array.from({ length: others }, (_, i) => disk(`d${i}`))];
  const ask = (allowInUse?: boolean) =>
    prepared(['/sys/class/block/mine'], allowInUse === undefined ? {} : { allowInUse }, { ...machine, devices });
  const warning = (blocks: 'in-use' | null) => [
    {
      code: 'controller',
      about: '0000:00:1f.2',
      message: `/sys/class/block/mine is only a part of it; ${list} would go away too`,
      blocks,
    },
  ];
  expect((await ask()).problems).toEqual(warning('in-use'));
  expect((await ask(false)).problems).toEqual(warning('in-use'));
  expect((await ask(true)).problems).toEqual(warning(null));
});

const MOVED = 'addresses move when hardware changes, find it with lspci -nn';

test('prepareBind says what a device is that has other ids than expected, and which is not there', async () => {
  const ids = [{ vendor: '8086', device: '10d3' }];
  const gone = '0000:7f:00.0';
  const machine = readMachine('viommu-guest');
  const usb = { path: 'usb1/1-1', bus: 'usb', attributes: {} };
  const { targets, problems } = await prepared(
    [A!, gone, '1-1'],
    { ids },
    { ...machine, devices: [...machine.devices, usb] },
  );
  expect(targets).toEqual([A, '1-1']);
  const [missing] = problems.filter(({ about }) => about === gone);
  expect(missing).toMatchObject({ code: 'other-device', blocks: 'always' });
  expect(missing!.message).toMatch(new RegExp(`${gone}.*; expected 8086:10d3: ${MOVED}$`));
  expect(problems.filter(({ about, code }) => about !== gone && code === 'other-device')).toEqual([
    {
      code: 'other-device',
      about: A,
      message: `it is 8086:100e:1af4:1100; expected 8086:10d3: ${MOVED}`,
      blocks: 'always',
    },
    {
      code: 'other-device',
      about: '1-1',
      message: `it has no PCI ids; expected 8086:10d3: ${MOVED}`,
      blocks: 'always',
    },
  ]);
  await expect(prepared([gone])).rejects.toMatchObject({ code: 'no-device' });
});

test('prepareBind names what is plugged into a USB controller, with the products', async () => {
  const machine = readMachine('viommu-guest');
  const at = 'pci0000:00/0000:00:1e.0';
  const controller = (value: string) => ({
    path: at,
    bus: 'pci',
    attributes: { modalias: `pci:v00001B36d0000000Dsv00001AF4sd00001100${value}\n` },
  });
  const stick = { path: `${at}/usb9/9-1`, bus: 'usb', attributes: { product: 'Stick \u00e9 2 \n' } };
  const mouse = { path: `${at}/usb9/9-2`, bus: 'usb', attributes: {} };
  const others = machine.devices.filter((one) => one.path !== at);
  const ask = (value: string) =>
    prepared(['0000:00:1e.0'], {}, { ...machine, devices: [...others, controller(value), stick, mouse] });
  const warnings = (problems: Awaited<ReturnType<typeof ask>>['problems']) =>
    problems.filter(({ code }) => code === 'controller');
  const [warning, ...rest] = warnings((await ask('bc0Csc03i30')).problems);
  expect(rest).toEqual([]);
  expect(warning).toMatchObject({ about: '0000:00:1e.0', blocks: null });
  expect(warning!.message).toMatch(/^9-1 \(Stick \?+ 2\), 9-2 would go away with it$/);
  expect(warnings((await ask('bc0Csc04i30')).problems)).toEqual([]);
});

test('prepareBind looks for the driver of the functions that will be, not of the card', async () => {
  const PF = '0000:01:00.0';
  // Only what the functions of an 82576 are called has an alias here.
  const aliases = 'alias vfio_pci:v00008086d000010CAsv*sd*bc*sc*i* vfio_pci\n';
  const ask = (options: PrepareOptions, word = PF) => prepared([word], options, 'sriov-igb', aliases);
  expect((await ask({})).problems.map(({ code }) => code)).toEqual(['no-driver']);
  const { requests, problems } = await ask({ vfs: 2 });
  expect(problems).toEqual([]);
  expect(requests).toEqual([{ path: PF, driver: 'vfio-pci', module: 'vfio_pci', vfio: true, vfs: 2 }]);
  const named = await ask({ vfs: 1, driver: 'igb' });
  expect(named.requests).toEqual([{ path: PF, driver: 'igb', module: 'igb', vfs: 1 }]);
});

test('prepareBind takes the other functions of a card of which one is named, and says why', async () => {
  const { targets, notes } = await prepared(['0000:06:00.0'], { allFunctions: true }, 'amd-desktop');
  const machine = readMachine('amd-desktop');
  const card = machine.devices
    .map(({ path: at }) => path.basename(at))
    .filter((name) => name.startsWith('0000:06:00.'));
  expect([...targets].sort()).toEqual(card.sort());
  expect(notes).toEqual(targets.slice(1).map((name) => `${name} comes with the card of 0000:06:00.0`));
});
