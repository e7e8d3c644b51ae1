import { describe, expect, test } from 'vitest';
import {
  type Device,
  type Driver,
  deviceId,
  type KernelState,
  makeDevice,
  makeDriver,
  matchDevice,
  type Policy,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';
import { offeredTo } from '../../src/driver-core/policy-match.ts';
import { card, driverOf, e1000e, kernel, pciStub, vfioPci, write } from './card.ts';

const NAME = '0000:01:00.0';
type Via = NonNullable<Parameters<typeof matchDevice>[3]>;

const ROW = deviceId(0x8086, 0x10d3);
const MARKED = deviceId(0x8086, 0x10d3, { override_only: 1 });
const ELSEWHERE = deviceId(0x1af4, 0x1000, { override_only: 1 });
const withRows = (...ids: Driver['ids'] & object) => makeDriver('pci', 'd', { ids });
const withDynamic = (...dynids: Driver['dynids']) => makeDriver('pci', 'd', { ids: [], dynids });

function under(rules: Omit<Policy, 'name'>, drivers: readonly Driver[], devices?: readonly Device[]): KernelState {
  return kernel(drivers, devices, { policy: { name: 'tried', ...rules } });
}

function match(rules: Omit<Policy, 'name'>, driver: Driver, device: Device, via?: Via): string {
  const { answer, text } = matchDevice(under(rules, [driver], [device]), driver, device, via);
  return `${answer}: ${text}`;
}

const named = (driver: Driver) => card({ override: driver.name });
const TABLE = "yes: a row of d's id table matches";

describe('matchDevice under a policy', () => {
  const needsMarked = { overrideNeedsMarkedRow: true };
  const throughBind = { markedRowsThroughBind: true };
  const firstDecides = { firstRowDecides: true };
  const ignores = { dynamicIdsIgnoreOverride: true };
  const takesVfio = { bindTakesVfio: true };

  test.each<[string, Omit<Policy, 'name'>, Driver, Device, Via, string]>([
    ['asks nobody for vfio_bind', {}, vfioPci, card(), 'vfio_bind', 'yes: vfio_bind asks for no match'],
    ['not driver_override either', {}, vfioPci, named(pciStub), 'vfio_bind', 'yes: vfio_bind asks for no match'],
    [
      'takes any device for a VFIO driver by its file bind',
      takesVfio,
      vfioPci,
      card(),
      'bind',
      'yes: vfio-pci is a VFIO driver, which bind takes by its name',
    ],
    ['but not in a walk', takesVfio, vfioPci, card(), 'walk', "no: no row of vfio-pci's id table matches"],
    ['nor for another driver', takesVfio, pciStub, card(), 'bind', 'no: pci-stub has no id table'],
    [
      'wants a marked row for an override: a driver has no row at all',
      needsMarked,
      pciStub,
      named(pciStub),
      'walk',
      'no: pci-stub has no row for driver_override',
    ],
    [
      'wants a marked row for an override: on another bus too',
      needsMarked,
      makeDriver('platform', 'd', { ids: null }),
      makeDevice('platform', 'x', { override: 'd' }),
      'walk',
      'no: d has no row for driver_override',
    ],
    [
      'wants a marked row for an override: a driver has others',
      needsMarked,
      withRows(ROW, ELSEWHERE),
      card({ override: 'd' }),
      'walk',
      "no: no row of d's id table is for driver_override",
    ],
    [
      'wants a marked row for an override, and has it',
      needsMarked,
      withRows(ROW, MARKED),
      card({ override: 'd' }),
      'walk',
      TABLE,
    ],
    ['wants none without an override', needsMarked, withRows(ROW), card(), 'walk', TABLE],
    [
      'wants none without an override, nor has one',
      needsMarked,
      pciStub,
      card(),
      'walk',
      'no: pci-stub has no id table',
    ],
    [
      'knows nothing of a table that was not read',
      needsMarked,
      makeDriver('pci', 'd'),
      card({ override: 'd' }),
      'walk',
      'yes: driver_override names d',
    ],
    [
      'wants no marked row of whom a dynamic id brings',
      needsMarked,
      withDynamic(ROW),
      card({ override: 'd' }),
      'walk',
      'yes: a dynamic id of d matches',
    ],
    [
      'counts marked rows for the file bind',
      throughBind,
      withRows(MARKED),
      card(),
      'bind',
      "yes: a row of d's id table matches through bind",
    ],
    [
      'counts no marked rows in a walk',
      throughBind,
      withRows(MARKED),
      card(),
      'walk',
      "no: no row of d's id table matches",
    ],
    ['counts other rows as ever', throughBind, withRows(ROW, ELSEWHERE), card(), 'bind', TABLE],
    [
      'counts marked rows under the override as ever',
      throughBind,
      withRows(MARKED),
      card({ override: 'd' }),
      'bind',
      TABLE,
    ],
    [
      'goes by the first row that matches',
      firstDecides,
      withRows(MARKED, ROW),
      card(),
      'walk',
      "no: the first row of d's id table that matches asks for driver_override",
    ],
    [
      'goes by the first row, not by a marked one behind it',
      firstDecides,
      withRows(ROW, MARKED),
      card(),
      'walk',
      TABLE,
    ],
    [
      'goes by the first row that matches, not the first',
      firstDecides,
      withRows(ELSEWHERE, ROW),
      card(),
      'walk',
      TABLE,
    ],
    [
      'goes by every row under the override',
      firstDecides,
      withRows(MARKED, ROW),
      card({ override: 'd' }),
      'walk',
      TABLE,
    ],
    [
      'goes by no row where none matches',
      firstDecides,
      withRows(ELSEWHERE),
      card(),
      'walk',
      "no: no row of d's id table matches",
    ],
    [
      'lets a dynamic id match under another override',
      ignores,
      withDynamic(ROW),
      card({ override: 'other' }),
      'walk',
      'yes: a dynamic id of d matches',
    ],
    [
      'lets no row match under another override',
      ignores,
      withRows(ROW),
      card({ override: 'other' }),
      'walk',
      "no: driver_override is 'other', not 'd'",
    ],
    [
      'has dynamic ids that ask for the override',
      {},
      withDynamic(MARKED),
      card(),
      'walk',
      "no: no row of d's id table matches",
    ],
    [
      'has dynamic ids that ask for the override, and have it',
      {},
      withDynamic(MARKED),
      card({ override: 'd' }),
      'walk',
      'yes: a dynamic id of d matches',
    ],
    [
      'has dynamic ids for one device',
      {},
      withDynamic({ ...ROW, at: NAME }),
      card(),
      'walk',
      'yes: a dynamic id of d matches',
    ],
    [
      'has dynamic ids for one device, and not for one like it',
      {},
      withDynamic({ ...ROW, at: '0000:02:00.0' }),
      card(),
      'walk',
      "no: no row of d's id table matches",
    ],
    [
      'has dynamic ids of other devices',
      {},
      withDynamic(deviceId(0x1af4, 0x1000)),
      card(),
      'walk',
      "no: no row of d's id table matches",
    ],
    [
      'has no dynamic id for a device of which only the bus is known',
      {},
      withDynamic(ROW),
      card({ pci: null }),
      'walk',
      "unknown: d's id table was not read",
    ],
    [
      'matches a device by what is in its driver_probe_id',
      {},
      withRows(deviceId(0x1234, 0x5678)),
      card({ probeId: { vendor: 0x1234, device: 0x5678 } }),
      'walk',
      TABLE,
    ],
    [
      'matches a device by nothing else then',
      {},
      withRows(ROW),
      card({ probeId: { vendor: 0x1234, device: 0x5678 } }),
      'walk',
      "no: no row of d's id table matches",
    ],
  ])('matchDevice %s', (_what, rules, driver, device, via, expected) => {
    expect(match(rules, driver, device, via)).toBe(expected);
  });
});

describe('offeredTo', () => {
  const drivers = [
    makeDriver('pci', 'late', { async: true }),
    e1000e,
    vfioPci,
    makeDriver('platform', 'with-id', { dynids: [ROW] }),
    makeDriver('pci', 'with-id', { dynids: [ROW] }),
    makeDriver('pci', 'with-marked-id', { dynids: [MARKED] }),
  ];
  const order = (rules: Omit<Policy, 'name'> | undefined, device = card()) =>
    offeredTo(rules ? under(rules, drivers) : kernel(drivers), device).map(({ bus, name }) => `${bus} ${name}`);
  const registered = drivers.map(({ bus, name }) => `${bus} ${name}`);

  test('offeredTo keeps the order of registration', () => {
    expect(order(undefined)).toEqual(registered);
    expect(order({})).toEqual(registered);
  });

  test('offeredTo with priorities: who has a dynamic id for the device, VFIO drivers, the others', () => {
    const expected = [
      'pci with-id',
      'pci vfio-pci',
      'pci late',
      'pci e1000e',
      'platform with-id',
      'pci with-marked-id',
    ];
    expect(order({ priority: true })).toEqual(expected);
    expect(order({ priority: true }, card({ override: 'with-marked-id' })).slice(0, 3)).toEqual([
      'pci with-id',
      'pci with-marked-id',
      'pci vfio-pci',
    ]);
    expect(order({ priority: true }, card({ override: 'e1000e' })).slice(0, 2)).toEqual([
      'pci with-id',
      'pci vfio-pci',
    ]);
  });
});

describe('writeAttribute: files that only a policy has', () => {
  const results = (
    rules: Omit<Policy, 'name'> | undefined,
    drivers: readonly Driver[],
    ...writes: [string, string][]
  ) => {
    let state = rules ? under(rules, drivers) : kernel(drivers);
    const words = writes.map(([path, data]) => {
      const done = step(state, write(path, data));
      state = done.state;
      return resultWord(done.result);
    });
    return [...words, driverOf(state)];
  };

  test('vfio_bind binds a device to a VFIO driver; no other driver has that file, and mainline has none', () => {
    const bind = (driver: string): [string, string] => [`drivers/${driver}/vfio_bind`, NAME];
    expect(results({ vfioBind: true }, [vfioPci], bind('vfio-pci'))).toEqual(['ok', 'vfio-pci']);
    expect(results({ vfioBind: true }, [pciStub], bind('pci-stub'))).toEqual(['ENOENT', null]);
    expect(results({}, [vfioPci], bind('vfio-pci'))).toEqual(['ENOENT', null]);
    expect(results(undefined, [vfioPci], bind('vfio-pci'))).toEqual(['ENOENT', null]);
    const { trace } = step(kernel([vfioPci]), write(...bind('vfio-pci')));
    expect(trace).toMatchObject([{ text: 'there is no such file' }]);
  });

  test('bind is the file through which marked rows match', () => {
    const stub = { ...pciStub, ids: [MARKED] };
    const bind: [string, string] = ['drivers/pci-stub/bind', NAME];
    expect(results({ markedRowsThroughBind: true }, [stub], ['drivers_probe', NAME], bind)).toEqual([
      'ok',
      'ok',
      'pci-stub',
    ]);
    expect(results({}, [stub], bind)).toEqual(['ENODEV', null]);
  });

  test('driver_probe_id takes a vendor and a device, and anything else takes them away', () => {
    const path = `devices/${NAME}/driver_probe_id`;
    const second = makeDevice('pci', '0000:02:00.0');
    const written = (data: string, state = under({ probeId: true }, [], [card(), second])) =>
      step(state, write(path, data));
    const { state, result, trace } = written('1234 5678\n');
    expect(result).toEqual({ kind: 'ok' });
    expect(trace).toEqual([{ rule: 'policy: driver_probe_id', text: 'it is matched as 1234 5678', device: NAME }]);
    expect(state.devices).toEqual([card({ probeId: { vendor: 0x1234, device: 0x5678 } }), second]);
    for (const data of ['1234', '\n', 'x'])
      expect(written(data, state)).toMatchObject({
        state: { devices: [card(), second] },
        trace: [{ text: 'it is matched by its own id' }],
      });
    expect(written(' ', state).state.devices[0]).not.toHaveProperty('probeId');
    for (const none of [under({}, []), kernel([])])
      expect(resultWord(written('1234 5678', none).result)).toBe('ENOENT');
    const platform = under({ probeId: true }, [], [makeDevice('platform', 'x')]);
    const absent = step(platform, { kind: 'write', path: 'bus/platform/devices/x/driver_probe_id', data: '1 2' });
    expect(resultWord(absent.result)).toBe('ENOENT');
  });

  test('new_id and remove_id take the name of a device, each once, in place of an id', () => {
    const files = (file: string, data: string): [string, string] => [`drivers/vfio-pci/${file}`, data];
    const byName = { idsByName: true };
    expect(
      results(byName, [vfioPci], files('new_id', `${NAME}\n`), files('new_id', NAME), files('new_id', '0000:02:00.0')),
    ).toEqual(['ok', 'EEXIST', 'ok', 'vfio-pci']);
    expect(
      results(
        byName,
        [vfioPci],
        files('new_id', '0000:AF:1f.7'),
        files('remove_id', NAME),
        files('remove_id', '0000:AF:1f.7'),
      ),
    ).toEqual(['ok', 'ENODEV', 'ok', null]);
    for (const other of [
      '0000:01:00.8',
      '000:01:00.0',
      '0000:1:00.0',
      '0000:01:0.0',
      `x${NAME}`,
      `${NAME}x`,
      'x:01:00.0',
    ])
      expect([other, ...results(byName, [vfioPci], files('new_id', other))]).toEqual([other, 'EINVAL', null]);
    for (const rules of [{}, undefined])
      expect(results(rules, [vfioPci], files('new_id', NAME))).toEqual(['EINVAL', null]);
    const listed = step(
      under(byName, [{ ...vfioPci, dynids: [{ ...ROW, at: NAME }] }]),
      write(...files('new_id', NAME)),
    );
    expect(listed.trace).toMatchObject([{ text: 'the device is listed already' }]);
  });
});
