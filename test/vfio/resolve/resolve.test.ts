import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ModaliasError } from '../../../src/errors.ts';
import { writeIndex } from '../../../src/index-file/index-writer.ts';
import { openAliasIndex } from '../../../src/lookup/load.ts';
import { driverOfModule, moduleUsesVfio } from '../../../src/vfio/resolve/driver-name.ts';
import { resolveVfio } from '../../../src/vfio/resolve/resolve.ts';
import type { Device } from '../../../src/vfio/sysfs/device.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';

const VF = 'pci:v000015B3d0000101Esv000015B3sd00000001bc02sc00i00';
const ANY = 'vfio_pci:v*d*sv*sd*bc*sc*i*';
const MLX = 'vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i*';

type Lines = Readonly<Record<string, string>>;

/** A modules directory with these aliases of modules and of built-in code, and these lines in modules.dep. */
function directory(root: TestRoot, aliases: Lines, builtin: Lines = {}, dep: Lines = {}): string {
  const at = path.join(root.directory, 'modules');
  fs.mkdirSync(at);
  const put = (file: string, lines: Lines) => {
    const entries = Object.entries(lines).map(([key, value], priority) => ({ key, value, priority }));
    fs.writeFileSync(path.join(at, file), writeIndex(entries, 'post'));
  };
  put('modules.alias.bin', aliases);
  put('modules.builtin.alias.bin', builtin);
  put('modules.dep.bin', dep);
  for (const name of ['symbols', 'builtin']) put(`modules.${name}.bin`, {});
  return at;
}

/** A machine where these drivers are registered, by bus and module. */
function machine(drivers: Readonly<Record<string, readonly string[]>> = {}): TestRoot {
  const root = machineRoot('viommu-guest');
  for (const [module, names] of Object.entries(drivers))
    for (const name of names)
      fs.mkdirSync(path.join(root.sysfs, 'module', module, 'drivers', name), { recursive: true });
  return root;
}

async function resolved(root: TestRoot, modules: string, target: Device | string = VF) {
  const aliases = async () => openAliasIndex(modules, { config: [] });
  return resolveVfio({ sysfs: root.roots.sysfs, aliases, modules }, target);
}

const LOADED = { vfio_pci: ['pci:vfio-pci'], mlx5_vfio_pci: ['pci:mlx5-vfio', 'auxiliary:mlx5-vfio-aux'] };

