import { expect, test } from 'vitest';
import { makeDriver } from '../../../src/driver-core/index.ts';
import { type Disturbance, USUAL_DISTURBANCES } from '../../../src/model/explore/acts.ts';
import { type CheckOptions, check } from '../../../src/model/explore/check.ts';
import { parseProperty } from '../../../src/model/explore/properties.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { type RecipeEvent, recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { readProgram } from '../../../src/model/script/read-program.ts';
import { parseRelease } from '../../../src/release.ts';
import { MORE, RETRIED, WAYS } from './recipes.ts';

const USUAL: CheckOptions = { while: new Set(USUAL_DISTURBANCES), stated: [], mostStates: 1_000_000 };

function checked(events: readonly RecipeEvent[], options: Partial<CheckOptions> = {}, release = '6.12') {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine, parseRelease(release));
  return check([recipeProgram(recipeOf('bind', events))], machine, { ...USUAL, ...options });
}

const properties = (way: string, options: Partial<CheckOptions> = {}, release?: string) =>
  checked(WAYS[way]!, options, release).violations.map(({ property }) => property);

test('check: an override with bind and a look back is safe under what usually acts', () => {
  expect(checked(WAYS['override, bind, read back']!)).toMatchObject({
    verdict: 'safe',
    violations: [],
    bounds: [],
    targets: ['0000:01:00.0'],
  });
});

test('check: new_id takes a device along that is plugged in meanwhile, in two steps of which one is not the program', () => {
  const { violations } = checked(WAYS.new_id!, { while: new Set(['hotplug']) });
  const third = violations.find(({ property }) => property === 'third-device');
  expect(third).toMatchObject({
    device: '0000:40:00.0',
    message: '0000:40:00.0 is on vfio-pci; without the program it would be on e1000e',
  });
  expect(third?.trace.map(({ who, line }) => [who, line])).toEqual([
    ['bind', 1],
    ['bind', 2],
    ['hot-plug', null],
  ]);
  expect(third?.trace.at(-1)).toMatchObject({ devices: { '0000:40:00.0': 'vfio-pci' } });
});

test('check: drivers_autoprobe off around new_id does not help: before 6.19 hot-added devices are probed anyway, later by new_id', () => {
  const way = 'autoprobe off around new_id';
  const lost = (release: string) =>
    checked(WAYS[way]!, { while: new Set(['hotplug']) }, release)
      .violations.filter(({ property }) => property === 'third-device' || property === 'keeps-a-driver')
      .map(({ property, trace }) => [property, trace.findIndex(({ who }) => who === 'hot-plug')]);
  expect(lost('6.12')).toEqual([['third-device', 3]]);
  // From 6.19 on it is left without a driver, and new_id takes what is there without one.
  expect(lost('6.19')).toEqual([
    ['third-device', 2],
    ['keeps-a-driver', 6],
  ]);
});

test('check: a drivers_probe between unbind and override gives the device back, and the program does not notice', () => {
  const { violations } = checked(WAYS['unbind first']!, { while: new Set(['probe']) });
  expect(violations).toMatchObject([{ property: 'success-is-true', device: '0000:01:00.0' }]);
  expect(violations[0]!.trace.length).toBeLessThanOrEqual(8);
  expect(properties('override, probe', { while: new Set(['probe']) })).toEqual([]);
});

test("check: the module's name in driver_override leaves the device without a driver", () => {
  const { violations } = checked(WAYS['module name']!, { while: new Set() });
  expect(violations.map(({ property }) => property)).toEqual(['keeps-a-driver']);
  expect(violations[0]!.trace.at(-1)).toMatchObject({
    event: 'echo 0000:01:00.0 > bus/pci/drivers_probe',
    result: 'ok',
  });
});

test('check: states what is asked for only, of the twin too', () => {
  const stated = [parseProperty('never', 'twin on vfio-pci'), parseProperty('ends', '01:00.0 on vfio-pci')];
  expect(
    checked(WAYS.new_id!, { stated, while: new Set(['hotplug']) }).violations.map(({ property, device }) => [
      property,
      device,
    ]),
  ).toEqual([['never', '0000:40:00.0']]);
  const stranded = [parseProperty('never', '0000:01:00.0 stranded')];
  expect(properties('module name', { stated: stranded })).toEqual(['never']);
});

