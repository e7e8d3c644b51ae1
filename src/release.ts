import { ModaliasError } from './errors.ts';

/**
 * Marks the result of `parseRelease`, for the compiler only: neither a number nor a hand-made object is a release.
 */
declare const read: unique symbol;

/** A kernel release: its series and its point in it. Plain data, made by `parseRelease`. */
export interface Release {
  /** The first two numbers, which name the series: 6 and 12. */
  readonly major: number;
  readonly minor: number;
  /** The stable release of the series; `newest` for the newest one, whatever its number. */
  readonly point: number | 'newest';
  readonly [read]: true;
}

function release(major: number, minor: number, point: number | 'newest'): Release {
  return { major, minor, point } as Release;
}

/** Oldest and newest release whose rules are known (read in the kernel's sources). */
export const OLDEST_RELEASE = release(5, 10, 0);
export const NEWEST_RELEASE = release(7, 3, 'newest');

/** No number of a release begins with a further 0 (Makefile: KERNELVERSION). */
const RELEASE =
  /^\s*v?(?<major>0|[1-9]\d{0,2})\.(?<minor>0|[1-9]\d{0,2})(?:\.(?<point>0|[1-9]\d{0,4})(?!\d)|(?!\.?\d))(?!\.(?!\w))(?<rest>.*)/s;

/**
 * A release by its text. Throws `bad-release` for anything that does not begin with two numbers, and for `6.01`.
 *
 * - `6.12`, `6.12-amd64`: the series alone, at its newest point.
 * - `6.12.117+deb12-amd64`: point 117. `6.1.0`, `6.1.0-arch1-1`: point 0.
 * - `6.1.0-56-amd64`, `5.15.0-91-generic`, `5.14.0-503.el9`: at the newest point. Debian, Ubuntu, Red Hat and SUSE
 *   write a 0 whatever the point is, followed by a number of their own.
 * - `6.13-rc5`, `6.13.0-rc5`: point 0, as a release candidate has most of what its release will have.
 */
export function parseRelease(text: string): Release {
  const known = parsed.get(text);
  if (known) return known;
  if (typeof text !== 'string') throw notRelease(text);
  const m = RELEASE.exec(text);
  if (!m?.groups)
    throw new ModaliasError(
      'bad-release',
      `'${text}' is not a kernel release; expected two numbers first, as in 6.1 or 6.12.117`,
    );
  const { major, minor, point, rest } = m.groups;
  const named = /^-rc\d/.test(rest!) ? 0 : point === undefined || isAbiName(point, rest!) ? 'newest' : Number(point);
  const found = release(Number(major), Number(minor), named);
  if (parsed.size < MOST_PARSED) parsed.set(text, found);
  return found;
}

/** Releases by their texts: the modules of a kernel all say the same. */
const parsed = new Map<string, Release>();
const MOST_PARSED = 100;

/** Whether the third number is a distribution's 0, which means any point: a dash and a number follow. */
function isAbiName(point: string, rest: string): boolean {
  return Number(point) === 0 && /^-\d/.test(rest);
}

/** `6.12`, or `6.12.117` if the point is given. */
export function formatRelease(release: Release): string {
  const { major, minor, point } = toRelease(release);
  return point === 'newest' ? `${major}.${minor}` : `${major}.${minor}.${point}`;
}

/** The release that a change came with: `6.12` for the series' first release, `6.12.9` for a point. */
export function formatFirst(first: Release): string {
  return first.point === 0 ? `${first.major}.${first.minor}` : formatRelease(first);
}

/**
 * Below 0 where `a` is the older one, above 0 where `b` is, else 0. The newest point of a series comes after all its
 * others.
 */
export function compareReleases(a: Release, b: Release): number {
  if (a?.minor === undefined || b?.minor === undefined) throw notRelease(a?.minor === undefined ? a : b);
  if (a.major !== b.major) return a.major - b.major;
  if (a.minor !== b.minor) return a.minor - b.minor;
  if (a.point === b.point) return 0;
  if (a.point === 'newest') return 1;
  return b.point === 'newest' ? -1 : a.point - b.point;
}

/** The newest point of the series before a release's own: 6.12 for 6.13, 6.19 for 7.0. */
export function seriesBefore({ major, minor }: Release): Release {
  return minor > 0 ? release(major, minor - 1, 'newest') : release(major - 1, LAST_MINOR, 'newest');
}

/** After 5.19 came 6.0, after 6.19 came 7.0. */
const LAST_MINOR = 19;

/**
 * The release that a caller names, by its text or as `parseRelease` gives it. Throws `bad-release` for anything else,
 * such as the number 6.12.
 */
export function toRelease(value: string | Release): Release {
  if (typeof value === 'string') return parseRelease(value);
  const { major, minor, point } = Object(value) as Partial<Release>;
  if (Number.isInteger(major) && Number.isInteger(minor) && (point === 'newest' || Number.isInteger(point)))
    return value;
  throw notRelease(value);
}

function notRelease(value: unknown): ModaliasError {
  const kind = typeof value;
  const found =
    value === undefined || value === null
      ? `${value}`
      : kind === 'object'
        ? 'an object of another kind'
        : `the ${kind} ${String(value)}`;
  return new ModaliasError('bad-release', `found ${found} as a kernel release; expected its text, such as '6.12'`);
}

/**
 * The release that a caller names, at most the newest known: a newer one is replaced by that, and `warn` is called.
 * Throws `bad-release` for an invalid release and for one older than any known.
 */
export function knownRelease(value: string | Release, warn: (message: string) => void): Release {
  const asked = toRelease(value);
  const text = typeof value === 'string' ? value : formatRelease(value);
  if (compareReleases(asked, OLDEST_RELEASE) < 0) {
    const oldest = formatFirst(OLDEST_RELEASE);
    throw new ModaliasError(
      'bad-release',
      `the rules of ${text} are not known; the oldest known are those of ${oldest}`,
    );
  }
  if (compareReleases(asked, NEWEST_RELEASE) <= 0) return asked;
  const newest = formatRelease(NEWEST_RELEASE);
  warn(`${text} is newer than ${newest}, the newest release whose rules are known; those of ${newest} are used`);
  return NEWEST_RELEASE;
}
