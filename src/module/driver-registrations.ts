import type { Elf } from '../binary/elf.ts';
import { buses } from '../bus/buses.ts';
import type { Bus } from '../bus/define/bus.ts';

/** Every function that registers drivers, with the bus that it registers them on. */
export const registerFunctions: ReadonlyMap<string, Bus> = new Map(
  buses.flatMap((bus) => (bus.drivers?.register ?? []).map((name) => [name, bus] as const)),
);

/** What the names of all register functions have in common. */
const MARK = Buffer.from('_driver');
const LONGEST_NAME = 128;

/** A type of drivers that a module registers. */
export interface DriverRegistration {
  readonly bus: Bus;
  /** The function that it imports. */
  readonly by: string;
}

/**
 * The types of drivers that a module registers although `served` says nothing of them, by the register functions that
 * it imports. Not counted is a bus of which the module has a register function itself, since that passes on the drivers
 * of others, nor one on which it makes its own devices.
 */
export function registrationsWithout(elf: Elf, served: (bus: Bus) => boolean): DriverRegistration[] {
  const found: DriverRegistration[] = [];
  for (const by of candidates(elf)) {
    const bus = registerFunctions.get(by)!;
    if (served(bus) || found.some((other) => other.bus === bus) || !imports(elf, by)) continue;
    const { register, onBehalf = [], make = [] } = bus.drivers!;
    if ([...register, ...onBehalf].some((name) => defines(elf, name)) || make.some((name) => imports(elf, name)))
      continue;
    found.push({ bus, by });
  }
  return found;
}

/**
 * Register functions that stand among the names of symbols, whether or not as symbols of their own: linkers share the
 * ends of names.
 */
function candidates(elf: Elf): Set<string> {
  const names = elf.symbolNames();
  const found = new Set<string>();
  if (!names) return found;
  const bytes = Buffer.from(names.bytes.buffer, names.bytes.byteOffset, names.size);
  for (let at = names.indexOf(MARK); at !== -1; at = names.indexOf(MARK, at + MARK.length)) {
    let start = at;
    while (start > 0 && bytes[start - 1] !== 0 && at - start < LONGEST_NAME) start--;
    let end = at + MARK.length;
    while (end < bytes.length && bytes[end] !== 0 && end - at < LONGEST_NAME) end++;
    const name = bytes.toString('latin1', start, end);
    if (registerFunctions.has(name)) found.add(name);
    else if (name.startsWith('un') && registerFunctions.has(name.slice(2))) found.add(name.slice(2));
  }
  return found;
}

function imports(elf: Elf, name: string): boolean {
  return elf.symbols(name).some((symbol) => symbol.name === name && symbol.section === 0);
}

function defines(elf: Elf, name: string): boolean {
  return elf.symbols(name).some((symbol) => symbol.name === name && symbol.section !== 0);
}
