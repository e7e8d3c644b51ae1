import type { PersistenceOptions } from '../../../src/report/persist/formats.ts';
import { formatPersistence, type PersistenceFormat } from '../../../src/report/persist/persistence.ts';
import { readMachine as readDevices } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import type { PlannedDevice } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { machineRoot } from '../../vfio/machine-root.ts';

interface Wanted {
  readonly driver?: string;
  readonly module?: string;
  /** Virtual functions to make. */
  readonly vfs?: number;
  readonly options?: PersistenceOptions;
  /** Puts something else into the planned devices. */
  readonly device?: Partial<PlannedDevice>;
}

/** The configuration for devices of a recorded machine. */
export function persistence(
  format: PersistenceFormat,
  machine: string,
  names: readonly string[],
  wanted: Wanted = {},
): string {
  const { roots } = machineRoot(machine);
  const devices = names.map((name) => findDevice(roots.sysfs, name).device);
  const driver = wanted.driver ?? 'vfio-pci';
  const module = wanted.module ?? driver.replaceAll('-', '_');
  const plan = planBind(
    readDevices(roots, devices),
    devices.map(({ path }) => ({ path, driver, module, ...(wanted.vfs === undefined ? {} : { vfs: wanted.vfs }) })),
    { allowInUse: true },
  );
  const changed = plan.devices.map((device) => ({ ...device, ...wanted.device }));
  return formatPersistence({ ...plan, devices: changed }, format, wanted.options);
}

/** The lines that are no comments. */
export const said = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
