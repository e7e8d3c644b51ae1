import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { planText } from '../../src/report/vfio-plan-text.ts';
import { resolveText } from '../../src/report/vfio-resolve-text.ts';
import { readMachine } from '../../src/vfio/plan/machine.ts';
import { planBind } from '../../src/vfio/plan/plan.ts';
import { resolveVfio } from '../../src/vfio/resolve/resolve.ts';
import { findDevice } from '../../src/vfio/sysfs/find-device.ts';
import { machineRoot } from '../vfio/machine-root.ts';

const CASES = [
  ['viommu-guest', ['0000:01:00.0', '0000:04:01.0']],
  ['viommu-guest', ['0000:03:00.0']],
  ['sriov-server', ['0000:81:00.0', '0000:81:00.2']],
  ['intel-desktop', ['0000:00:02.0', '0000:02:00.0']],
  ['amd-desktop', ['0000:08:00.0']],
  ['arm64-soc', ['fe000000.ethernet']],
  ['s390x', ['03.0005']],
  ['no-iommu', ['0000:00:1f.2']],
] as const;

test.each(CASES.flatMap(([machine, names]) => [80, 40].map((width) => [machine, names, width] as const)))(
  'planText of %s %j has no line that could be broken beyond %i columns',
  (machine, names, width) => {
    const { roots } = machineRoot(machine);
    const devices = names.map((name) => findDevice(roots.sysfs, name).device);
    const requests = devices.map(({ path }) => ({ path, driver: 'vfio-pci', module: 'vfio_pci' }));
    narrow(planText(planBind(readMachine(roots, devices), requests), '/sys', width), width);
  },
);

test.each([80, 40])('resolveText has no line that could be broken beyond %i columns', async (width) => {
  const { roots } = machineRoot('sriov-server');
  const aliases = ['vfio_pci', 'mlx5_vfio_pci', 'a_very_long_name_of_a_module', 'another_long_name_of_a_module']
    .map((module) => `alias vfio_pci:v*d*sv*sd*bc*sc*i* ${module}\n`)
    .join('');
  const context = { sysfs: roots.sysfs, aliases: async () => parseAliases(aliases), modules: null };
  for (const target of [findDevice(roots.sysfs, '0000:81:00.2').device, 'css:t7', 'ccw:t1dt2'])
    narrow(resolveText(await resolveVfio(context, target), '/sys', width), width);
});

/** A word longer than a line, such as a path, may stand on a line alone, behind its label or after `write`. */
function narrow(text: string, width: number): void {
  expect(text).not.toMatch(/ \n/);
  for (const line of text.split('\n')) {
    if (line.length <= width) continue;
    const [word = ''] = line.trim().split(' ').slice(-1);
    expect(word.length, line).toBeGreaterThan(width - 16);
  }
}

test('planText writes a step as one would type it, with its number', () => {
  const { roots } = machineRoot('viommu-guest');
  const { device } = findDevice(roots.sysfs, '0000:01:00.0');
  const plan = planBind(readMachine(roots, [device]), [{ path: device.path, driver: 'vfio-pci', module: 'vfio_pci' }]);
  expect(planText(plan, '/sys', 80)).toBe(`0000:01:00.0  e1000e -> vfio-pci  (group 6)

steps:
  1  write "vfio-pci\\n" /sys/bus/pci/devices/0000:01:00.0/driver_override
  2  write "0000:01:00.0" /sys/bus/pci/drivers/e1000e/unbind
  3  write "0000:01:00.0" /sys/bus/pci/drivers/vfio-pci/bind
  4  check 0000:01:00.0 is bound to vfio-pci

rolled back by:
     write "\\n" /sys/bus/pci/devices/0000:01:00.0/driver_override
     write "0000:01:00.0" /sys/bus/pci/drivers/vfio-pci/unbind
     write "0000:01:00.0" /sys/bus/pci/drivers/e1000e/bind
     check 0000:01:00.0 is bound to e1000e

predicted: 0000:01:00.0 on vfio-pci
predicted: group 6 viable
files: /dev/vfio/6 for the group, or for a device alone, with iommufd:
  /dev/vfio/devices/vfioN, with N as in
  /sys/bus/pci/devices/0000:01:00.0/vfio-dev
`);
  expect(planText(plan, '/sys', 40).split('\n').slice(0, 7)).toEqual([
    '0000:01:00.0  e1000e -> vfio-pci',
    '   (group 6)',
    '',
    'steps:',
    '  1  write "vfio-pci\\n"',
    '       /sys/bus/pci/devices/0000:01:00.0/driver_override',
    '  2  write "0000:01:00.0"',
  ]);
});
