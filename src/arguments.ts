import { ModaliasError } from './errors.ts';
import { didYouMean } from './nearest.ts';

/**
 * What the functions of the library do first with arguments from plain JavaScript, which no compiler has checked. Each
 * throws `bad-argument` with the argument's name, what was found and what was expected.
 */

export function needText(name: string, value: unknown): void {
  if (typeof value !== 'string') throw wrong(name, value, 'a string');
}

/** The same for an option that may be left out. */
export function needOptionalText(name: string, value: unknown): void {
  if (value !== undefined) needText(name, value);
}

export function needNumber(name: string, value: unknown): void {
  if (typeof value !== 'number') throw wrong(name, value, 'a number');
}

export function needFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrong(name, value, 'a function');
}

export function needBytes(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array)) throw wrong(name, value, 'a Uint8Array, such as a Buffer');
}

/** An object that has these members. */
export function needObject<T extends object>(name: string, value: T, ...members: readonly (keyof T & string)[]): void {
  if (typeof value !== 'object' || value === null) throw wrong(name, value, `an object${withMembers(members)}`);
  for (const member of members)
    if (value[member] === undefined) throw wrong(name, value, `an object${withMembers(members)}; ${member} is missing`);
}

/** An object that has no other members than these. */
export function needMembers<T extends object>(name: string, value: T, known: readonly (keyof T & string)[]): void {
  needObject(name, value);
  const other = Object.keys(value).find((member) => !(known as readonly string[]).includes(member));
  if (other === undefined) return;
  const message = `${name}: found a member '${other}', expected ${known.join(', ')}${didYouMean(other, known)}`;
  throw new ModaliasError('bad-argument', message);
}

/** An iterable that is not a string; each element of an array is an object that has these members, if any are named. */
export function needList<T>(name: string, value: Iterable<T>, ...members: readonly (keyof T & string)[]): void {
  if (typeof value === 'string' || typeof Object(value)[Symbol.iterator] !== 'function')
    throw wrong(name, value, 'an array or another iterable');
  if (members.length > 0 && Array.isArray(value))
    for (const [i, element] of value.entries())
      needObject<Record<string, unknown>>(`${name}[${i}]`, element, ...members);
}

/** An array or another iterable of strings. */
export function needTexts(name: string, value: Iterable<string>): void {
  needList(name, value);
  if (Array.isArray(value)) for (const [i, element] of value.entries()) needText(`${name}[${i}]`, element);
}

function withMembers(members: readonly string[]): string {
  return members.length === 0 ? '' : ` with ${members.join(', ')}`;
}

function wrong(name: string, value: unknown, expected: string): ModaliasError {
  return new ModaliasError('bad-argument', `${name}: found ${kindOf(value)}, expected ${expected}`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