test('check: more states than allowed make the verdict unknown', () => {
  expect(checked(WAYS['override, bind, read back']!, { mostStates: 10 })).toMatchObject({
    verdict: 'unknown',
    bounds: [{ text: 'only the first 10 states were explored; --most-states raises that' }],
  });
});

test('check: an unbind that waits for a process goes on when the process closes the group', () => {
  const bound: RecipeEvent[] = [...WAYS['override, bind, read back']!];
  const unbind: RecipeEvent = {
    kind: 'write',
    path: 'bus/pci/drivers/vfio-pci/unbind',
    data: '0000:01:00.0',
  };
  const after: RecipeEvent = { kind: 'expect', device: '0000:01:00.0', driver: null };
  const stated = [parseProperty('ends', '0000:01:00.0 on none')];
  const result = checked([...bound, unbind, after], { stated, while: new Set(['group']) });
  expect(result).toMatchObject({ verdict: 'safe', bounds: [] });
});

test('check: what is not known of drivers is tried both ways, and stays as it was decided', () => {
  const machine = kernelState(BUILT_IN_MACHINES['platform-reset']!.machine);
  const name = 'fff50000.ethernet';
  const write = (path: string, data: string): RecipeEvent => ({ kind: 'write', path: `bus/platform/${path}`, data });
  const program = recipeProgram(
    recipeOf('r', [
      { kind: 'load', module: 'vfio_platform' },
      write(`devices/${name}/driver_override`, 'vfio-platform'),
      write('drivers/xgmac/unbind', name),
      write('drivers/vfio-platform/bind', name),
    ]),
  );
  const { verdict, violations, bounds } = check([program], machine, { ...USUAL, while: new Set() });
  // Whether vfio-platform takes the device is its own decision: it has to have a reset, for one.
  expect([verdict, bounds]).toEqual(['unsafe', []]);
  expect(violations.map(({ property, trace }) => [property, trace.at(-1)!.result])).toEqual([
    ['succeeds', 'ENODEV'],
    ['failure-is-clean', 'ENODEV'],
  ]);
});

test('check: a program that fails alone, and one that changes something when it runs again, have their traces', () => {
  const failing = checked([{ kind: 'load', module: 'nonesuch' }], { while: new Set() });
  expect(failing.violations).toMatchObject([{ property: 'succeeds', trace: [{ result: 'ENOENT' }] }]);
  const toggling: RecipeEvent[] = [
    { kind: 'write', path: 'bus/pci/drivers/vfio-pci/new_id', data: '1234 5678 ffffffff ffffffff 0 0 0' },
  ];
  const again = checked(toggling, { while: new Set() }).violations;
  expect(again.map(({ property, trace }) => [property, trace.length])).toEqual([['rerun-changes-nothing', 2]]);
});

/** The looks of a trace, by line, of the violations of a property. */
const looksOf = (events: readonly RecipeEvent[], whiles: readonly Disturbance[], once = true) =>
  checked(events, { while: new Set(whiles), once }).violations.map(({ property, trace }) => [
    property,
    trace.flatMap(({ act, line }) => (act === null && line !== null ? [line] : [])),
  ]);

test('check: a trace has the looks with which a program fails, and those that would see something else when it goes on', () => {
  const [load, ...rest] = WAYS['override, bind, read back']!;
  const before: RecipeEvent = { kind: 'expect', device: '0000:01:00.0', driver: 'e1000e' };
  // The first look sees what it always sees, the last one that the driver is gone.
  expect(looksOf([load!, before, ...rest], ['unload'])).toEqual([['failure-is-clean', [6]]]);
  // The last one saw the driver before it went.
  expect(looksOf([load!, before, ...rest, MORE], ['unload'])).toEqual([
    ['failure-is-clean', [6]],
    ['keeps-a-driver', [6]],
  ]);
});

test('check: a trace has the looks that see what they do not see where nothing disturbs the program', () => {
  // At each of three it goes back, at the fourth it fails.
  const looks = looksOf(RETRIED, ['unload'], false);
  expect(looks).toEqual([['failure-is-clean', [5, 5, 5, 5]]]);
});

