import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import type { DeviceDescription, MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

export const CARD = '0000:01:00.0';
/** Below devices. */
export const AT = `pci0000:00/0000:00:01.0/${CARD}`;

/** The card that a plan is for, and the rest of its machine. */
export interface UsedCard extends Partial<MachineDescription> {
  /** Default: 020000, an Ethernet controller. */
  readonly class?: string;
  /** Default: native; null for none. */
  readonly driver?: string | null;
  readonly attributes?: Readonly<Record<string, string>>;
  /** The devices to plan for. Default: the card. */
  readonly asked?: readonly string[];
}

/** What a plan for the card says of its use: `code: message`, with `(note)` before what does not prevent the plan. */
export function usesOf({
  class: code = '020000',
  driver = 'native',
  attributes = {},
  asked,
  ...rest
}: UsedCard): string[] {
  const modalias = `pci:v00001234d00000001sv00000000sd00000000bc${code.slice(0, 2)}sc${code.slice(2, 4)}i${code.slice(4)}`;
  const { roots } = machineRoot({
    version: 1,
    name: 'used',
    release: '6.12.0',
    groups: { 1: {}, 2: {} },
    ...rest,
    drivers: { pci: { 'vfio-pci': 'vfio_pci', native: 'native', nvidia: 'nvidia', amdgpu: 'amdgpu' } },
    devices: [
      {
        path: AT,
        bus: 'pci',
        ...(driver === null ? {} : { driver }),
        group: '1',
        attributes: { modalias, class: `0x${code}`, ...attributes },
      },
      ...(rest.devices ?? []),
    ],
  });
  const devices = (asked ?? [CARD]).map((name) => findDevice(roots.sysfs, name).device);
  const plan = planBind(
    readMachine(roots, devices),
    devices.map(({ path }) => ({ path, driver: 'vfio-pci', module: null })),
  );
  return plan.warnings.map(
    ({ code: word, message, blocks }) => `${blocks === null ? '(note) ' : ''}${word}: ${message}`,
  );
}

export const net = (path: string): DeviceDescription => ({
  path,
  bus: 'class/net',
  attributes: { uevent: `INTERFACE=${path.slice(path.lastIndexOf('/') + 1)}` },
});
