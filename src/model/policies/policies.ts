import { type Driver, deviceId, type KernelState, PCI_ANY_ID, type Policy } from '../../driver-core/index.ts';

/** Rules of matching and binding, what they are in two lines, and the year in which they were proposed. */
export interface PolicyDescription {
  readonly year: number;
  readonly about: readonly [what: string, fate: string];
  /** What differs from mainline; nothing where only drivers do. */
  readonly policy: Policy | null;
  /** What differs in drivers. */
  readonly driver?: (driver: Driver) => Driver;
}

const ANY_MARKED = deviceId(PCI_ANY_ID, PCI_ANY_ID, { override_only: 1 });

/** Gives a driver other rows, if it has this name. */
const withRows =
  (name: string, rows: (driver: Driver) => Driver['ids']) =>
  (driver: Driver): Driver =>
    driver.bus === 'pci' && driver.name === name ? { ...driver, ids: rows(driver) } : driver;

/** Every policy that `model run --policy` knows, the one that kernels have first. */
export const POLICIES: Readonly<Record<string, PolicyDescription>> = {
  mainline: {
    year: 2021,
    about: [
      'override_only rows match only under driver_override, dynamic ids only without another override.',
      'What kernels do: --kernel picks the variant of a release from 5.10 to 7.3.',
    ],
    policy: null,
  },
  '2021-abc': {
    year: 2021,
    about: [
      'a dynamic id matches whatever the override is (a); a marked row needs an override (b), an override a marked row (c).',
      'First form of the patches; (c) would have ended overrides to drivers without marked rows, so it was dropped.',
    ],
    policy: {
      name: '2021-abc',
      dynamicIdsIgnoreOverride: true,
      firstRowDecides: true,
      overrideNeedsMarkedRow: true,
    },
  },
  '2021-ab': {
    year: 2021,
    about: [
      'the same without (c): an override binds any driver, and the first row that matches decides.',
      'Mainline tests the override before dynamic ids, and goes on after a marked row that does not count.',
    ],
    policy: { name: '2021-ab', dynamicIdsIgnoreOverride: true, firstRowDecides: true },
  },
  '2014-sysfs-bind-only': {
    year: 2014,
    about: [
      'a driver with an id for any device matches through its file bind only, and no override is needed (sysfs_bind_only).',
      'Not taken; driver_override came instead, and override_only rows in 5.15.',
    ],
    policy: { name: '2014-sysfs-bind-only', markedRowsThroughBind: true },
  },
  '2014-vfio-bind': {
    year: 2014,
    about: [
      'VFIO drivers have a file vfio_bind, by which they bind a device themselves and ask nobody whether they match.',
      'Not taken: a driver that binds on its own goes around the driver core.',
    ],
    policy: { name: '2014-vfio-bind', vfioBind: true },
  },
  '2014-probe-id': {
    year: 2014,
    about: [
      'each device has a writable id to be matched by (driver_probe_id) in place of its own.',
      'Became driver_override, which names the driver rather than an id (3.16).',
    ],
    policy: { name: '2014-probe-id', probeId: true },
  },
  '2014-priority': {
    year: 2014,
    about: [
      'drivers have a priority: those with a dynamic id for a device are asked first, then VFIO drivers, then the rest.',
      'Not taken: the order of registration still decides.',
    ],
    policy: { name: '2014-priority', priority: true },
  },
  '2014-bdf-id': {
    year: 2014,
    about: [
      'new_id and remove_id take the address of one device, such as 0000:01:00.0, in place of the ids of all like it.',
      'Not taken.',
    ],
    policy: { name: '2014-bdf-id', idsByName: true },
  },
  '2013-driver-name': {
    year: 2013,
    about: [
      'the file bind knows VFIO drivers by their name and takes any device for them.',
      'A stopgap for vfio-platform that was not taken; platform devices got driver_override (3.17).',
    ],
    policy: { name: '2013-driver-name', bindTakesVfio: true },
  },
  'new-id-flags': {
    year: 2021,
    about: [
      'new_id takes an eighth number, override_only, so that a dynamic id may ask for driver_override too.',
      'Not taken: new_id has seven.',
    ],
    policy: { name: 'new-id-flags', newIdFlags: true },
  },
  'pci-stub-override': {
    year: 2021,
    about: [
      'pci-stub has a marked row for every device, as vfio-pci has, so that its alias says that it takes any.',
      'Not taken: pci-stub has no id table; an override binds it all the same.',
    ],
    policy: null,
    driver: withRows('pci-stub', () => [ANY_MARKED]),
  },
  'pci-pf-stub-override': {
    year: 2021,
    about: [
      'the rows of pci-pf-stub are marked, so that it takes a physical function only under driver_override.',
      'Not taken: pci-pf-stub takes its devices as soon as it is loaded.',
    ],
    policy: null,
    driver: withRows('pci-pf-stub', ({ ids }) =>
      Array.isArray(ids) ? ids.map((id) => ({ ...id, override_only: 1 })) : ids,
    ),
  },
};

/** The kernel with the rules of a policy. */
export function underPolicy(state: KernelState, { policy, driver = (one) => one }: PolicyDescription): KernelState {
  const { policy: _, ...plain } = state;
  return {
    ...plain,
    ...(policy ? { policy } : {}),
    drivers: state.drivers.map(driver),
    modules: state.modules.map((module) => ({ ...module, drivers: module.drivers.map(driver) })),
  };
}