test('check: a parameter that is written at run time counts from then on', () => {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const alone = { ...machine, noiommu: true, devices: [{ ...machine.devices[0]!, group: null }], groups: [] };
  const off: RecipeEvent = { kind: 'write', path: 'module/vfio/parameters/enable_unsafe_noiommu_mode', data: 'N\n' };
  const result = (events: readonly RecipeEvent[]) =>
    check([recipeProgram(recipeOf('r', events))], alone, { ...USUAL, while: new Set() });
  expect(result(WAYS['override, bind, read back']!).verdict).toBe('safe');
  expect(result([off, ...WAYS['override, bind, read back']!]).violations.map(({ property }) => property)).toEqual([
    'succeeds',
    'failure-is-clean',
    'leaves-nothing',
  ]);
});

test('check: says which orders of registration it did not try', () => {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const others = ['a', 'b', 'c', 'd'].map((name) => makeDriver('pci', name, { ids: null }));
  const result = (count: number) => {
    const drivers = [...machine.drivers, ...others.slice(0, count)];
    const program = recipeProgram(recipeOf('r', WAYS['override, bind, read back']!));
    return check([program], { ...machine, drivers }, { ...USUAL, while: new Set() });
  };
  expect(result(3)).toMatchObject({ verdict: 'safe', bounds: [] });
  expect(result(4)).toMatchObject({
    verdict: 'unknown',
    bounds: [
      {
        text: 'of the orders in which drivers may have been registered only those of e1000e, vfio-pci, a, b, c were tried, not where d stands',
      },
    ],
  });
});

test('check: a verdict that depends on what was only read in the kernel source is unknown', () => {
  const name = '0000:03:00.0';
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const on = (driver: string) => {
    const [card] = machine.devices;
    const physical = { ...card!, name, driver, group: null, pci: { ...card!.pci!, device: 1, numVfs: 1 } };
    const pci = { ...card!.pci!, device: 2, physfn: name };
    const devices = [physical, { ...card!, name: '0000:03:10.0', driver: null, group: null, pci }];
    const events: RecipeEvent[] = [
      { kind: 'write', path: `bus/pci/drivers/${driver}/unbind`, data: name },
      { kind: 'expect', device: name, driver: null },
    ];
    const drivers = [...machine.drivers, makeDriver('pci', driver, { ids: null })];
    const stated = [parseProperty('ends', `${name} on none`)];
    const broken = [parseProperty('ends', `${name} on e1000e`)];
    return [stated, broken].map((one) => {
      const options = { ...USUAL, while: new Set<Disturbance>(), stated: one };
      const program = recipeProgram(recipeOf('r', events));
      const { verdict, bounds } = check([program], { ...machine, devices, drivers }, options);
      return [verdict, ...bounds.map(({ text }) => text)];
    });
  };
  const why = "0000:03:10.0 goes away with ixgbe (ixgbe: remove()): read in the kernel's source, not seen";
  expect(on('ixgbe')).toEqual([
    ['unknown', why],
    ['unknown', why],
  ]);
  expect(on('igb')).toEqual([['safe'], ['unsafe']]);
});

const CARD = '0000:01:00.0';
const OPENED: readonly RecipeEvent[] = [
  ...WAYS['override, bind']!,
  { kind: 'open', group: '10', by: 'the program' },
  { kind: 'setContainer', group: '10' },
];

test('check: a program that is killed closes the group that it had opened', () => {
  // Else the rerun would find the group busy, and fail.
  expect(checked(OPENED, { while: new Set(['kill']) })).toMatchObject({ verdict: 'safe', violations: [] });
});

