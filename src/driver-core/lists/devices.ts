import type { Device } from '../state.ts';
import { FEW, Indexed } from './indexed.ts';
import { Remembered } from './remembered.ts';

type Devices = readonly Device[];

/** Finds devices by their name, and by the group, the parent and the physical function that they have. */
export const DEVICES = new Indexed<Device, 'name' | 'group' | 'parent' | 'physfn'>({
  name: ({ name }) => name,
  group: ({ group }) => group,
  parent: ({ parent }) => parent,
  physfn: ({ pci }) => pci?.physfn ?? null,
});

/** The devices of lists of which something is so; of a list that was made of another it follows from that one. */
class Those {
  readonly #is: (device: Device) => boolean;
  readonly #places: Remembered<Devices, readonly number[]>;

  constructor(is: (device: Device) => boolean) {
    this.#is = is;
    this.#places = new Remembered((devices) => devices.flatMap((device, at) => (is(device) ? at : [])));
  }

  /** These of a list, in its order. */
  of(devices: Devices): Devices {
    if (devices.length <= FEW) return devices.filter(this.#is);
    return this.#places.of(devices).map((at) => devices[at]!);
  }

  /** Whether there are any in a list. */
  any(devices: Devices): boolean {
    return devices.length <= FEW ? devices.some(this.#is) : this.#places.of(devices).length > 0;
  }

  /** Notes that a list is another one but for a device. */
  follow(devices: Devices, next: Devices, at: number): void {
    if (devices.length <= FEW) return;
    const places = this.#places.of(devices);
    const is = this.#is(next[at]!);
    if (is === this.#is(devices[at]!)) this.#places.give(next, places);
    else this.#places.give(next, is ? [...places, at].sort((a, b) => a - b) : places.filter((one) => one !== at));
  }
}

/** Devices that have no driver, or perhaps none. */
export const UNBOUND = new Those(({ driver }) => typeof driver !== 'string');

/** Devices of which something is still to come: which driver they have is open, or a probe is due or put off. */
export const UNSETTLED = new Those(
  ({ driver, deferred, asyncProbes }) =>
    (typeof driver === 'object' && driver !== null) || deferred === true || asyncProbes !== undefined,
);

/** The list with another device in a place. */
export function withDeviceAt(devices: Devices, at: number, device: Device): Devices {
  const next = DEVICES.with(devices, at, device);
  UNBOUND.follow(devices, next, at);
  UNSETTLED.follow(devices, next, at);
  return next;
}

/** The list with these devices at its end, in their order, in place of those that have their names. */
export function withDevicesLast(devices: Devices, added: Devices): Devices {
  const gone = new Set(
    added.flatMap(({ bus, name }) => DEVICES.places(devices, 'name', name).filter((at) => devices[at]!.bus === bus)),
  );
  const next = [...devices.filter((_, at) => !gone.has(at)), ...added];
  const first = devices.length - added.length;
  const places = added.map((_, i) => first + i);
  // If they were the last ones before, all stand where they stood.
  if (gone.size === added.length && places.every((at) => gone.has(at))) DEVICES.share(devices, next, places);
  return next;
}
