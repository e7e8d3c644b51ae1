import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeIndex } from '../../../src/index-file/index-writer.ts';
import { driverOfModule, moduleUsesVfio } from '../../../src/vfio/resolve/driver-name.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';
import { moduleWith } from './driver-module.ts';

const directory = mkdtempSync(join(tmpdir(), 'modalias-driver-name-'));
afterAll(() => rmSync(directory, { recursive: true }));
const uses = (module: string) => moduleUsesVfio(directory, module);

test('moduleUsesVfio asks the index of modules.dep first, as libkmod does, and the text for what that lacks', () => {
  const VFIO = 'kernel/vfio-pci-core.ko.xz kernel/vfio.ko.xz';
  writeFileSync(join(directory, 'modules.dep'), `kernel/one.ko: ${VFIO}\nkernel/a-b.ko.xz: kernel/vfio.ko\n`);
  expect([uses('one'), uses('a_b'), uses('none')]).toEqual([true, true, null]);
  // What a module is called itself, and where it lies, says nothing of what it needs.
  writeFileSync(join(directory, 'modules.dep'), 'kernel/drivers/vfio/vfio.ko:\nkernel/vfio/a.ko: kernel/xvfio.ko\n');
  expect([uses('vfio'), uses('a')]).toEqual([false, false]);
  writeFileSync(join(directory, 'modules.dep'), `kernel/one.ko: ${VFIO}\nkernel/a-b.ko.xz: kernel/vfio.ko\n`);
  const entry = { key: 'one', value: 'kernel/one.ko:', priority: 0 };
  writeFileSync(join(directory, 'modules.dep.bin'), writeIndex([entry], 'pre'));
  expect([uses('one'), uses('a_b'), uses('none')]).toEqual([false, true, null]);
});

describe('driverOfModule', () => {
  const sysfs = join(directory, 'sys');
  const modules = join(directory, 'modules');
  const answer = async (module: string, at: string | null = modules) => {
    const { name, source, from } = await driverOfModule(new Tree(sysfs), 'pci', module, at);
    return [name, source, from.replaceAll(sysfs, '/sys').replaceAll(modules, '/modules')];
  };
  mkdirSync(modules);
  mkdirSync(join(sysfs, 'module'), { recursive: true });
  const loaded = (module: string, ...names: readonly string[]) => {
    mkdirSync(join(sysfs, 'module', module, 'drivers'), { recursive: true });
    for (const name of names) symlinkSync('nowhere', join(sysfs, 'module', module, 'drivers', name));
  };
  loaded('one', 'pci:one-pci', 'pcie:one-port', 'platform:one');
  loaded('two', 'pci:two-a', 'pci:two-b');
  const file = (module: string, ...names: readonly string[]) =>
    writeFileSync(
      join(modules, `${module}.ko`),
      moduleWith(
        'amd64',
        names.map((name) => ({ name, table: `${name}_table` })),
      ),
    );
  file('single', 'single-pci');
  file('several', 'first', 'second');
  file('none');
  writeFileSync(join(modules, 'broken.ko'), 'no module');
  writeFileSync(
    join(modules, 'modules.dep'),
    ['single', 'several', 'none', 'broken'].map((name) => `${name}.ko:\n`).join(''),
  );

  test.each<[module: string, answer: readonly (string | null)[]]>([
    ['one', ['one-pci', 'sysfs', '/sys/module/one/drivers/pci:one-pci']],
    ['two', [null, null, 'two has several drivers for pci: two-a, two-b; choose one with --driver']],
    ['single', ['single-pci', 'module-file', '/modules/single.ko']],
    [
      'several',
      [null, null, '/modules/several.ko has several drivers for pci: first, second; choose one with --driver'],
    ],
    ['none', [null, null, '/modules/none.ko does not name the driver; load it (modprobe none) and try again']],
    ['absent', [null, null, 'absent is not loaded and not listed in /modules/modules.dep']],
  ])('driverOfModule of %s', async (module, expected) => {
    expect(await answer(module)).toEqual(expected);
  });

  test('driverOfModule says why where there is no module to read', async () => {
    expect(await answer('single', null)).toEqual([
      null,
      null,
      'single is not loaded, and no modules directory was given',
    ]);
    const [name, , why] = await answer('broken');
    expect([name, why]).toEqual([null, expect.stringContaining('not a kernel module')]);
  });
});
