import { expect, test } from 'vitest';
import { superFastHash } from '../../src/modules-directory/superfast-hash.ts';

// Computed by kmod's own C function on a little-endian machine.
test.each([
  ['', 0],
  ['a', 291415938],
  ['ab', 1366002500],
  ['abc', 3535673738],
  ['abcd', 3671636187],
  ['e1000e', 1109782235],
  ['snd_hda_intel', 1849698465],
  ['\xe9', 1776944832],
  ['ab\xff', 3261008212],
  ['nf_conntrack_netlink', 660214339],
  ['xyz\xe9\xe9', 1838139042],
])('superFastHash of %j', (key, hash) => {
  expect(superFastHash(key)).toBe(hash);
});
