import { expect, test } from 'vitest';
import { actsUpon, type Disturbance } from '../../../src/model/explore/acts.ts';
import { type CheckOptions, check } from '../../../src/model/explore/check.ts';
import { parseProperty } from '../../../src/model/explore/properties.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import type { MachineDescription } from '../../../src/model/machines/description.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { shellProgram } from '../../../src/model/script/shell-program.ts';
import { WAYS } from './recipes.ts';

const NICS = BUILT_IN_MACHINES['two-like-nics']!.machine;
const CARD = '0000:01:00.0';
const LINK = `/sys/bus/pci/devices/${CARD}/driver`;
const OVERRIDE = `echo vfio-pci > /sys/bus/pci/devices/${CARD}/driver_override`;

function found(
  lines: readonly string[],
  whiles: readonly Disturbance[] = [],
  { machine = NICS, ...rest }: Partial<CheckOptions> & { readonly machine?: MachineDescription } = {},
) {
  const options = { while: new Set(whiles), stated: [], mostStates: 100_000, ...rest };
  const { verdict, violations } = check(
    [shellProgram(`${lines.join('\n')}\n`, 'it.sh')],
    kernelState(machine),
    options,
  );
  return [verdict, ...violations.map(({ property, message }) => `${property}: ${message}`)];
}

test('check: a program that waits for what never comes does not end, whatever is asked', () => {
  const wait = ['while [ ! -e /sys/bus/pci/drivers/vfio-pci/0000:01:00.0 ]; do sleep 1; done'];
  expect(found(wait)).toEqual(['unsafe', 'succeeds: the program does not end although nothing disturbs it']);
  const stated = [parseProperty('ends', `${CARD} on vfio-pci`)];
  expect(found(wait, [], { stated })).toEqual(['unsafe', `ends: ${CARD} ends on e1000e, not on vfio-pci`]);
});

test('check: a program that waits for its own close of a group does not end', () => {
  const open = (['open', 'setContainer', 'setIommu'] as const).map((kind) => ({ kind, group: '10', by: 'it' }));
  const program = recipeProgram(
    recipeOf('r', [
      ...WAYS['override, bind']!,
      ...open,
      { kind: 'getDevice', group: '10', device: CARD },
      { kind: 'write', path: 'bus/pci/drivers/vfio-pci/unbind', data: CARD },
    ]),
  );
  const { violations } = check([program], kernelState(NICS), { while: new Set(), stated: [], mostStates: 1000 });
  expect(violations[0]).toMatchObject({
    property: 'succeeds',
    message: expect.stringMatching(/^the program does not end/),
  });
  expect(violations[0]?.trace.at(-1)?.result).toBe('blocks');
});

test('check: a program that goes on waiting once it was disturbed has failed where it leaves the device', () => {
  const lines = [
    'modprobe vfio-pci',
    `[ "$(basename "$(readlink ${LINK})")" = vfio-pci ] || echo ${CARD} > ${LINK}/unbind`,
    OVERRIDE,
    `[ -e ${LINK} ] || echo ${CARD} > /sys/bus/pci/drivers/vfio-pci/bind`,
    `until [ "$(basename "$(readlink ${LINK})")" = vfio-pci ]; do sleep 1; done`,
  ];
  expect(found(lines)).toEqual(['safe']);
  const stated = [parseProperty('ends', `${CARD} on vfio-pci`)];
  expect(found(lines, ['probe'], { stated })).toEqual(['unsafe', `ends: ${CARD} ends on e1000e, not on vfio-pci`]);
  expect(found(lines, ['unload'], { once: true })).toContain(
    `failure-is-clean: the program never ends and leaves ${CARD} on no driver, which was on e1000e`,
  );
});