describe('resolveVfio', () => {
  test('resolveVfio says why a modalias has no answer, and leaves other errors to its caller', async () => {
    const root = machine();
    const modules = directory(root, { [ANY]: 'vfio_pci' });
    const odd = await resolved(root, modules, 'pci:v[00008086');
    expect(odd).toMatchObject({ module: null, problem: expect.stringContaining('contains an unpaired bracket') });
    const broken = async () => {
      throw new ModaliasError('bad-index', 'the index is damaged');
    };
    const { sysfs } = root.roots;
    await expect(resolveVfio({ sysfs, aliases: broken, modules }, VF)).rejects.toThrow('the index is damaged');
  });

  test('resolveVfio gives each of its steps: the query, the pattern, the module, the driver and what told its name', async () => {
    const root = machine(LOADED);
    const answer = await resolved(root, directory(root, { [ANY]: 'vfio_pci', [MLX]: 'mlx5_vfio_pci' }));
    expect(answer).toMatchObject({
      device: VF,
      path: null,
      bus: 'pci',
      modalias: VF,
      query: `vfio_${VF}`,
      pattern: MLX,
      module: 'mlx5_vfio_pci',
      source: 'alias',
      driver: 'mlx5-vfio',
      driverSource: 'sysfs',
      driverFrom: `${root.sysfs}/module/mlx5_vfio_pci/drivers/pci:mlx5-vfio`,
      ambiguous: false,
      byRule: { specific: 'mlx5_vfio_pci', stars: 'mlx5_vfio_pci', libvirt: 'mlx5_vfio_pci' },
      problem: null,
    });
    expect(answer.candidates.map(({ module }) => module)).toEqual(['mlx5_vfio_pci', 'vfio_pci']);
  });

  test('resolveVfio lists its candidates by the ranking that is asked for, and says that others disagree', async () => {
    const root = machine(LOADED);
    const values = 'vfio_pci:v0*d0*sv*sd*bc*sc*i*';
    const device = 'vfio_pci:v*d0000101Esv*sd*bc*sc*i*';
    const modules = directory(root, { [values]: 'vfio_pci', [device]: 'mlx5_vfio_pci' });
    const aliases = async () => openAliasIndex(modules, { config: [] });
    for (const [rank, order] of [
      ['specific', ['vfio_pci', 'mlx5_vfio_pci']],
      ['stars', ['mlx5_vfio_pci', 'vfio_pci']],
      ['libvirt', ['vfio_pci', 'mlx5_vfio_pci']],
    ] as const) {
      const answer = await resolveVfio({ sysfs: root.roots.sysfs, aliases, modules, rank }, VF);
      expect(answer.candidates.map(({ module }) => module)).toEqual(order);
      expect(answer).toMatchObject({ module: order[0], ambiguous: true });
    }
  });

  test('resolveVfio weighs a built-in variant with the modules, which would hide it from modprobe', async () => {
    const root = machine(LOADED);
    const variant = await resolved(root, directory(root, { [ANY]: 'vfio_pci' }, { [MLX]: 'mlx5_vfio_pci' }));
    expect(variant).toMatchObject({ module: 'mlx5_vfio_pci', source: 'builtin', driver: 'mlx5-vfio' });
    expect(variant.candidates.map(({ module, source }) => [module, source])).toEqual([
      ['mlx5_vfio_pci', 'builtin'],
      ['vfio_pci', 'alias'],
    ]);
    const other = machine(LOADED);
    const general = await resolved(other, directory(other, { [MLX]: 'mlx5_vfio_pci' }, { [ANY]: 'vfio_pci' }));
    expect(general).toMatchObject({ module: 'mlx5_vfio_pci', source: 'alias' });
    const builtin = machine(LOADED);
    const alone = await resolved(builtin, directory(builtin, {}, { [ANY]: 'vfio_pci' }));
    expect(alone).toMatchObject({ module: 'vfio_pci', source: 'builtin', driver: 'vfio-pci' });
  });

  test('resolveVfio takes no module whose name, not alias, is asked for', async () => {
    const root = machine(LOADED);
    const modules = directory(root, { [ANY]: 'vfio_pci' }, {}, { vfio_css: 'vfio_css.ko:' });
    expect(await resolved(root, modules, 'cdx:v1d2')).toMatchObject({
      problem: 'no alias matches vfio_cdx:v1d2',
      module: null,
      candidates: [],
      byRule: null,
    });
  });

  test('resolveVfio says that the driver is not known where a module is found, and does not guess', async () => {
    const root = machine();
    const answer = await resolved(root, directory(root, { [ANY]: 'some_vfio' }));
    expect(answer).toMatchObject({ module: 'some_vfio', driver: null, driverSource: null });
    expect(answer.problem).toMatch(/^the driver of some_vfio is not known: some_vfio is not loaded and not listed in/);
  });

  test.each<[string, Partial<Device>, string]>([
    ['a device of no bus', { bus: null }, 'it is on no bus'],
    ['a bus without VFIO', { bus: 'usb' }, "VFIO has no driver for bus 'usb'"],
    ['a bus of a name that every object has', { bus: 'toString' }, "VFIO has no driver for bus 'toString'"],
    ['a device without a modalias', { modalias: null }, 'its modalias cannot be read'],
    [
      'a subchannel of another type',
      { bus: 'css', modalias: 'css:t1' },
      'vfio_ccw accepts I/O subchannels (css:t0) only',
    ],
    [
      'an AP card',
      { bus: 'ap', modalias: 'ap:t0B', name: 'card03' },
      'vfio_ap accepts queues, such as 03.0005, not cards',
    ],
    [
      'a queue that is too old',
      { bus: 'ap', modalias: 'ap:t09', name: '03.0005' },
      'vfio_ap accepts queues of CEX4 cards (ap:t0A) and later ones',
    ],
    ['a modalias that is none', { modalias: 'pci:[' }, 'bracket'],
  ])('resolveVfio has no answer for %s, and says why', async (_what, rest, problem) => {
    const root = machine(LOADED);
    const device = {
      name: 'x',
      bus: 'pci',
      path: 'devices/x',
      modalias: VF,
      driver: null,
      group: null,
      class: null,
      override: null,
    };
    const answer = await resolved(root, directory(root, { [ANY]: 'vfio_pci' }), { ...device, ...rest });
    expect(answer.problem).toContain(problem);
    expect(answer).toMatchObject({ module: null, driver: null, device: rest.name ?? 'x', path: 'devices/x' });
  });

  test.each([
    ['css:t0', 'css', 'vfio_ccw', 'vfio_ccw_drv.c:vfio_ccw_sch_driver'],
    [
      'ccw:t3990mE9',
      'css',
      'vfio_ccw',
      "vfio_ccw_drv.c:vfio_ccw_sch_driver, which binds the device's subchannel (css)",
    ],
    ['of:NethernetT(null)Cx', 'platform', 'vfio-platform', 'vfio_platform.c:vfio_platform_driver'],
    ['acpi:ABCD:', 'platform', 'vfio-platform', 'vfio_platform.c:vfio_platform_driver'],
  ])('resolveVfio answers %s from facts', async (modalias, bus, driver, from) => {
    const root = machine();
    expect(await resolved(root, path.join(root.directory, 'none'), modalias)).toMatchObject({
      bus,
      driver,
      source: 'fact',
      driverSource: 'fact',
      driverFrom: from,
      query: null,
      problem: null,
    });
  });
});

