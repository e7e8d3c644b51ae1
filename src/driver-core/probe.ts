import type { Release } from '../release.ts';
import { always, atRelease, type ByRelease, history } from '../release-history.ts';
import type { Missing, TraceEntry } from './event.ts';
import { factAbout } from './lists/facts.ts';
import { listedDevice, ownerOf, possibleDrivers, seenTo } from './lookup.ts';
import type { Decision, Device, Driver, Errno, KernelState, PciFacts } from './state.ts';

/**
 * How a probe ends. `refused` is an error from the driver itself: loops over drivers continue with the next one.
 * `aborted` is an error from the core before the driver ran: loops end.
 */
export type ProbeOutcome =
  | { readonly kind: 'bound' }
  | { readonly kind: 'refused'; readonly errno: Errno }
  | { readonly kind: 'aborted'; readonly errno: Errno }
  | { readonly kind: 'unknown'; readonly why: string; readonly missing: readonly Missing[] };

export interface Probe {
  readonly outcome: ProbeOutcome;
  readonly trace: TraceEntry;
}

/**
 * Lets a driver try an unbound device that it matches (dd.c:really_probe). The group's ownership is asked first, then
 * the bus, then what is known about the driver's own probe function.
 */
export function probeDevice(state: KernelState, driver: Driver, device: Device): Probe {
  const say = (outcome: ProbeOutcome, rule: string, text: string): Probe => ({
    outcome,
    trace: { rule, text, driver: driver.name, device: device.name },
  });
  const owned = ownerOf(state, device.group);
  if (owned !== null && !driver.managedDma) {
    if (state.features.dmaOwnership)
      return say(
        { kind: 'aborted', errno: 'EBUSY' },
        'drivers/iommu/iommu.c:iommu_device_use_default_domain',
        `the group's DMA belongs to ${owned}`,
      );
    return say(
      {
        kind: 'unknown',
        why: 'before 5.19 the kernel stops with a BUG when a group in use becomes unviable',
        missing: [],
      },
      'drivers/vfio/vfio.c:vfio_iommu_group_notifier',
      `the group is in use by ${owned}`,
    );
  }
  if (device.pci?.physfn && device.override === null) {
    const physfn = listedDevice(state, device.bus, device.pci.physfn);
    if (physfn?.pci && !physfn.pci.vfsAutoprobe)
      return say(
        { kind: 'refused', errno: 'ENODEV' },
        'drivers/pci/pci-driver.c:pci_device_can_probe',
        `sriov_drivers_autoprobe of ${physfn.name} is 0`,
      );
  }
  return driverProbe(state, driver, device, say);
}

type Say = (outcome: ProbeOutcome, rule: string, text: string) => Probe;

function driverProbe(state: KernelState, driver: Driver, device: Device, say: Say): Probe {
  if (driver.probe === 'stub')
    return say({ kind: 'bound' }, `${driver.name}: probe()`, `${driver.name} takes every device`);
  if (driver.probe === 'vfio-pci' || driver.probe === 'vfio-variant') {
    const refused = vfioPciRefuses(state, driver, device);
    if (refused?.errno === null)
      return say({ kind: 'unknown', why: refused.text, missing: [] }, refused.rule, refused.text);
    if (refused) return say({ kind: 'refused', errno: refused.errno }, refused.rule, refused.text);
    if (driver.probe === 'vfio-pci')
      return say({ kind: 'bound' }, 'drivers/vfio/pci/vfio_pci.c:vfio_pci_probe', 'registered with VFIO');
  }
  const seen = factAbout(state.evidence, { bus: device.bus, driver: driver.name, device: device.name }, 'probe');
  if (seen?.probe === 'ok')
    return say(
      { kind: 'bound' },
      `${driver.name}: probe()`,
      `${driver.name} ${seenTo(seen, 'probe')} to take ${device.name}`,
    );
  if (seen?.probe !== undefined)
    return say(
      { kind: 'refused', errno: seen.probe },
      `${driver.name}: probe()`,
      `${driver.name} ${seenTo(seen, 'probe')} to refuse ${device.name} with ${seen.probe}`,
    );
  const why = `whether ${driver.name} takes ${device.name} is its own decision`;
  const missing: Missing = { bus: device.bus, driver: driver.name, device: device.name, about: 'probe' };
  return say({ kind: 'unknown', why, missing: [missing] }, `${driver.name}: probe()`, why);
}

