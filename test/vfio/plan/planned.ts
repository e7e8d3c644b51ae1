import { type Machine, readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import type { DeviceDescription, MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

/** A PCI function of a machine: its path below devices, its class of six digits, and the rest. */
export function pci(path: string, code: string, rest: Partial<DeviceDescription> = {}): DeviceDescription {
  const modalias = `pci:v00001234d00000001sv00000000sd00000000bc${code.slice(0, 2)}sc${code.slice(2, 4)}i${code.slice(4)}`;
  return { path, bus: 'pci', ...rest, attributes: { modalias, class: `0x${code}`, ...rest.attributes } };
}

/** A machine with these devices, each in the group that it names. */
export function machineOf(
  devices: readonly DeviceDescription[],
  rest: Partial<MachineDescription> = {},
): MachineDescription {
  const names = new Set(devices.flatMap(({ driver, bus }) => (driver !== undefined && bus === 'pci' ? [driver] : [])));
  return {
    version: 1,
    name: 'planned',
    release: '6.12.0',
    drivers: { pci: { ...Object.fromEntries([...names].map((name) => [name, name])), 'vfio-pci': 'vfio_pci' } },
    groups: Object.fromEntries(devices.flatMap(({ group }) => (group === undefined ? [] : [[group, {}]]))),
    ...rest,
    devices,
  };
}

/** The machine as it is read for some of its devices, and the plan that binds these to vfio-pci. */
export function planned(description: MachineDescription, names: readonly string[]): { machine: Machine; plan: Plan } {
  const { roots } = machineRoot(description);
  const devices = names.map((name) => findDevice(roots.sysfs, name).device);
  const machine = readMachine(roots, devices);
  const requests = devices.map(({ path }) => ({ path, driver: 'vfio-pci', module: 'vfio_pci', vfio: true }));
  return { machine, plan: planBind(machine, requests) };
}

/** The warnings of a plan as `code: message`, with `(note)` before those that do not prevent it. */
export function warned({ warnings }: Plan): string[] {
  return warnings.map(({ code, message, blocks }) => `${blocks === null ? '(note) ' : ''}${code}: ${message}`);
}
