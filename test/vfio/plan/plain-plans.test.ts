import { describe, expect, test } from 'vitest';
import { NEWEST_RELEASE, OLDEST_RELEASE, parseRelease, type Release } from '../../../src/release.ts';
import { planRestore } from '../../../src/vfio/change/restore.ts';
import type { Machine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan, Step } from '../../../src/vfio/plan/plan-types.ts';
import { predict } from '../../../src/vfio/plan/predict.ts';
import type { MachineDevice } from '../../../src/vfio/sysfs/device.ts';
import type { GroupHolder } from '../../../src/vfio/uses/group-holders.ts';
import { at, back, bind, CARD, card, driver, group, machine } from './plain-machine.ts';

describe('predict over a plain machine', () => {
  const results = ({ predicted }: Plan) => predicted.steps.map(({ result }) => result);
  const bound = (name = CARD, rest: Partial<MachineDevice> = {}) =>
    card({ name, driver: 'vfio-pci', override: 'vfio-pci', ...rest });
  const other = '0000:01:00.1';
  const holder = (rest: Partial<GroupHolder>): GroupHolder => {
    return { group: '7', by: 'qemu', devices: [], perhaps: [], owns: 'no', ...rest };
  };
  const stub = (devices: readonly MachineDevice[], holders: readonly GroupHolder[]) =>
    results(
      planRestore(machine(devices, { holders }), [
        { path: at(CARD), to: { driver: 'e1000e', override: null }, module: null, seen: true },
      ]),
    );

  test.each<[string, readonly GroupHolder[], readonly string[]]>([
    ['nobody', [], ['ok', 'ok', 'ok', 'ok']],
    [
      'one that has another device of the group, and owns it',
      [holder({ devices: [other], owns: 'yes' })],
      ['ok', 'ok', 'EBUSY', 'not-taken'],
    ],
    ['one of another group', [holder({ group: '8', devices: [CARD], owns: 'yes' })], ['ok', 'ok', 'ok', 'ok']],
    [
      'two, of which one owns it',
      [holder({}), holder({ owns: 'yes', devices: [other] })],
      ['ok', 'ok', 'EBUSY', 'not-taken'],
    ],
    ['one that may own it', [holder({ owns: 'unknown' })], ['ok', 'ok', 'unknown', 'unknown']],
    ['one that has the group open only', [holder({})], ['ok', 'ok', 'ok', 'ok']],
    [
      'one that may have this device',
      [holder({ owns: 'yes', perhaps: [CARD, other] })],
      ['ok', 'unknown', 'unknown', 'not-taken'],
    ],
    [
      'one that has it, and another that may',
      [holder({ owns: 'yes', devices: [CARD] }), holder({ perhaps: [CARD] })],
      ['ok', 'blocks', 'not-taken', 'not-taken'],
    ],
  ])('predict goes by what is held of the group: %s', (_what, holders, expected) => {
    expect(stub([bound(), bound(other)], holders)).toEqual(expected);
  });

  test('predict does not know what is bound where it depends on a holder, and knows it where it does not', () => {
    const read = machine([bound(), bound(other)], {
      holders: [holder({ owns: 'unknown', by: 'a' }), holder({ by: 'b' })],
    });
    const { predicted } = back(read);
    expect(predicted.steps[0]!.result).toBe('ok');
    expect(predicted.steps[2]!.text).toBe('it depends on what a and b has open');
    expect(predicted.devices).toEqual([{ name: CARD, driver: 'unknown' }]);
    expect(predicted.groups).toMatchObject([{ id: '7', viable: 'unknown' }]);
    const away = machine([bound(), bound(other)], { holders: [holder({ group: '8', owns: 'unknown' })] });
    expect(back(away).predicted.devices).toEqual([{ name: CARD, driver: 'e1000e' }]);
    expect(back(away).predicted.groups).toMatchObject([{ id: '7', viable: 'no' }]);
  });

  const restore = (read: Machine) => back(read).predicted.steps;

  test('predict gives the rule that decides where a holder has as much open as possible, for what it does not know', () => {
    const { steps } = back(machine([bound(), bound(other)], { holders: [holder({ owns: 'unknown' })] })).predicted;
    expect(steps[2]).toEqual({
      step: 2,
      result: 'unknown',
      rule: 'drivers/iommu/iommu.c:iommu_device_use_default_domain',
      text: 'it depends on what qemu has open',
    });
  });

  test('predict takes no holder for the owner that is known not to be, whatever it may have open', () => {
    expect(stub([bound(), bound(other)], [holder({ owns: 'no', perhaps: [other] })])).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('predict names every holder of a group, and says why nothing comes after a step that fails', () => {
    const holders = [holder({ by: 'a', owns: 'yes', devices: [other] }), holder({ by: 'b' })];
    const steps = restore(machine([bound(), bound(other)], { holders }));
    expect(steps.slice(2).map(({ text }) => text)).toEqual([
      "the group's DMA belongs to a and b",
      'an earlier step ends the run',
    ]);
  });

  const at1 = `bus/pci/devices/${CARD}`;
  const unbind = { op: 'write', device: CARD, path: 'bus/pci/drivers/e1000e/unbind', data: CARD } as const;
  const rebind = { op: 'write', device: CARD, path: 'bus/pci/drivers/e1000e/bind', data: CARD } as const;
  const check = (name: string | null, device = CARD) =>
    ({ op: 'verify', device, path: `${at1}/driver`, driver: name }) as const;
  const words = (read: Machine, ...steps: readonly Step[]) =>
    predict(read, steps, []).steps.map(({ result }) => result);

  test('predict knows that a driver takes back a device that it has, without an override', () => {
    expect(words(machine(), unbind, rebind, check('e1000e'))).toEqual(['ok', 'ok', 'ok']);
    // Under an override its id table was not asked; that it takes the device is known all the same.
    const clear = { op: 'write', device: CARD, path: `${at1}/driver_override`, data: '\n' } as const;
    const overridden = machine([card({ override: 'e1000e' })]);
    expect(words(overridden, clear, unbind, rebind)).toEqual(['ok', 'ok', 'unknown']);
    const platform = card({ bus: 'platform', override: 'e1000e', modalias: null, class: null, sriov: null });
    const read = machine([platform], { drivers: [driver('e1000e', { bus: 'platform' })] });
    const there = (step: typeof rebind) => ({ ...step, path: step.path.replace('pci', 'platform') }) as const;
    expect(words(read, there(unbind as never), there(rebind))).toEqual(['ok', 'ok']);
  });

  test('predict knows which devices go away with a controller that is itself behind a bridge', () => {
    const path = (...names: readonly string[]) => names.reduce((all, one) => `${all}/${one}`, 'devices/pci0000:00');
    const [bridge, vmd, disk] = ['0000:00:01.0', '0000:01:00.0', '10000:e1:00.0'];
    const read = machine(
      [
        card({ name: bridge, path: path(bridge!), driver: 'pcieport', class: 0x060400, bridge: true, group: '1' }),
        card({ name: vmd, path: path(bridge!, vmd!), driver: 'vmd', class: 0x010400, group: '2' }),
        card({ name: disk, path: path(bridge!, vmd!, disk!), driver: 'nvme', class: 0x010802, group: '3' }),
      ],
      { drivers: ['pcieport', 'vmd', 'nvme'].map((name) => driver(name)) },
    );
    const unbindVmd = { op: 'write', device: vmd!, path: 'bus/pci/drivers/vmd/unbind', data: vmd! } as const;
    expect(words(read, check('nvme', disk), unbindVmd, check(null, disk))).toEqual(['ok', 'ok', 'ok']);
  });

  test('predict counts the virtual functions of a device: no fewer, no more and no others', () => {
    const functions = [other, '0000:01:00.2'];
    const vf = (name: string) =>
      card({ name, driver: null, sriov: { numVfs: 0, vfsAutoprobe: true, physfn: CARD, capability: null } });
    const read = machine([card(), ...functions.map(vf)]);
    const counted = (names: readonly string[]) => {
      const { result, text } = predict(read, [{ op: 'functions', device: CARD, path: at1, functions: names }], [])
        .steps[0]!;
      return [result, text];
    };
    const text = `it has ${functions.join(', ')}`;
    expect(counted(functions)).toEqual(['ok', text]);
    for (const names of [[], [other], [other, '0000:01:00.3'], [...functions, '0000:01:00.3']])
      expect(counted(names)).toEqual(['failed', text]);
  });

  test('predict does not know that a driver matches which had a device under an override, where the bus asks its table', () => {
    const modalias = 'cdx:v10EEd8084sv10EEsd0000c020000';
    const bound = { driver: 'vfio-cdx', override: 'vfio-cdx' };
    const read = machine([card({ bus: 'cdx', modalias, class: null, sriov: null, ...bound })], {
      drivers: ['native', 'vfio-cdx'].map((name) => driver(name, { bus: 'cdx' })),
    });
    const words = (override: string | null) => {
      const to = { driver: 'native', override };
      const { steps, predicted } = planRestore(read, [{ path: at(CARD), to, module: 'native', seen: true }]);
      return predicted.steps[steps.findIndex((step) => step.op === 'write' && step.path.endsWith('/bind'))]!.result;
    };
    expect([words('native'), words(null)]).toEqual(['unknown', 'ok']);
  });

  test('predict says that a check fails where the device has another driver, and what the check finds', () => {
    const { steps } = predict(machine(), [check('vfio-pci'), check('e1000e')], []);
    expect(steps).toEqual([
      { step: 0, result: 'failed', rule: null, text: 'the driver link leads to e1000e' },
      { step: 1, result: 'not-taken', rule: null, text: 'an earlier step ends the run' },
    ]);
  });

  test('predict finds no driver of a device that the machine has not', () => {
    expect(predict(machine(), [check(null, '0000:09:00.0')], [])).toMatchObject({
      steps: [{ result: 'ok', text: 'the driver link leads to none' }],
      devices: [],
    });
  });

  test('predict knows nothing of a file that the model does not have, not even a rule', () => {
    const odd = { op: 'write', device: CARD, path: 'bus/pci/odd', data: '1' } as const;
    expect(predict(machine(), [odd], []).steps).toEqual([{ step: 0, result: 'unknown', rule: null, text: null }]);
  });

  test('predict takes a device that has its driver for one that the driver would take again', () => {
    const moved = bind(machine(), { driver: 'pci-stub', module: null });
    expect(results(moved)).toEqual(['ok', 'ok', 'ok', 'ok']);
    // Back on its driver by hand: it matched without an override, or only under the one that it has.
    const again = (override: string | null) => {
      const read = machine([card({ override })]);
      return planRestore(read, [{ path: at(CARD), to: { driver: 'e1000e', override: 'e1000e' }, module: null }]);
    };
    expect(results(again(null))).toEqual(['ok', 'ok']);
    expect(results(again('x'))).toEqual(['ok', 'ok']);
  });

  test('predict knows what becomes of members on no bus and of groups without a type', () => {
    const nameless = card({ name: other, bus: null, driver: null });
    const read = machine([card(), nameless], {
      groups: [group([nameless, card()], { type: null })],
      buses: [{ name: 'pci', autoprobe: true }],
    });
    expect(results(bind(read))).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(bind(read).predicted.groups).toEqual([{ id: '7', viable: 'yes', blockers: [] }]);
  });

  test('predict tells the steps of a modprobe that nothing can load, and what follows it', () => {
    const read = machine([card({ driver: null })], { drivers: [driver('e1000e')] });
    const plan = bind(read);
    expect(plan.steps.map(({ op }) => op)).toEqual(['modprobe', 'write', 'write', 'verify']);
    expect(results(plan)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(plan.predicted.steps.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    expect(plan.predicted.steps[3]!.text).toBe('the driver link leads to vfio-pci');
    expect(plan.predicted.devices).toEqual([{ name: CARD, driver: 'vfio-pci' }]);
  });

  test('predict says where a device would end that should have no driver', () => {
    const read = machine([bound()]);
    const plan = planRestore(read, [
      { path: at(CARD), to: { driver: null, override: null }, module: null, seen: true },
    ]);
    expect(results(plan)).toEqual(['ok', 'ok', 'ok']);
    expect(plan.predicted.steps[2]!.text).toBe('the driver link leads to none');
    expect(plan.predicted.devices).toEqual([{ name: CARD, driver: null }]);
  });
});

describe('planBind over a plain machine', () => {
  const second = card({ name: '0000:02:00.0', group: '8' });
  const two = () => machine([card(), second], { groups: [group([second], { id: '8' }), group([card()])] });

  test('planBind shows the group of the first device, and null where that has none', () => {
    expect(bind(two()).group).toMatchObject({ id: '7' });
    expect(bind(two(), { path: second.path }).group).toMatchObject({ id: '8' });
    expect(bind(machine([card({ group: null })])).group).toBeNull();
    expect(planBind(two(), []).group).toBeNull();
  });

  test('planBind shows the group of the device that is asked for first, wherever the machine has it', () => {
    const plan = planBind(
      two(),
      [second, card()].map(({ path }) => ({ path, driver: 'vfio-pci', module: null })),
    );
    expect(plan.group).toMatchObject({ id: '8' });
    expect(plan.devices.map(({ name }) => name)).toEqual(['0000:02:00.0', CARD]);
  });

  test('planBind leaves a device that is on the driver already as it is, its override too', () => {
    const { devices, steps } = bind(machine([card({ driver: 'vfio-pci', override: 'pci-stub' })]));
    const before = { driver: 'vfio-pci', override: 'pci-stub' };
    expect([devices, steps]).toMatchObject([[{ already: true, before, after: before }], []]);
  });

  test('planBind warns of releases outside of those whose rules are known, and of neither the first nor the last', () => {
    const warned = (release: Release) =>
      bind(machine([card()], { release, kernel: null })).warnings.filter(({ code }) => code === 'release').length;
    expect([OLDEST_RELEASE, NEWEST_RELEASE].map(warned)).toEqual([0, 0]);
    expect([parseRelease('5.9'), parseRelease('99.1')].map(warned)).toEqual([1, 1]);
  });

  test('planBind leaves out what the machine has not, and takes the last request for a device', () => {
    expect(bind(two(), { path: 'devices/none' }).devices).toEqual([]);
    const request = { path: at(CARD), driver: 'vfio-pci', module: null };
    const twice = planBind(two(), [request, { ...request, driver: 'pci-stub' }]);
    expect(twice.devices.map(({ after }) => after.driver)).toEqual(['pci-stub']);
  });

  test('planBind knows the module of the driver that a device has, on its own bus', () => {
    const drivers = [driver('e1000e', { bus: 'platform', module: 'wrong' }), driver('vfio-pci'), driver('e1000e')];
    expect(bind(machine([card()], { drivers })).devices[0]).toMatchObject({
      beforeModule: 'e1000e',
      module: 'vfio_pci',
    });
    const builtIn = [driver('e1000e', { module: null }), driver('vfio-pci')];
    expect(bind(machine([card()], { drivers: builtIn })).devices[0]!.beforeModule).toBeNull();
    expect(bind(machine([card({ driver: null })])).devices[0]!.beforeModule).toBeNull();
  });

  test('planBind loads a module whose driver is registered on another bus only, once for all devices', () => {
    const drivers = [driver('e1000e'), driver('vfio-pci', { bus: 'platform' })];
    const read = machine([card(), second], { drivers, groups: two().groups });
    const plan = planBind(
      read,
      [card(), second].map(({ path }) => ({ path, driver: 'vfio-pci', module: 'vfio_pci', vfio: true })),
    );
    expect(plan.steps.filter(({ op }) => op === 'modprobe')).toEqual([
      { op: 'modprobe', module: 'vfio_pci', bus: 'pci', driver: 'vfio-pci', vfio: true },
    ]);
  });

  test('planBind loads nothing for a device that is there already, or that is to have no driver', () => {
    const already = machine([card({ driver: 'vfio-pci' })], { drivers: [] });
    expect(bind(already).steps).toEqual([]);
    const none = planRestore(machine([card()], { drivers: [] }), [
      { path: at(CARD), to: { driver: null, override: null }, module: 'm' },
    ]);
    expect(none.steps.map(({ op }) => op)).toEqual(['write', 'verify']);
  });
});
