import { expect, test } from 'vitest';
import { machineRoots, readRelease } from '../../../src/vfio/sysfs/roots.ts';

test('machineRoots: this machine where nothing is said, else the folders and the release that are named', () => {
  const own = machineRoots();
  expect([own.sysfs.root, own.proc.root, own.release]).toEqual(['/sys', '/proc', undefined]);
  const copy = machineRoots({ sysfs: '/copy/sys', proc: '/copy/proc', release: '6.1' });
  expect([copy.sysfs.root, copy.proc.root]).toEqual(['/copy/sys', '/copy/proc']);
  expect(readRelease(copy).text).toBe('6.1');
});
