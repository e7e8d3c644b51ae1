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

/** A plan of these devices and groups, with a step that says nothing of its own. */
function textOf(devices: readonly object[], members: object = {}, groups: readonly object[] = []): string[] {
  const plan = {
    devices: devices.map((device) => ({
      ...{ name: 'a', bus: 'pci', group: '1', vfio: true, already: false, reset: null, physfn: null },
      ...{ before: { driver: 'e1000e', override: null }, after: { driver: 'vfio-pci', override: 'vfio-pci' } },
      ...device,
    })),
    ...{ steps: [{ op: 'modprobe', module: 'vfio_pci' }], rollback: [], warnings: [], groups },
    predicted: {
      steps: [{ result: 'ok', text: null }],
      devices: [],
      groups: [{ id: '1', viable: 'yes', blockers: [] }],
    },
    ...members,
  };
  return planText(plan as never, '/sys', 100).split('\n');
}
const vfs = { after: { driver: 'e1000e', override: null, vfs: { functions: [], autoprobe: true } } };

test('planText says nothing of the group of a physical function that stays, unless other devices of it move', () => {
  const viable = 'predicted: group 1 viable';
  expect(textOf([{}])).toContain(viable);
  expect(textOf([vfs])).not.toContain(viable);
  expect(textOf([vfs, { name: 'b' }])).toContain(viable);
  expect(textOf([{ name: 'b' }, vfs])).toContain(viable);
});

test('planText says of each group whether it can be given, and what prevents it', () => {
  const group = (viable: string, ...blockers: readonly object[]) => {
    const predicted = { steps: [{ result: 'fails', text: 'x' }], devices: [{ name: 'a', driver: null }] };
    const lines = textOf([{}], { predicted: { ...predicted, groups: [{ id: '1', viable, blockers }] } });
    return lines.filter((line) => line.includes('predicted'));
  };
  const first = ['       predicted: fails (x)', 'predicted: a on no driver'];
  expect(group('no', { device: 'b', driver: 'nvme' })).toEqual([...first, 'predicted: group 1 not viable (b on nvme)']);
  expect(group('unknown')).toEqual([...first, 'predicted: group 1 perhaps viable']);
});

test('planText names the files of a group that goes to VFIO, by its nodes where these are there', () => {
  const files = (nodes: readonly string[], device: object = {}) =>
    textOf([device], {}, [{ id: '1', nodes }]).filter((line) => line.startsWith('files:') || line.includes('vfioN'));
  const start = 'files: /dev/vfio/1 for the group, or for a device alone, with iommufd:';
  expect(files(['/dev/vfio/1', '/dev/vfio/devices/vfio0'])).toEqual([`${start} /dev/vfio/devices/vfio0`]);
  expect(files(['/dev/vfio/1']).join(' ')).toContain('/dev/vfio/devices/vfioN');
  expect([files([], { vfio: false }), files([], { group: '2' })]).toEqual([[], []]);
});

test('planText says how a device is placed before and after, and how it is reset', () => {
  const head = (device: object) => textOf([device]).slice(0, 2);
  const reset = { methods: ['flr', 'bus'], reaches: ['b', 'c'] };
  expect(head({ reset })).toEqual([
    'a  e1000e -> vfio-pci  (group 1)',
    '   reset: flr, bus; one of its bus reaches b, c',
  ]);
  expect(head({ reset: { methods: null, reaches: ['b'] } })[1]).toBe('   reset: not shown; one of its bus reaches b');
  expect(head({ reset: { methods: null, reaches: [] } })[1]).toBe('');
  expect(head({ already: true, group: null })[0]).toBe('a  e1000e already');
  const before = { driver: null, override: 'x' };
  expect(head({ before, ...vfs })[0]).toBe('a  no driver (override x) -> e1000e without virtual functions  (group 1)');
});
