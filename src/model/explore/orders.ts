import { type Device, type Driver, type KernelState, matchDevice } from '../../driver-core/index.ts';

/** Most drivers whose order is varied, in 120 ways; of more, those that come first in the machine's own order. */
const MOST_DRIVERS = 5;

/** Machines that differ in the order of their drivers. */
export interface Orders {
  readonly states: readonly KernelState[];
  /** The drivers whose order matters and was varied, and those whose order was not although it may matter. */
  readonly varied: readonly string[];
  readonly left: readonly string[];
}

/**
 * The machine with its drivers in every order of registration that may matter and that sysfs does not show: the order
 * among those that could have one of the devices by a row, or by a dynamic id that somebody adds. Of those of which
 * nobody knows if they match, one stands for all: what is not known of it is not known of the others.
 */
export function registrationOrders(state: KernelState, devices: readonly Device[]): Orders {
  const buses = new Set(devices.map(({ bus }) => bus));
  const answers = (driver: Driver) =>
    devices.map((device) => matchDevice(state, driver, { ...device, override: null, matchReady: true }).answer);
  const mayHave = (driver: Driver) => takesDynamicIds(driver) || answers(driver).includes('yes');
  const here = state.drivers.filter(({ bus }) => buses.has(bus));
  const stranger = here.find((driver) => !mayHave(driver) && answers(driver).includes('unknown'));
  const moving = here.filter((driver) => driver === stranger || mayHave(driver));
  const varied = moving.slice(0, MOST_DRIVERS);
  const names = moving.map(({ name }) => name);
  const states = permutations(varied).map((order) => {
    const next = [...order];
    return { ...state, drivers: state.drivers.map((driver) => (varied.includes(driver) ? next.shift()! : driver)) };
  });
  return { states, varied: names.slice(0, MOST_DRIVERS), left: names.slice(MOST_DRIVERS) };
}

/** A driver without rows of its own that is made to be given devices: vfio-pci, pci-stub, uio_pci_generic. */
function takesDynamicIds({ bus, ids, vfio }: Driver): boolean {
  return bus === 'pci' && (ids === null || vfio);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}
