import { expect, test } from 'vitest';
import { forecastBoot } from '../../src/boot/boot.ts';
import { type BootSystem, bootRoot } from './boot-root.ts';

const IDS = '144d:a80c:144d:a801';
const ALL = ['vfio_pci', 'vfio_pci_core', 'vfio', 'nvme', 'nvme_core'];

/** `DRIVER certain` of a device, and the stage in which it got it. */
async function ends(system: BootSystem, device: string): Promise<string> {
  const { devices } = await forecastBoot([device], { root: bootRoot(system) });
  const { driver, certain, stages } = devices[0]!;
  const stage = stages.find((one) => one.driver === driver && driver !== null)?.stage;
  return `${driver} ${stage ?? '-'} ${certain ? 'certain' : 'open'}`;
}

test('forecastBoot: without configuration a device ends on its native driver, in the first stage that has the module', async () => {
  expect(await ends({}, '0000:01:00.0')).toBe('nvme initramfs certain');
  expect(await ends({}, '0000:03:00.0')).toBe('e1000e root certain');
});

test('forecastBoot: ids of modprobe.d count where the image holds them with a softdep and the module', async () => {
  const conf = `softdep nvme pre: vfio_pci\noptions vfio_pci ids=${IDS}\n`;
  const both = { root: { 'etc/modprobe.d/vfio.conf': conf }, image: { 'etc/modprobe.d/vfio.conf': conf } };
  expect(await ends({ ...both, imageModules: ALL }, '0000:01:00.0')).toBe('vfio-pci initramfs certain');
  // Both of the like disks.
  expect(await ends({ ...both, imageModules: ALL }, '0000:02:00.0')).toBe('vfio-pci initramfs certain');
  // The image was not built again.
  expect(await ends({ root: both.root }, '0000:01:00.0')).toBe('nvme initramfs certain');
  // It was, but without the module.
  expect(await ends({ ...both }, '0000:01:00.0')).toBe('nvme initramfs certain');
});

test('forecastBoot: ids without a softdep race with the native module', async () => {
  const system = {
    root: {
      'etc/modprobe.d/vfio.conf': 'options vfio_pci ids=8086:10d3\n',
      'etc/modules-load.d/vfio.conf': 'vfio_pci\n',
    },
  };
  const { devices } = await forecastBoot(['0000:03:00.0'], { root: bootRoot(system) });
  expect(devices[0]).toMatchObject({ certain: false, doubts: [] });
  expect([devices[0]!.driver, ...devices[0]!.others.map((one) => one.driver)].sort()).toEqual(['e1000e', 'vfio-pci']);
});

test('forecastBoot: vfio-pci.ids= of the command line counts as an option of the module', async () => {
  const softdep = { 'etc/modprobe.d/vfio.conf': 'softdep e1000e pre: vfio_pci\n' };
  const cmdline = 'quiet vfio-pci.ids=8086:10d3';
  expect(await ends({ root: softdep, cmdline }, '0000:03:00.0')).toBe('vfio-pci root certain');
  // Nothing loads the module.
  expect(await ends({ cmdline }, '0000:03:00.0')).toBe('e1000e root certain');
  // conf/modules comes after udev.
  const late = { image: { 'conf/modules': 'vfio_pci\n' }, cmdline: `vfio-pci.ids=${IDS}` };
  expect(await ends({ ...late, imageModules: ALL }, '0000:01:00.0')).toBe('nvme initramfs certain');
  const alone = { image: { 'conf/modules': 'vfio_pci\n' }, cmdline };
  expect(await ends({ ...alone, imageModules: ALL }, '0000:03:00.0')).toBe('vfio-pci initramfs certain');
});

/** What `vfio plan --format udev` prints for the second disk. */
const RULES = `ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:02:00.0", ATTR{vendor}=="0x144d", ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load vfio_pci", RUN{program}+="/bin/sh -c 'echo 0000:02:00.0 > /sys/bus/pci/drivers_probe'"
ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:02:00.0", ATTR{vendor}=="0x144d", DRIVER=="?*", DRIVER!="vfio-pci", ATTR{driver/unbind}="0000:02:00.0"
`;

test('forecastBoot: a udev rule of the root unbinds what the initramfs has bound, and leaves the twin alone', async () => {
  const root = { 'etc/udev/rules.d/10-vfio.rules': RULES };
  expect(await ends({ root }, '0000:02:00.0')).toBe('vfio-pci root certain');
  expect(await ends({ root }, '0000:01:00.0')).toBe('nvme initramfs certain');
});

test('forecastBoot: a udev rule in the image holds in whatever order its devices are handled', async () => {
  const file = { '/etc/udev/rules.d/10-vfio.rules': RULES };
  const system = { root: { 'etc/udev/rules.d/10-vfio.rules': RULES }, image: file };
  expect(await ends({ ...system, imageModules: ALL }, '0000:02:00.0')).toBe('vfio-pci initramfs certain');
  // Without the module the override keeps nvme away until the root has it.
  expect(await ends(system, '0000:02:00.0')).toBe('vfio-pci root certain');
});

test('forecastBoot: says which lines decide', async () => {
  const root = bootRoot({ root: { 'etc/udev/rules.d/10-vfio.rules': RULES } });
  const { devices } = await forecastBoot(['0000:02:00.0'], { root });
  expect(devices[0]!.because).toContainEqual({
    file: `${root}/etc/udev/rules.d/10-vfio.rules`,
    line: 1,
    rule: expect.stringContaining('ATTR{driver_override}="vfio-pci"'),
  });
});
