import { parseRelease } from '../../../src/release.ts';
import { planRestore } from '../../../src/vfio/change/restore.ts';
import type { Machine } from '../../../src/vfio/plan/machine.ts';
import { type BindRequest, type PlanOptions, planBind } from '../../../src/vfio/plan/plan.ts';
import type { MachineDevice } from '../../../src/vfio/sysfs/device.ts';
import type { IommuGroup } from '../../../src/vfio/sysfs/groups.ts';

export const CARD = '0000:01:00.0';
export const at = (name: string) => `devices/pci0000:00/${name}`;

/** A network card on e1000e, alone in group 7, unless `rest` says otherwise. */
export function card(rest: Partial<MachineDevice> = {}): MachineDevice {
  return {
    name: CARD,
    bus: 'pci',
    path: at(rest.name ?? CARD),
    modalias: 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00',
    driver: 'e1000e',
    group: '7',
    class: 0x020000,
    override: null,
    sriov: { numVfs: 0, vfsAutoprobe: true, physfn: null, capability: null },
    bridge: false,
    bootDisplay: false,
    unbinding: false,
    ...rest,
  };
}

export function group(members: readonly MachineDevice[], rest: Partial<IommuGroup> = {}): IommuGroup {
  return {
    id: '7',
    type: 'DMA',
    name: null,
    members,
    reserved: [],
    viability: { viable: true, blockers: [] },
    availability: { state: 'now', move: [], unbind: [], why: null },
    notes: [],
    nodes: [],
    ...rest,
  };
}

export const driver = (name: string, rest: Partial<Machine['drivers'][number]> = {}): Machine['drivers'][number] => {
  return { bus: 'pci', name, module: name.replaceAll('-', '_'), vfio: false, bindable: true, ...rest };
};

/** A 6.12 machine with an IOMMU, these devices in one group, and the drivers e1000e, vfio-pci and pci-stub. */
export function machine(devices: readonly MachineDevice[] = [card()], rest: Partial<Machine> = {}): Machine {
  return {
    kernel: '6.12.0',
    release: parseRelease('6.12'),
    iommu: true,
    noiommu: false,
    disableDenylist: false,
    platform: { architecture: 'x86_64', vendor: null, remapsInterrupts: null, unsafeInterrupts: false },
    cards: [],
    buses: [...new Set(devices.map(({ bus }) => bus!))].map((name) => ({ name, autoprobe: true })),
    devices,
    groups: [group(devices.filter((one) => one.group === '7'))],
    groupIds: ['7'],
    drivers: [driver('e1000e'), driver('vfio-pci'), driver('pci-stub')],
    uses: [],
    holders: [],
    unseen: 0,
    notes: [],
    ...rest,
  };
}

/** The plan that binds the first device to vfio-pci. */
export const bind = (read: Machine, request: Partial<BindRequest> = {}, options: PlanOptions = {}) =>
  planBind(read, [{ path: read.devices[0]!.path, driver: 'vfio-pci', module: 'vfio_pci', ...request }], options);
/** The plan that brings the first device back to e1000e. */
export const back = (read: Machine, options: PlanOptions = {}) =>
  planRestore(
    read,
    [{ path: read.devices[0]!.path, to: { driver: 'e1000e', override: null }, module: 'e1000e', seen: true }],
    options,
  );
