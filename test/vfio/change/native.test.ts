import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadAliasIndex } from '../../../src/packaging/load-aliases.ts';
import { nativePlacement } from '../../../src/vfio/change/native.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { readMachine } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const MODULES = ['nvidiafb', 'nouveau', 'nvidia'];
const ALIASES = MODULES.map((module) => `alias pci:v000010DEd*sv*sd*bc03sc*i* ${module}\n`).join('');

/**
 * The driver that a graphics card is given back to, while it has one and some are registered, and what is said of the
 * others.
 */
async function native(
  driver: string,
  registered: readonly string[],
  config = '',
): Promise<{ driver: string | null | undefined; notes: readonly string[] }> {
  const machine = readMachine('intel-desktop');
  const drivers = { pci: { 'vfio-pci': 'vfio_pci', ...Object.fromEntries(registered.map((name) => [name, name])) } };
  const devices = machine.devices.flatMap((device) =>
    device.path.endsWith('/0000:01:00.0') ? { ...device, driver } : device.bus === 'pci' ? [] : device,
  );
  const { roots, directory } = machineRoot({ ...machine, devices, drivers });
  const file = (name: string, text: string) => {
    fs.writeFileSync(path.join(directory, name), text);
    return path.join(directory, name);
  };
  const options = { config: [file('vfio.conf', config)] };
  const aliases = async () => loadAliasIndex(file('modules.alias', ALIASES), options);
  const place = nativePlacement({ sysfs: roots.sysfs, aliases, modules: null });
  const answer = await place(findDevice(roots.sysfs, '0000:01:00.0').device);
  return { driver: answer?.to?.to.driver, notes: answer!.notes.map((note) => note.replace(directory, '')) };
}

test('nativePlacement leaves a device with the native driver that it has', async () => {
  expect((await native('nouveau', MODULES)).driver).toBe('nouveau');
});

test('nativePlacement leaves it with a driver whose module is blacklisted, too', async () => {
  expect(await native('nouveau', MODULES, 'blacklist nouveau\n')).toEqual({ driver: 'nouveau', notes: [] });
});

test('nativePlacement takes the first module of modules.alias for a device that VFIO has', async () => {
  expect((await native('vfio-pci', MODULES)).driver).toBe('nvidiafb');
});

test('nativePlacement skips what modprobe.d forbids, and says which line does', async () => {
  expect(await native('vfio-pci', MODULES, 'blacklist nvidiafb\ninstall nouveau /bin/false\n')).toEqual({
    driver: 'nvidia',
    notes: [
      "0000:01:00.0: nvidiafb is skipped: 'blacklist nvidiafb' (/vfio.conf:1)",
      "0000:01:00.0: nouveau is skipped: 'install nouveau /bin/false' (/vfio.conf:2)",
    ],
  });
});

test.each([
  ['install nvidiafb /bin/false', 'nouveau'],
  ['install nvidiafb /bin/true', 'nouveau'],
  ['install nvidiafb /usr/bin/true ', 'nouveau'],
  ['install nvidiafb false', 'nouveau'],
  ['install nvidiafb /sbin/modprobe -i nvidiafb', 'nvidiafb'],
  ['install nvidiafb /bin/true; /sbin/modprobe -i nvidiafb', 'nvidiafb'],
  ['install nvidiafb /bin/falsey', 'nvidiafb'],
  ['remove nvidiafb /bin/false', 'nvidiafb'],
  ['softdep nvidiafb pre: false', 'nvidiafb'],
])('nativePlacement where modprobe.d says %j: %s', async (line, driver) => {
  expect((await native('vfio-pci', MODULES, `${line}\n`)).driver).toBe(driver);
});

test('nativePlacement knows no place where modprobe.d forbids every module, and says so', async () => {
  const { driver, notes } = await native('vfio-pci', ['nouveau'], 'blacklist nouveau\n');
  expect(driver).toBeUndefined();
  expect(notes).toHaveLength(1);
});

test("nativePlacement gives a subchannel back to the kernel's own driver, though css:t0 is an alias of vfio_ccw", async () => {
  const { roots, directory } = machineRoot('s390x');
  const file = path.join(directory, 'modules.alias');
  fs.writeFileSync(file, 'alias css:t0 vfio_ccw\n');
  const place = nativePlacement({ sysfs: roots.sysfs, aliases: () => loadAliasIndex(file), modules: null });
  const { device } = findDevice(roots.sysfs, '0.0.0011');
  expect(device.driver).toBe('vfio_ccw');
  expect((await place(device))?.to).toEqual({
    path: device.path,
    to: { driver: 'io_subchannel', override: null },
    module: null,
  });
});
