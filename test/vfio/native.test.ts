import { expect, test } from 'vitest';
import { parseAliases } from '../../src/match/load.ts';
import { findDevice } from '../../src/vfio/find-device.ts';
import { nativePlacement } from '../../src/vfio/native.ts';
import { readMachine } from '../fake-root.ts';
import { machineRoot } from './machine-root.ts';

const ALIASES = ['nvidiafb', 'nouveau', 'nvidia']
  .map((module) => `alias pci:v000010DEd*sv*sd*bc03sc*i* ${module}\n`)
  .join('');

/** The driver that a graphics card is given back to, while it has one and some are registered. */
async function native(driver: string, registered: readonly string[]): Promise<string | null | undefined> {
  const machine = readMachine('intel-desktop');
  const drivers = { pci: { 'vfio-pci': 'vfio_pci', ...Object.fromEntries(registered.map((name) => [name, name])) } };
  const devices = machine.devices.flatMap((device) =>
    device.path.endsWith('/0000:01:00.0') ? { ...device, driver } : device.bus === 'pci' ? [] : device,
  );
  const { roots } = machineRoot({ ...machine, devices, drivers });
  const aliases = async () => parseAliases(ALIASES);
  const place = nativePlacement({ sysfs: roots.sysfs, aliases, modules: null });
  return (await place(findDevice(roots.sysfs, '0000:01:00.0').device))?.to.driver;
}

test('nativePlacement leaves a device with the native driver that it has', async () => {
  expect(await native('nouveau', ['nvidiafb', 'nouveau', 'nvidia'])).toBe('nouveau');
});

test('nativePlacement takes the first module of modules.alias for a device that VFIO has', async () => {
  expect(await native('vfio-pci', ['nvidiafb', 'nouveau', 'nvidia'])).toBe('nvidiafb');
});