describe('driverOfModule', () => {
  test('driverOfModule uses the drivers of the bus that is asked about, and takes none of several', async () => {
    const { sysfs } = machine({ m: ['pci:a', 'platform:b', 'platform:c'] }).roots;
    expect(await driverOfModule(sysfs, 'pci', 'm', null)).toMatchObject({ name: 'a', source: 'sysfs' });
    expect(await driverOfModule(sysfs, 'platform', 'm', null)).toEqual({
      name: null,
      source: null,
      from: 'm has several drivers for platform: b, c; choose one with --driver',
    });
    expect((await driverOfModule(sysfs, 'usb', 'm', null)).from).toBe(
      'm is not loaded, and no modules directory was given',
    );
  });

  test('driverOfModule says which file of the module does not tell, or cannot be read', async () => {
    const root = machine();
    const modules = directory(root, {}, {}, { m: 'kernel/m.ko:', gone: 'kernel/gone.ko:' });
    fs.mkdirSync(path.join(modules, 'kernel'));
    fs.writeFileSync(path.join(modules, 'kernel/m.ko'), 'no ELF');
    expect((await driverOfModule(root.roots.sysfs, 'pci', 'm', modules)).from).toMatch(/m\.ko/);
    expect((await driverOfModule(root.roots.sysfs, 'pci', 'gone', modules)).from).toMatch(/gone\.ko/);
    expect((await driverOfModule(root.roots.sysfs, 'pci', 'none', modules)).from).toBe(
      `none is not loaded and not listed in ${modules}/modules.dep`,
    );
  });
});

test.each([
  ['a', 'a.ko: b.ko vfio.ko', true],
  ['a', 'a.ko: kernel/vfio-pci-core.ko.xz', true],
  ['a', 'a.ko: kernel/vfio_pci_core.ko', true],
  ['a', 'a.ko: kernel/not-vfio.ko kernel/vfiox.ko', false],
  ['vfio', 'vfio.ko:', false],
  ['b', 'a.ko: vfio.ko', null],
])('moduleUsesVfio of %s where modules.dep says %s: %s', (module, line, uses) => {
  const root = machine();
  const modules = path.join(root.directory, 'm');
  fs.mkdirSync(modules);
  fs.writeFileSync(path.join(modules, 'modules.dep'), `z.ko: vfio.ko\n${line}\n`);
  expect(moduleUsesVfio(modules, module)).toBe(uses);
  const entries = [{ key: line.slice(0, line.indexOf('.')), value: line, priority: 0 }];
  fs.writeFileSync(path.join(modules, 'modules.dep.bin'), writeIndex(entries, 'post'));
  expect(moduleUsesVfio(modules, module)).toBe(uses);
});
