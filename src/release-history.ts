import { compareReleases, OLDEST_RELEASE, parseRelease, type Release } from './release.ts';

/**
 * Something that differs by release: pairs of first release and value, oldest first. A value that came with a series
 * (point 0) holds for the series after it too; one that came with a stable point holds for the rest of its own series.
 */
export type ByRelease<T> = readonly (readonly [from: Release, value: T])[];

/**
 * Values by the first release they hold in: `history({ '5.10': 9, '5.18': 16 })`. What was backported to a stable
 * series is given by its point: `history({ '5.10': false, '6.1.124': true, '6.13': true })` is true from 6.1.124 to the
 * end of 6.1, false in 6.2, and true from 6.13 on. If only bounds of the point are known, the value between them says
 * so.
 */
export function history<T>(values: Readonly<Record<string, T>>): ByRelease<T> {
  const pairs = Object.entries(values).map(([from, value]) => [firstOf(from), value] as const);
  return pairs.sort(([a], [b]) => compareReleases(a, b));
}

/** A value that exists from one release on: `since('5.15', u32)`. */
export function since<T>(first: string, value: T): ByRelease<T> {
  return [[firstOf(first), value]];
}

/** A value that no longer exists from one release on: `until('7.3', driverData)`. */
export function until<T>(gone: string, value: T): ByRelease<T | null> {
  return [
    [OLDEST_RELEASE, value],
    [firstOf(gone), null],
  ];
}

/** One value in all releases. */
export function always<T>(value: T): ByRelease<T> {
  return [[OLDEST_RELEASE, value]];
}

/** The value in force at a release: the last that holds there; undefined before the first. */
export function atRelease<T>(values: ByRelease<T>, release: Release): T | undefined {
  let value: T | undefined;
  for (const [from, v] of values) {
    if (compareReleases(from, release) > 0) break;
    if (from.point === 0 || sameSeries(from, release)) value = v;
  }
  return value;
}

/** The first release of `6.12` or `6.12.9`; point 0 if none is given. */
function firstOf(text: string): Release {
  const first = parseRelease(text);
  return first.point === 'newest' ? { ...first, point: 0 } : first;
}

function sameSeries(a: Release, b: Release): boolean {
  return a.major === b.major && a.minor === b.minor;
}