test('check: a module that is loaded with async_probe may have its probes done whenever it likes', () => {
  const start = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const machine = {
    ...start,
    drivers: start.drivers.filter(({ name }) => name !== 'e1000e'),
    modules: start.modules.map((one) => (one.name === 'e1000e' ? { ...one, loaded: false } : one)),
    devices: start.devices.map((one) => ({ ...one, driver: null })),
  };
  const run = (parameters: Record<string, null>, ends: string) => {
    const events: RecipeEvent[] = [
      { kind: 'load', module: 'e1000e', parameters },
      { kind: 'expect', device: CARD, driver: 'e1000e' },
    ];
    const stated = [parseProperty('ends', `${CARD} on ${ends}`)];
    return check([recipeProgram(recipeOf('load', events))], machine, { ...USUAL, while: new Set(), stated });
  };
  expect(run({}, 'e1000e')).toMatchObject({ verdict: 'safe', violations: [] });
  // It ends there in every case, although the look may come before the worker.
  expect(run({ async_probe: null }, 'e1000e')).toMatchObject({ verdict: 'safe', violations: [] });
  const early = check(
    [
      recipeProgram(
        recipeOf('load', [
          { kind: 'load', module: 'e1000e', parameters: { async_probe: null } },
          { kind: 'expect', device: CARD, driver: 'e1000e' },
        ]),
      ),
    ],
    machine,
    { ...USUAL, while: new Set() },
  );
  expect(early.violations.find(({ property }) => property === 'succeeds')?.trace.map(({ who }) => who)).toEqual([
    'load',
    'load',
    'a worker of the kernel',
    'a worker of the kernel',
  ]);
});

test('check: what opens the file of a device has a verdict that is not certain', () => {
  const events: RecipeEvent[] = [
    ...WAYS['override, bind']!,
    { kind: 'openCdev', device: CARD, by: 'the program' },
    { kind: 'bindIommufd', device: CARD, by: 'the program' },
    { kind: 'closeCdev', device: CARD, by: 'the program' },
  ];
  const { verdict, bounds } = checked(events, { while: new Set(['kill']) });
  expect(verdict).toBe('unknown');
  expect(bounds.map(({ text }) => text).join()).toContain("read in the kernel's source");
});

test('check: options of a modprobe.d file are given to a module whenever it is loaded', () => {
  const start = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
  const config = readProgram('options vfio-pci ids=8086:10d3', 'vfio.conf');
  const { violations } = check([config, recipeProgram(recipeOf('bind', WAYS['override, bind']!))], start, {
    ...USUAL,
    while: new Set(['unload', 'load']),
    once: true,
  });
  expect(violations.some(({ property, device }) => property === 'third-device' && device === '0000:02:00.0')).toBe(
    true,
  );
});

test('check: what softdep of a modprobe.d file names comes along whenever a module is loaded, by the first line', () => {
  const { machine } = BUILT_IN_MACHINES['two-like-nics']!;
  const bound = kernelState(machine);
  const start = {
    ...bound,
    drivers: bound.drivers.filter(({ module }) => module === null),
    devices: bound.devices.map((one) => ({ ...one, driver: null })),
    modules: bound.modules.map((one) => ({ ...one, loaded: false })),
  };
  const verdictOf = (softdeps: string) =>
    check([readProgram(`options vfio-pci ids=8086:10d3\n${softdeps}`, 'vfio.conf')], start, {
      ...USUAL,
      while: new Set(['load']),
      stated: [parseProperty('ends', '0000:01:00.0 on vfio-pci')],
    }).verdict;
  const softdep = 'softdep e1000e pre: vfio-pci\n';
  expect([softdep, '', `softdep e1000e post: vfio-pci\n${softdep}`].map(verdictOf)).toEqual([
    'safe',
    'unsafe',
    'unsafe',
  ]);
});

test('check: of many devices with the same ids only some are disturbed, which is said', () => {
  const { machine } = BUILT_IN_MACHINES['two-like-nics']!;
  const card = machine.devices.find(({ path }) => path.endsWith('02:00.0'))!;
  const more = Array.from({ length: 70 }, (_, i) => ({ ...card, path: `pci0000:00/0000:0${i >> 3}:1f.${i & 7}` }));
  const start = kernelState({ ...machine, devices: [...machine.devices, ...more] });
  const program = recipeProgram(recipeOf('bind', WAYS['override, bind, read back']!));
  const { verdict, bounds } = check([program], start, { ...USUAL, while: new Set(['probe']) });
  expect([verdict, bounds.map(({ text }) => text)]).toEqual([
    'unknown',
    ['of 71 other devices with the same ids only 64 were disturbed'],
  ]);
});