test('check: a device that is removed has no driver either', () => {
  const removes = [
    `[ -e /sys/bus/pci/devices/${CARD}/remove ] || exit 0`,
    `echo 1 > /sys/bus/pci/devices/${CARD}/remove`,
    'echo 1 > /sys/bus/pci/rescan',
  ];
  const lost = `keeps-a-driver: ${CARD} ends removed; without the program it would be on e1000e`;
  expect(found(removes)).toEqual(['safe']);
  expect(found(removes, ['kill'])).toEqual(['unsafe', lost]);
  expect(found(removes.slice(0, 2), ['kill', 'second-run'])).toEqual(['safe']);
  const ends = (text: string) => [parseProperty('ends', `${CARD} on ${text}`)];
  expect(found(removes.slice(0, 2), [], { stated: ends('e1000e') })[1]).toBe(
    `ends: ${CARD} ends removed, not on e1000e`,
  );
  const stranded = [parseProperty('never', `${CARD} stranded`)];
  expect(found(removes.slice(0, 2), [], { stated: stranded })[1]).toBe(`never: ${CARD} ends removed`);
});

test('check: functions that go away with the driver of their physical one are lost, those that are removed are not', () => {
  const { machine } = BUILT_IN_MACHINES.sriov!;
  const pf = '0000:03:00.0';
  const gives = [
    'modprobe vfio-pci',
    `echo vfio-pci > /sys/bus/pci/devices/${pf}/driver_override`,
    `echo ${pf} > /sys/bus/pci/drivers/igb/unbind`,
    `echo ${pf} > /sys/bus/pci/drivers/vfio-pci/bind`,
  ];
  expect(found(gives, [], { machine })).toContain(
    'keeps-a-driver: 0000:03:10.0 ends removed; without the program it would be on igbvf',
  );
  const removes = [`echo 0 > /sys/bus/pci/devices/${pf}/sriov_numvfs`];
  expect(found(removes, [], { machine })).toEqual(['safe']);
});

test('check: success is not true where a device ends without a driver that had none before', () => {
  const [first] = NICS.devices;
  const { driver: _, ...idle } = first!;
  const machine = { ...NICS, ids: { pci: { e1000e: [] } }, devices: [idle] };
  const lines = ['modprobe vfio-pci', OVERRIDE, `echo ${CARD} > /sys/bus/pci/drivers_probe`];
  expect(found(lines, ['unload'], { machine, once: true })).toContain(
    `success-is-true: the program ends with status 0 and ${CARD} is on no driver, not on vfio-pci`,
  );
});

test('check: a run that fails does not leave another device without its driver', () => {
  const lines = ['rmmod e1000e || exit 1', OVERRIDE, `echo ${CARD} > /sys/bus/pci/drivers_probe`, 'modprobe e1000e'];
  expect(found(lines, ['kill'])).toContain(
    'keeps-a-driver: 0000:02:00.0 ends without a driver; without the program it would be on e1000e',
  );
});

test('check: an id that is left to a driver takes a device along that is plugged in after the program has ended', () => {
  const lines = ['modprobe vfio-pci', 'echo 8086 10d3 > /sys/bus/pci/drivers/vfio-pci/new_id || true'];
  const taken = 'third-device: 0000:40:00.0 is on vfio-pci; without the program it would be on e1000e';
  expect(found(lines, ['hotplug'])).toEqual(['unsafe', taken]);
  expect(found([lines[0]!, 'echo 8086 100e > /sys/bus/pci/drivers/vfio-pci/new_id'], ['hotplug'])[0]).toBe('safe');
});

test('check: somebody unloads a driver, too, that matches a device without having it', () => {
  const machine = BUILT_IN_MACHINES['nvme-twins']!.machine;
  const [{ driver: _, ...idle }, other] = [machine.devices[0]!, machine.devices[1]!];
  const lines = ['echo 0000:04:00.0 > /sys/bus/pci/drivers_probe'];
  const lost = 'success-is-true: the program ends with status 0 and 0000:04:00.0 is on no driver, not on nvme';
  expect(found(lines, ['unload'], { machine: { ...machine, devices: [idle, other] }, once: true })).toContain(lost);
  // Nobody has seen if nvme takes it: where it does, that it might not is no excuse.
  expect(found(lines, ['unload'], { machine: { ...machine, devices: [idle] }, once: true })).toContain(lost);
});

