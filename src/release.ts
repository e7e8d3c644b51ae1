import { ModaliasError } from './errors.ts';

/** A kernel release by its first two numbers, comparable as one integer: 6.12 is 6012. */
export type Release = number;

/** Oldest and newest release whose rules are known (read in the kernel's sources). */
export const OLDEST_RELEASE: Release = 5010;
export const NEWEST_RELEASE: Release = 7003;

/** `6.12`, `6.12.117+deb12-amd64` -> 6012. Throws `bad-release` for anything that does not begin with two numbers. */
export function parseRelease(text: string): Release {
  const m = /^\s*v?(\d{1,3})\.(\d{1,3})(?!\d)/.exec(text);
  if (!m)
    throw new ModaliasError('bad-release', `'${text}' is no kernel release; wanted two numbers first, such as 6.12`);
  return Number(m[1]) * 1000 + Number(m[2]);
}

/** 6012 -> `6.12`. */
export function formatRelease(release: Release): string {
  return `${Math.floor(release / 1000)}.${release % 1000}`;
}

/**
 * A kernel release by its text, at most the newest known: a newer one is taken for that, and `warn` is told. Throws
 * `bad-release` for what is no release and for one that is older than any known.
 */
export function knownRelease(text: string, warn: (message: string) => void): Release {
  const release = parseRelease(text);
  if (release < OLDEST_RELEASE) {
    const oldest = formatRelease(OLDEST_RELEASE);
    throw new ModaliasError(
      'bad-release',
      `the rules of ${text} are not known; the oldest known are those of ${oldest}`,
    );
  }
  if (release <= NEWEST_RELEASE) return release;
  const newest = formatRelease(NEWEST_RELEASE);
  warn(`${text} is newer than ${newest}, the newest release whose rules are known; those of ${newest} are used`);
  return NEWEST_RELEASE;
}

/** Something that differs by release: pairs of first release and value, oldest first. */
export type ByRelease<T> = readonly (readonly [from: Release, value: T])[];

/** Values by the first release they hold in, oldest first: `history({ '5.10': 9, '5.18': 16 })`. */
export function history<T>(values: Readonly<Record<string, T>>): ByRelease<T> {
  return Object.entries(values).map(([from, value]) => [parseRelease(from), value] as const);
}

/** A value that exists from one release on: `since('5.15', u32)`. */
export function since<T>(first: string, value: T): ByRelease<T> {
  return [[parseRelease(first), value]];
}

/** A value that is gone from one release on: `until('7.3', driverData)`. */
export function until<T>(gone: string, value: T): ByRelease<T | null> {
  return [
    [OLDEST_RELEASE, value],
    [parseRelease(gone), null],
  ];
}

/** The value in force at a release: the last whose first release is not newer; undefined before the first. */
export function atRelease<T>(values: ByRelease<T>, release: Release): T | undefined {
  let value: T | undefined;
  for (const [from, v] of values) if (from <= release) value = v;
  return value;
}
