import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type KernelState, possibleDrivers, resultWord, step } from '../../../src/driver-core/index.ts';
import { partsAt, runPrograms } from '../../../src/model/explore/run.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { POLICIES, underPolicy } from '../../../src/model/policies/policies.ts';
import { type RecipeEvent, recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { parseRelease } from '../../../src/release.ts';
import { write } from '../explore/recipes.ts';

const CARD = '0000:01:00.0';
const OTHER = '0000:02:00.0';
const VFIO = 'drivers/vfio-pci';
const unbind = write('drivers/e1000e/unbind', CARD);
const bind = write(`${VFIO}/bind`, CARD);
const probe = write('drivers_probe', CARD);
const newId = (text = '8086 10d3') => write(`${VFIO}/new_id`, text);
const override = (name: string) => write(`devices/${CARD}/driver_override`, name);

function under(policy: string, events: readonly RecipeEvent[], release = '6.12') {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine, parseRelease(release));
  const program = recipeProgram(
    recipeOf(
      'r',
      events.map((event) => ({ ...event, mayFail: true })),
    ),
  );
  return runPrograms([program], underPolicy(machine, POLICIES[policy]!));
}

/** The result of each step, and where the first card is at the end. */
function outcome(policy: string, events: readonly RecipeEvent[], release?: string): string {
  const { steps, state } = under(policy, events, release);
  return [...steps.map(({ result }) => result), driverOf(state, CARD)].join(' ');
}

function driverOf({ devices }: KernelState, name: string): string {
  return possibleDrivers(devices.find((one) => one.name === name)!.driver)
    .map((driver) => driver ?? 'none')
    .join(' or ');
}

/** What each policy does otherwise than mainline, and both outcomes. */
test.each<[string, readonly RecipeEvent[], string, string]>([
  ['2021-abc', [unbind, newId(), override('nonesuch'), bind], 'ok ok ok EBUSY vfio-pci', 'ok ok ok ENODEV vfio-pci'],
  ['2021-abc', [unbind, override('e1000e'), probe], 'ok ok ok none', 'ok ok ok e1000e'],
  ['2021-abc', [unbind, override('vfio-pci'), bind], 'ok ok ok vfio-pci', 'ok ok ok vfio-pci'],
  ['2021-ab', [unbind, override('e1000e'), probe], 'ok ok ok e1000e', 'ok ok ok e1000e'],
  ['2021-ab', [unbind, override('nonesuch'), newId(), probe], 'ok ok ok ok vfio-pci', 'ok ok ok ok none'],
  ['2014-sysfs-bind-only', [unbind, bind], 'ok ok vfio-pci', 'ok ENODEV none'],
  ['2014-sysfs-bind-only', [unbind, probe], 'ok ok e1000e', 'ok ok e1000e'],
  ['2014-vfio-bind', [unbind, write(`${VFIO}/vfio_bind`, CARD)], 'ok ok vfio-pci', 'ok ENOENT none'],
  ['2014-vfio-bind', [unbind, write('drivers/e1000e/vfio_bind', CARD)], 'ok ENOENT none', 'ok ENOENT none'],
  [
    '2014-probe-id',
    [unbind, newId('1234 5678'), write(`devices/${CARD}/driver_probe_id`, '1234 5678'), probe],
    'ok ok ok ok vfio-pci',
    'ok ok ENOENT ok e1000e',
  ],
  ['2014-bdf-id', [unbind, newId(CARD)], 'ok ok vfio-pci', 'ok EINVAL none'],
  [
    '2014-bdf-id',
    [newId(CARD), newId(CARD), write(`${VFIO}/remove_id`, CARD)],
    'ok EEXIST ok e1000e',
    'EINVAL EINVAL EINVAL e1000e',
  ],
  ['2013-driver-name', [unbind, bind], 'ok ok vfio-pci', 'ok ENODEV none'],
  ['new-id-flags', [unbind, newId('8086 10d3 ffffffff ffffffff 0 0 0 1')], 'ok ok none', 'ok ok vfio-pci'],
  [
    'new-id-flags',
    [unbind, newId('8086 10d3 ffffffff ffffffff 0 0 0 1'), override('vfio-pci'), probe],
    'ok ok ok ok vfio-pci',
    'ok ok ok ok vfio-pci',
  ],
])('POLICIES: %s', (policy, events, there, mainline) => {
  expect(outcome(policy, events)).toBe(there);
  expect(outcome('mainline', events)).toBe(mainline);
});

