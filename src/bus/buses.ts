import type { Bus } from './define/bus.ts';
import { of } from './of.ts';
import { pci } from './pci.ts';
import { usb } from './usb.ts';

/** Every device-table type, in the order of file2alias.c:devtable. */
export const buses: readonly Bus[] = [pci, of, usb];

const byName = new Map(buses.map((bus) => [bus.name, bus]));

/** The bus of a device-table type; undefined for types that file2alias.c makes no aliases of. */
export function busNamed(name: string): Bus | undefined {
  return byName.get(name);
}
