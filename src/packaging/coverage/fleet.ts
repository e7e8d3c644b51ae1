import { type KnownDevice, knownDevice } from '../../inventory/known-device.ts';
import type { MachineMention } from '../../inventory/read-mentions.ts';
import { MachineList } from './machine-list.ts';

/** A device of some machines. */
export interface FleetDevice {
  readonly device: KnownDevice;
  readonly machines: MachineList;
  /** How many there are besides, of inventories that count devices and name no machines. */
  counted: number;
}

/** The devices of machines, each modalias once. */
export class Fleet {
  /** By their numbers. */
  readonly machines: string[] = [];
  readonly devices: FleetDevice[] = [];
  readonly #numbers = new Map<string, number>();
  /** By their modaliases as they were mentioned, and as they are when completed. */
  readonly #known = new Map<string, FleetDevice>();

  add({ modalias, machine, count = 1 }: MachineMention): void {
    const found = this.#known.get(modalias) ?? this.#newDevice(modalias);
    if (machine === undefined) found.counted += count;
    else found.machines.add(this.#numbers.get(machine) ?? this.#newMachine(machine));
  }

  #newMachine(machine: string): number {
    const number = this.machines.push(copyOf(machine)) - 1;
    this.#numbers.set(this.machines[number]!, number);
    return number;
  }

  #newDevice(text: string): FleetDevice {
    const modalias = copyOf(text);
    const device = knownDevice(modalias);
    const found = this.#known.get(device.modalias) ?? { device, machines: new MachineList(), counted: 0 };
    if (!this.#known.has(device.modalias)) this.devices.push(found);
    this.#known.set(modalias, found);
    this.#known.set(device.modalias, found);
    return found;
  }
}

/** A text of its own: a part of a text that was read would keep all of that in memory. */
function copyOf(text: string): string {
  return /[^\0-\xff]/.test(text) ? text : Buffer.from(text, 'latin1').toString('latin1');
}