test('POLICIES: 2014-priority asks the driver with a dynamic id first, mainline the one that was registered first', () => {
  const events = [unbind, newId(), write(`${VFIO}/unbind`, CARD), probe];
  expect(outcome('2014-priority', events)).toBe('ok ok ok ok vfio-pci');
  expect(outcome('mainline', events)).toBe('ok ok ok ok e1000e');
});

test('POLICIES: 2014-bdf-id takes one of two like devices', () => {
  const events = [unbind, write('drivers/e1000e/unbind', OTHER), newId(CARD)];
  expect(driverOf(under('2014-bdf-id', events).state, OTHER)).toBe('none');
  const like = [unbind, write('drivers/e1000e/unbind', OTHER), newId()];
  expect(driverOf(under('mainline', like).state, OTHER)).toBe('vfio-pci');
});

test('POLICIES: pci-pf-stub-override keeps pci-pf-stub from what its rows match, pci-stub-override changes no binding', () => {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const amazon = machine.devices.map((device) =>
    device.name === CARD
      ? { ...device, driver: null, pci: { ...device.pci!, vendor: 0x1d0f, device: 0x0053 } }
      : device,
  );
  const loaded = (policy: string) =>
    step(underPolicy({ ...machine, devices: amazon }, POLICIES[policy]!), { kind: 'load', module: 'pci_pf_stub' });
  expect(driverOf(loaded('mainline').state, CARD)).toBe('pci-pf-stub');
  expect(driverOf(loaded('pci-pf-stub-override').state, CARD)).toBe('none');
  const stub: RecipeEvent[] = [{ kind: 'load', module: 'pci-stub' }, unbind, override('pci-stub'), probe];
  expect(outcome('pci-stub-override', stub)).toBe(outcome('mainline', stub));
  expect(outcome('mainline', stub)).toBe('ok ok ok ok pci-stub');
});

test('POLICIES: mainline differs by release', () => {
  // Before 5.15 vfio-pci has no row, before 5.14 bind does not tell why.
  expect(outcome('mainline', [bind], '5.10')).toBe('ENODEV e1000e');
  expect(outcome('mainline', [override('vfio-pci'), bind], '5.10')).toBe('ok ENODEV e1000e');
  expect(outcome('mainline', [override('vfio-pci'), bind], '7.3')).toBe('ok EBUSY e1000e');
});

test('POLICIES: every one is described in two lines, and all but mainline part from it somewhere or change a driver', () => {
  for (const [name, { year, about, policy, driver }] of Object.entries(POLICIES)) {
    expect(about).toHaveLength(2);
    expect(year).toBeGreaterThanOrEqual(2011);
    expect(policy === null && driver === undefined).toBe(name === 'mainline');
    if (policy) expect(policy.name).toBe(name);
  }
});

test('underPolicy: a policy replaces another, and mainline is the state without one', () => {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const once = underPolicy(machine, POLICIES['2014-vfio-bind']!);
  expect(underPolicy(once, POLICIES.mainline!)).toEqual(machine);
  expect(
    resultWord(step(machine, { kind: 'write', path: 'bus/pci/drivers/vfio-pci/vfio_bind', data: CARD }).result),
  ).toBe('ENOENT');
});

test('partsAt: the first step at which two runs part', () => {
  const events = [unbind, newId('8086 10d3 ffffffff ffffffff 0 0 0 1'), probe];
  expect(partsAt(under('mainline', events), under('new-id-flags', events))).toBe(1);
  expect(partsAt(under('mainline', events), under('mainline', events))).toBe(-1);
});

test('POLICIES: every difference that a policy may have is that of one, and decides something in driver-core', () => {
  const declared = readFileSync('src/driver-core/policy.ts', 'utf8');
  const differences = [...declared.matchAll(/^ {2}readonly (\w+)\?: boolean;$/gm)].map(([, name]) => name!);
  expect(differences.length).toBeGreaterThan(5);
  const had = new Set(Object.values(POLICIES).flatMap(({ policy }) => Object.keys(policy ?? {})));
  const rules = readdirSync('src/driver-core').filter((file) => file.endsWith('.ts') && file !== 'policy.ts');
  const code = rules.map((file) => readFileSync(`src/driver-core/${file}`, 'utf8')).join('\n');
  expect(differences.filter((name) => !had.has(name) || !new RegExp(`policy\\??\\.${name}\\b`).test(code))).toEqual([]);
});
