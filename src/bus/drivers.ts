import { buses } from './buses.ts';
import type { Bus } from './define/bus.ts';

/** Every function that registers drivers, with the bus that it registers them on. */
export const registerFunctions: ReadonlyMap<string, Bus> = new Map(
  buses.flatMap((bus) => (bus.drivers?.register ?? []).map((name) => [name, bus] as const)),
);
