import { expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { type BootSystem, bootRoot, RELEASE } from './boot-root.ts';

function boot(system: BootSystem, ...args: string[]) {
  const root = bootRoot(system);
  const { status, stdout, stderr } = cli(['vfio', 'boot', '--root', root, ...args]);
  return { status, stdout: stdout.replaceAll(root, 'ROOT'), stderr: stderr.replaceAll(root, 'ROOT') };
}

const RULE =
  'ACTION=="add", KERNEL=="0000:03:00.0", ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load vfio_pci"\n';
const VFIO = { root: { 'etc/udev/rules.d/10-vfio.rules': RULE } };
const RACE = {
  root: {
    'etc/modprobe.d/vfio.conf': 'options vfio_pci ids=8086:10d3\n',
    'etc/modules-load.d/vfio.conf': 'vfio_pci\n',
  },
};

test('vfio boot: prints the stages, the driver and the lines that decide', () => {
  expect(boot(VFIO, '03:00.0')).toEqual({
    status: 0,
    stdout: `0000:03:00.0  vfio-pci
  kernel     loads pci_stub; no driver
  initramfs  loads nothing for it; no driver
  root       loads vfio_pci, e1000e; vfio-pci
  because    ROOT/etc/udev/rules.d/10-vfio.rules:1
             ACTION=="add", KERNEL=="0000:03:00.0",
               ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load
               vfio_pci"
             drivers/pci/pci-driver.c:pci_match_device: a row of vfio-pci's id
               table matches
`,
    stderr: 'modalias: note: 03:00.0 is completed to 0000:03:00.0, the only such device\n',
  });
});

test('vfio boot: exits 0 where every device ends on VFIO, 1 where one does not, 2 where that is not decided', () => {
  expect(boot(VFIO, '0000:03:00.0', '0000:01:00.0').status).toBe(1);
  const race = boot(RACE, '0000:03:00.0');
  expect(race.status).toBe(2);
  expect(race.stdout).toMatch(/^0000:03:00\.0 {2}e1000e, or not: the order is not decided\n/);
  expect(race.stdout).toContain('  or         vfio-pci, after ');
  expect(race.stdout).toContain('ROOT/etc/modules-load.d/vfio.conf:1\n');
});

test('vfio boot: says what it cannot read, with status 2', () => {
  const { status, stdout } = boot(
    {
      ...VFIO,
      image: { 'scripts/init-top/ORDER': '/scripts/init-top/x\n', 'scripts/init-top/x': 'vfio-tool --bind\n' },
    },
    '0000:03:00.0',
  );
  expect(status).toBe(2);
  expect(stdout).toContain('0000:03:00.0  vfio-pci, as far as is known\n');
  expect(stdout).toContain(`  unknown    ROOT/boot/initrd.img-${RELEASE}(scripts/init-top/x):1\n`);
  expect(stdout).toContain('this command is not understood: vfio-tool --bind');
});

test('vfio boot: refuses devices, images and options that make no sense', () => {
  expect(boot({}, '0000:09:00.0')).toMatchObject({ status: 2, stdout: '' });
  expect(boot({}, '--initramfs', '/nonesuch', '0000:01:00.0')).toMatchObject({ status: 2, stdout: '' });
  expect(boot({}, '--kernel', '', '0000:01:00.0').stderr).toContain('--kernel is given without a value');
  expect(boot({}, '--add', '', '0000:01:00.0')).toMatchObject({
    status: 2,
    stderr: 'modalias: error: --add is given without a value\n',
  });
  const nowhere = cli(['vfio', 'boot', '--root', '/nonesuch', '0000:01:00.0']);
  expect(nowhere).toMatchObject({
    status: 2,
    stderr: 'modalias: error: /nonesuch: is not a directory; expected the root directory of a system\n',
  });
  const other = boot({}, '--kernel', '9.9.9', '0000:01:00.0');
  expect(other).toMatchObject({ status: 2 });
  expect(other.stdout).toContain('there is no lib/modules/9.9.9');
});