test('actsUpon: a process opens each device of a group, and closes what it opened itself only', () => {
  const state = kernelState(BUILT_IN_MACHINES['gpu-with-audio']!.machine);
  const acts = actsUpon(state, state.devices.slice(1), [], new Set(['group']));
  expect(acts.map(({ text }) => text)).toEqual([
    'opens group 1 and its device 0000:01:00.0',
    'opens group 1 and its device 0000:01:00.1',
    'closes group 1',
  ]);
  const heldBy = (by: string) => {
    const file = { by, container: false, iommu: false, devices: [] };
    return { ...state, groups: state.groups.map((group) => ({ ...group, file })) };
  };
  expect(['a process', 'the program'].map((by) => acts[2]!.when!(heldBy(by)))).toEqual([true, false]);
});

test('check: a violation behind what is not understood is not certain', () => {
  const lines = ['rebind-it', `[ "$(basename "$(readlink ${LINK})")" = vfio-pci ]`];
  expect(found(lines)).toEqual(['unknown', 'succeeds: the program fails although nothing disturbs it']);
  expect(found(lines.slice(1))[0]).toBe('unsafe');
});

test('check: a driver of which nobody knows if it matches may have been registered first, and that is assumed', () => {
  const [first] = NICS.devices;
  const machine = { ...NICS, drivers: { pci: { e1000e: 'e1000e', other: 'other' } }, devices: [first!] };
  const lines = [`echo ${CARD} > /sys/bus/pci/drivers/e1000e/unbind`, `echo ${CARD} > /sys/bus/pci/drivers_probe`];
  const stated = [parseProperty('ends', `${CARD} on e1000e`)];
  expect(found(lines, [], { machine, stated })).toEqual(['unsafe', `ends: ${CARD} ends on other, not on e1000e`]);
  const options = { while: new Set<Disturbance>(), stated, mostStates: 1000 };
  const program = shellProgram(`${lines.join('\n')}\n`, 'it.sh');
  const { violations } = check([program], kernelState(machine), options);
  expect(violations[0]?.trace.at(-1)?.why).toMatch(/other is assumed to match .*; other is assumed to take/);
});

test('check: a property of a twin needs one: nothing is safe of what is not there', () => {
  const lines = ['modprobe vfio-pci', OVERRIDE];
  const stated = [parseProperty('never', 'twin on vfio-pci')];
  expect(() => found(lines, ['kill'], { stated })).toThrow("found 'twin', but no like device is plugged in");
  expect(found(lines, ['hotplug'], { stated })).toEqual(['safe']);
  expect(() => found(lines, [], { stated: [parseProperty('ends', 'twin on none')] })).toThrow('--while');
});

test("check: a property of a driver that the machine does not have is refused: a module's name, most of all", () => {
  const stated = (text: string) => ({ stated: [parseProperty('never', `${CARD} on ${text}`)] });
  expect(() => found([OVERRIDE], [], stated('vfio_pci'))).toThrow("did you mean 'vfio-pci'?");
  for (const driver of ['vfio-pci', 'pci-stub', 'none'])
    expect(found([OVERRIDE], [], stated(driver))).toEqual(['safe']);
});

test('check: udev may load a module of which nobody knows if it matches the device', () => {
  const loadable = { other: { drivers: { pci: ['other'] } } };
  const machine = { ...NICS, drivers: { pci: {} }, ids: { pci: {} }, loadable, devices: [NICS.devices[0]!] };
  const { driver: _, ...idle } = machine.devices[0]!;
  const stated = [parseProperty('never', `${CARD} on other`)];
  const waits = ['sleep 1', `echo ${CARD} > /sys/bus/pci/drivers_probe`];
  expect(found(waits, ['load'], { machine: { ...machine, devices: [idle] }, stated })).toEqual([
    'unsafe',
    `never: ${CARD} is on other`,
  ]);
});
