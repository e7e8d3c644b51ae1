import { expect, test } from 'vitest';
import { readMounts } from '../../../src/vfio/uses/mounts.ts';
import { machineRoot } from '../machine-root.ts';

const mountsOf = (line: string) =>
  readMounts(
    machineRoot({
      ...{ version: 1, name: 'mounts', release: '6.12.0', drivers: {}, devices: [] },
      proc: { '1/mountinfo': `${line}\n` },
    }).roots.proc,
  );

test.each([
  ['22 1 8:1 / /a\\040b rw - ext4 /dev/sda1 rw', { on: '/a b', type: 'ext4', source: '/dev/sda1', options: 'rw' }],
  ['22 1 8:1 / /a\\134040b rw shared:1 - ext4 /dev/sda1 rw', { on: '/a\\040b', source: '/dev/sda1' }],
  ['22 1 8:1 / /a rw shared:1 master:2 - nfs4 h:/-\\040- rw,addr=10.0.0.5', { source: 'h:/- -' }],
])('readMounts reads %j', (line, mount) => {
  expect(mountsOf(line)).toMatchObject([{ device: '8:1', ...mount }]);
});

test.each(['22 1 8:1 / - rw ext4', '22 1 8 / /a rw - ext4 /dev/sda1 rw', ''])('readMounts leaves out %j', (line) => {
  expect(mountsOf(line)).toEqual([]);
});

test('readMounts reads 4 MiB of a mountinfo', () => {
  const options = (beyond: number) => {
    const line = '22 1 8:1 / /a rw - ext4 /dev/sda1 rw,ab';
    const proc = { '1/mountinfo': `${'x'.repeat((4 << 20) - line.length - 1 + beyond)}\n${line}` };
    const root = machineRoot({ version: 1, name: 'm', release: '6.12.0', drivers: {}, devices: [], proc });
    return readMounts(root.roots.proc).map((mount) => mount.options);
  };
  expect([options(0), options(1)]).toEqual([['rw,ab'], ['rw,a']]);
});
