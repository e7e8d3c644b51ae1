import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forecastBoot } from '../../src/boot/boot.ts';
import { readInputs } from '../../src/boot/inputs.ts';
import { bootRoot, RELEASE } from './boot-root.ts';

test('readInputs: nothing is certain without the kernel command line, which may forbid any module', async () => {
  const root = bootRoot({});
  rmSync(join(root, 'proc/cmdline'));
  const { devices } = await forecastBoot(['0000:01:00.0'], { root });
  expect(devices[0]).toMatchObject({ driver: 'nvme', certain: false });
  expect(devices[0]!.doubts).toMatchObject([{ code: 'boot-unread', file: `${root}/proc/cmdline` }]);
  // The boot loader's is known.
  mkdirSync(join(root, 'boot/grub'));
  writeFileSync(join(root, 'boot/grub/grub.cfg'), "menuentry 'x' {\n\tlinux /vmlinuz ro module_blacklist=nvme\n}\n");
  expect((await forecastBoot(['0000:01:00.0'], { root })).devices[0]).toMatchObject({ driver: null, certain: true });
});

test('readInputs: takes the devices of this machine for a system that is mounted, and says so', async () => {
  const root = bootRoot({});
  for (const name of ['sys', 'proc']) rmSync(join(root, name), { recursive: true });
  for (const name of ['sys', 'proc']) mkdirSync(join(root, name));
  const { roots, notes } = await readInputs({ root });
  expect([roots.sysfs.root, roots.proc.root]).toEqual(['/sys', join(root, 'proc')]);
  expect(notes).toMatchObject([{ code: 'boot-assumed', message: expect.stringContaining(`${root}/sys is empty`) }]);
  const other = bootRoot({});
  const given = await readInputs({ root, sysfs: join(other, 'sys') });
  expect([given.roots.sysfs.root, given.notes]).toEqual([join(other, 'sys'), []]);
});

test('readInputs: a file that is too large to be read is named once', async () => {
  const root = bootRoot({ root: { 'etc/modprobe.d/big.conf': '' } });
  truncateSync(join(root, 'etc/modprobe.d/big.conf'), 100 << 20);
  const { devices } = await forecastBoot(['0000:01:00.0'], { root });
  expect(devices[0]!.doubts).toMatchObject([{ code: 'unreadable', file: `${root}/etc/modprobe.d/big.conf` }]);
});

test('readInputs: takes the kernel that runs, else the only one that is installed, and none of several', async () => {
  const root = bootRoot({});
  const kernel = async () => (await readInputs({ root })).kernel;
  const running = (name: string) => writeFileSync(join(root, 'proc/sys/kernel/osrelease'), `${name}\n`);
  mkdirSync(join(root, 'proc/sys/kernel'), { recursive: true });
  running('6.0.1-other');
  expect(await kernel()).toBe(RELEASE);
  for (const name of ['5.0.0-a', '7.0.0-b']) {
    mkdirSync(join(root, 'usr/lib/modules', name));
    writeFileSync(join(root, 'usr/lib/modules', name, 'modules.dep'), '');
  }
  expect(await kernel()).toBe('6.0.1-other');
  running('5.0.0-a');
  expect(await kernel()).toBe('5.0.0-a');
  rmSync(join(root, 'proc/sys/kernel/osrelease'));
  expect(await kernel()).toBeNull();
});
