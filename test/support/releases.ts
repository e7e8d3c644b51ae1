import { compareReleases, parseRelease, type Release } from '../../src/release.ts';

/** Whether a release is older than the first one of a series. */
export function before(release: Release, series: string): boolean {
  return compareReleases(release, parseRelease(`${series}.0`)) < 0;
}
