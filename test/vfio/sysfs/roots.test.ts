import { expect, test } from 'vitest';
import { NEWEST_RELEASE, parseRelease } from '../../../src/release.ts';
import { machineRoots, readBoot, readRelease } from '../../../src/vfio/sysfs/roots.ts';
import { machineRoot } from '../machine-root.ts';

test('machineRoots: this machine where nothing is said, else the folders and the release that are named', () => {
  const own = machineRoots();
  expect([own.sysfs.root, own.proc.root, own.release]).toEqual(['/sys', '/proc', undefined]);
  const copy = machineRoots({ sysfs: '/copy/sys', proc: '/copy/proc', release: '6.1' });
  expect([copy.sysfs.root, copy.proc.root]).toEqual(['/copy/sys', '/copy/proc']);
  expect(readRelease(copy).text).toBe('6.1');
});

const procOf = (files: Readonly<Record<string, string>>, release = '6.12.0') =>
  machineRoot({ version: 1, name: 'proc', release, drivers: {}, devices: [], proc: files }).roots.proc;

test('readBoot is the id of the boot, null where proc does not tell it', () => {
  const file = 'sys/kernel/random/boot_id';
  expect(readBoot(procOf({ [file]: ' 1c3f-1\n' }))).toBe('1c3f-1');
  expect([readBoot(procOf({ [file]: '\n' })), readBoot(procOf({}))]).toEqual([null, null]);
});

test('readRelease is that of proc as it stands, the newest where that is none, and one that is given before both', () => {
  const proc = procOf({}, '6.1.0-56-amd64');
  expect(readRelease({ proc })).toEqual({ text: '6.1.0-56-amd64', release: parseRelease('6.1') });
  expect(readRelease({ proc: procOf({}, 'odd') })).toEqual({ text: null, release: NEWEST_RELEASE });
  expect(readRelease({ proc, release: '6.12.9' })).toEqual({ text: '6.12.9', release: parseRelease('6.12.9') });
  const { text } = readRelease({ proc, release: parseRelease('5.15') });
  expect(text).toBe('5.15');
});
