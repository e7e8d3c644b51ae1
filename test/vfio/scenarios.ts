import type { BindRequest } from '../../src/vfio/plan/plan.ts';
import type { Device } from '../../src/vfio/sysfs/device.ts';
import type { MachineDescription } from '../fake-root.ts';
import { readMachine } from '../fake-root.ts';

interface ScenarioRequest {
  readonly device: string;
  readonly driver: string;
  readonly module: string;
  /** Virtual functions to make of it, and to bind instead. */
  readonly vfs?: number;
}

/** Something to bind: devices of a machine, each to a driver. */
export interface Scenario {
  readonly machine: string;
  readonly requests: readonly ScenarioRequest[];
  /** Overrides that are there before. */
  readonly overrides?: Readonly<Record<string, string>>;
}

const vfioPci = (device: string) => ({ device, driver: 'vfio-pci', module: 'vfio_pci' });

export const scenarios: Readonly<Record<string, Scenario>> = {
  'one card': { machine: 'viommu-guest', requests: [vfioPci('0000:01:00.0')] },
  'a card with an override already': {
    machine: 'viommu-guest',
    requests: [vfioPci('0000:02:00.0')],
    overrides: { '0000:02:00.0': 'e1000e' },
  },
  'a native card whose override names the VFIO driver already': {
    machine: 'viommu-guest',
    requests: [vfioPci('0000:02:00.0')],
    overrides: { '0000:02:00.0': 'vfio-pci' },
  },
  'a card whose override names another driver than it has': {
    machine: 'viommu-guest',
    requests: [vfioPci('0000:02:00.0')],
    overrides: { '0000:02:00.0': 'pci-stub' },
  },
  'a card on a stub that takes it only under an override, which is not there any more': {
    machine: 'old-kernel',
    requests: [vfioPci('0000:01:00.0')],
  },
  'a card without a driver': { machine: 'viommu-guest', requests: [vfioPci('0000:00:1f.3')] },
  'two cards of one group': { machine: 'viommu-guest', requests: [vfioPci('0000:04:01.0'), vfioPci('0000:04:02.0')] },
  'a card and its sound, the module not loaded': {
    machine: 'intel-desktop',
    requests: [vfioPci('0000:01:00.0'), vfioPci('0000:01:00.1')],
  },
  'a virtual function to its variant': {
    machine: 'sriov-server',
    requests: [{ device: '0000:81:00.2', driver: 'mlx5_vfio_pci', module: 'mlx5_vfio_pci' }],
  },
  'two virtual functions that are made': {
    machine: 'sriov-igb',
    requests: [{ ...vfioPci('0000:01:00.0'), vfs: 2 }],
  },
  'a platform device': {
    machine: 'arm64-soc',
    requests: [{ device: 'fe000000.ethernet', driver: 'vfio-platform', module: 'vfio_platform' }],
  },
};

const machines = new Map<Scenario, MachineDescription>();

/** The machine of a scenario, before anything is done. */
export function scenarioMachine(scenario: Scenario): MachineDescription {
  const machine = machines.get(scenario) ?? readScenario(scenario);
  machines.set(scenario, machine);
  return machine;
}

function readScenario({ machine, overrides = {} }: Scenario): MachineDescription {
  const description = readMachine(machine);
  const devices = description.devices.map((device) => {
    const override = overrides[device.path.slice(device.path.lastIndexOf('/') + 1)];
    return override === undefined
      ? device
      : { ...device, attributes: { ...device.attributes, driver_override: override } };
  });
  return { ...description, devices };
}

/** What a scenario asks for, for the devices that were found by its names. */
export function requestsOf({ requests }: Scenario, devices: readonly Device[]): BindRequest[] {
  return requests.map(({ device: _name, ...request }, index) => ({ ...request, path: devices[index]!.path }));
}
