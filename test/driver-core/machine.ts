import type {
  Device,
  Driver,
  Evidence,
  IommuGroup,
  KernelModule,
  KernelState,
  SriovFacts,
} from '../../src/driver-core/index.ts';
import { deviceId, makeDevice, makeDriver, makeKernel, PCI_ANY_ID, pciFacts } from '../../src/driver-core/index.ts';
import { functionName } from '../../src/driver-core/sriov.ts';
import { parseRelease } from '../../src/release.ts';

/** The numbers in a PCI device's modalias. */
export function factsOf(modalias: string) {
  const m = /^pci:v(\w{8})d(\w{8})sv(\w{8})sd(\w{8})bc(\w\w)sc(\w\w)i(\w\w)$/.exec(modalias);
  if (!m) throw new Error(`no PCI modalias: ${modalias}`);
  const hex = (i: number) => Number.parseInt(m[i]!, 16);
  const value = (hex(5) << 16) | (hex(6) << 8) | hex(7);
  return pciFacts(hex(1), hex(2), {
    subvendor: hex(3),
    subdevice: hex(4),
    class: value,
    bridge: value >> 8 === 0x0604,
  });
}

/**
 * The id tables of the emulated cards' drivers, as far as these cards and the driver_data that new_id asks for go:
 * e1000e has rows of board 0 and its 82574 is board 3.
 */
const E1000E = [deviceId(0x8086, 0x105e), deviceId(0x8086, 0x10d3, { driver_data: 3n })];
const NVME = { class: 0x010802, class_mask: 0xffffff };
const E1000 = [deviceId(0x8086, 0x100e)];

const driver = (name: string, module: string, rest: Partial<Driver> = {}) =>
  makeDriver('pci', name, { module, ...rest });

/** The modules of the experiment and what each registers. */
export const MODULES: readonly KernelModule[] = [
  ['e1000e', [], [driver('e1000e', 'e1000e', { ids: E1000E })]],
  ['e1000', [], [driver('e1000', 'e1000', { ids: E1000 })]],
  ['irqbypass', [], []],
  ['vfio', [], []],
  ['vfio_virqfd', [], []],
  ['vfio_iommu_type1', ['vfio'], []],
  ['vfio_pci_core', ['vfio', 'irqbypass'], []],
  ['vfio_pci', ['vfio_pci_core'], [driver('vfio-pci', 'vfio_pci')]],
  ['pci_stub', [], [driver('pci-stub', 'pci_stub')]],
  ['pci_pf_stub', [], [driver('pci-pf-stub', 'pci_pf_stub')]],
  ['nvme', [], [driver('nvme', 'nvme', { ids: [deviceId(PCI_ANY_ID, PCI_ANY_ID, NVME)] })]],
  ['igb', [], [driver('igb', 'igb', { ids: [deviceId(0x8086, 0x10c9)] })]],
  ['igbvf', [], [driver('igbvf', 'igbvf', { ids: [deviceId(0x8086, 0x10ca)] })]],
  ['uio', [], []],
  ['uio_pci_generic', ['uio'], [driver('uio_pci_generic', 'uio_pci_generic')]],
].map(([name, depends, drivers]): KernelModule => {
  const module = { name, depends, drivers, loaded: false } as KernelModule;
  return name === 'vfio' ? { ...module, after: ['vfio_iommu_type1'] } : module;
});

const moduleOf = (name: string) => MODULES.find((module) => module.name === name)!;

export interface SeenDevice {
  readonly name: string;
  readonly modalias: string;
  readonly group: string;
  readonly driver: string | null;
  /** The bridge above it, where that is known. */
  readonly parent?: string | null;
  /** What its sriov_* files show, where they were looked at. */
  readonly sriov?: SriovFacts | null;
}

/** What the emulated cards were seen to do with drivers whose probe function the model does not know. */
const TAKES: { readonly [id: string]: readonly string[] } = {
  '8086:10d3': ['e1000e'],
  '8086:100e': ['e1000', 'uio_pci_generic'],
  '8086:10c9': ['igb'],
  '8086:10ca': ['igbvf'],
  '1b36:0010': ['nvme'],
};

function takenBy(name: string, vendor: number, device: number): Evidence[] {
  const id = [vendor, device].map((n) => n.toString(16).padStart(4, '0')).join(':');
  return (TAKES[id] ?? []).map((driver) => ({ bus: 'pci', driver, device: name, probe: 'ok' as const }));
}

/** The experiment's machine, with some of the modules that hold drivers loaded. */
export function experimentMachine(
  release: string,
  seen: readonly SeenDevice[],
  loaded: readonly string[] = [],
): KernelState {
  const devices = seen.map((d): Device => {
    return makeDevice('pci', d.name, {
      pci: { ...factsOf(d.modalias), sriov: d.sriov ?? null },
      parent: d.parent ?? null,
      group: d.group,
      driver: d.driver,
    });
  });
  const groups = [...new Set(seen.map((d) => d.group))].map(
    (id): IommuGroup => ({ id, bus: 'pci', type: 'DMA-FQ', direct: false, file: null }),
  );
  const evidence = devices.flatMap(({ name, pci }) => {
    const { vendor, device, sriov } = pci!;
    const functions = Array.from({ length: sriov?.totalVfs ?? 0 }, (_, i) => functionName(name, sriov!, i));
    return [takenBy(name, vendor, device), ...functions.map((one) => takenBy(one, vendor, sriov!.vfDevice))].flat();
  });
  return makeKernel(parseRelease(release), {
    buses: [{ name: 'pci', autoprobe: true }],
    drivers: [makeDriver('pci', 'pcieport'), ...loaded.flatMap((name) => moduleOf(name).drivers)],
    modules: MODULES.map((module) => (loaded.includes(module.name) ? { ...module, loaded: true } : module)),
    devices,
    groups,
    evidence,
  });
}