interface Refusal {
  /** Null where it depends on the stable release. */
  readonly errno: Errno | null;
  readonly rule: string;
  readonly text: string;
}

/** The checks of vfio-pci and of every variant built on vfio_pci_core, in their order. */
function vfioPciRefuses(state: KernelState, driver: Driver, device: Device): Refusal | null {
  const pci = device.pci;
  if (!pci) return null;
  const core = 'drivers/vfio/pci/vfio_pci_core.c:vfio_pci_core_register_device';
  const denied = driver.probe === 'vfio-pci' && !state.disableDenylist ? denylisted(pci, state.release) : 'no';
  if (denied !== 'no')
    return {
      errno: denied === 'yes' ? 'EINVAL' : null,
      rule: 'drivers/vfio/pci/vfio_pci.c:vfio_pci_is_denylisted',
      text:
        denied === 'yes'
          ? 'on the denylist of vfio-pci (its parameter disable_denylist turns that off)'
          : 'on the denylist of vfio-pci in stable releases of May 2024 and later',
    };
  if (pci.bridge) return { errno: 'EINVAL', rule: core, text: 'the device is a bridge' };
  if (pci.numVfs > 0) return { errno: 'EBUSY', rule: core, text: `${pci.numVfs} virtual functions are enabled` };
  if (device.group === null && !state.noiommu)
    return {
      errno: 'EINVAL',
      rule: 'drivers/vfio/group.c:vfio_group_find_or_alloc',
      text: 'the device has no IOMMU group and enable_unsafe_noiommu_mode is off',
    };
  return null;
}

const INTEL = 0x8086;

/** On the list since the oldest release that this model knows (it began in 5.9). */
const ALWAYS = always<Decision>('yes');

/**
 * Came in 6.10 and, in May 2024, to the maintained series except 5.10. Whether to 5.15, and what vendor kernels
 * backported, is not known.
 */
const SINCE_MAY_2024 = history<Decision>({
  '5.10': 'unknown',
  '6.1.91': 'yes',
  '6.6.31': 'yes',
  '6.8.10': 'yes',
  '6.9.1': 'yes',
  '6.10': 'yes',
});

/**
 * Intel's devices that vfio-pci refuses unless its parameter disable_denylist is set
 * (vfio_pci.c:vfio_pci_dev_in_denylist).
 */
const DENYLIST: ReadonlyMap<number, ByRelease<Decision>> = new Map([
  // QuickAssist C3xxx, C62x and DH895xCC: functions and their virtual ones
  [0x19e2, ALWAYS],
  [0x19e3, ALWAYS],
  [0x37c8, ALWAYS],
  [0x37c9, ALWAYS],
  [0x0435, ALWAYS],
  [0x0443, ALWAYS],
  // DSA and IAX of Sapphire Rapids
  [0x0b25, SINCE_MAY_2024],
  [0x0cfe, SINCE_MAY_2024],
]);

function denylisted({ vendor, device }: Pick<PciFacts, 'vendor' | 'device'>, release: Release): Decision {
  const listed = vendor === INTEL ? DENYLIST.get(device) : undefined;
  return (listed && atRelease(listed, release)) ?? 'no';
}

/** Whether a device is bound to anything: yes, no, or not known. */
export function isBound(device: Device): 'yes' | 'no' | 'unknown' {
  const possible = possibleDrivers(device.driver);
  if (!possible.includes(null)) return 'yes';
  return possible.length === 1 ? 'no' : 'unknown';
}
