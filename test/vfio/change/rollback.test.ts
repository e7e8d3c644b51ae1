import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ApplyResult, applyPlan } from '../../../src/vfio/change/apply.ts';
import type { Hands } from '../../../src/vfio/change/hands.ts';
import { readPlacement } from '../../../src/vfio/change/placements.ts';
import { beginJournal, type Journal } from '../../../src/vfio/journal/journal.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import type { MoveStep, Placement, Plan, Step } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { machineRoot } from '../machine-root.ts';
import { type Scenario, scenarioMachine, scenarios } from '../scenarios.ts';
import { faultyHands, simulatedKernel } from '../simulated-kernel.ts';
import { EIO, type Fault } from './bound-run.ts';

const two = scenarios['two cards of one group']!;
const [A, B] = ['0000:04:01.0', '0000:04:02.0'] as const;

/** A step in few words: `1 override vfio-pci`, `2 bind e1000`; modprobe and checks too. */
function word(step: Step): string {
  if (step.op === 'modprobe') return `modprobe ${step.module}`;
  const card = step.device === A ? 'A' : step.device === B ? 'B' : step.device;
  if (step.op === 'verify') return `${card} check ${step.driver}`;
  if (step.op === 'functions') return `${card} functions`;
  const [, driver, file] = /drivers\/([^/]+)\/((?:un)?bind)$/.exec(step.path) ?? [];
  return file === undefined ? `${card} override ${step.data.trim() || '-'}` : `${card} ${file} ${driver}`;
}

interface Applied {
  readonly plan: Plan;
  readonly result: ApplyResult;
  /** Steps noted in the journal and what was done, in the order in which it happened. */
  readonly events: readonly string[];
  /** What was done, in words. */
  readonly done: readonly string[];
  /** What `progress` was told. */
  readonly shown: readonly string[];
  readonly now: Readonly<Record<string, Placement>>;
}

interface Options {
  readonly scenario?: Scenario;
  readonly fault?: Fault;
  readonly change?: (plan: Plan) => Plan;
}

/** Applies the plan of a scenario, changed perhaps, and notes what happens. */
async function apply({ scenario = two, fault = () => undefined, change = (plan) => plan }: Options): Promise<Applied> {
  const machine = scenarioMachine(scenario);
  const root = machineRoot(machine);
  const { sysfs } = root.roots;
  const devices = scenario.requests.map(({ device }) => findDevice(sysfs, device).device);
  const requests = scenario.requests.map((request, index) => ({ ...request, path: devices[index]!.path }));
  const plan = change(planBind(readMachine(root.roots, devices), requests, { allowInUse: true }));
  const events: string[] = [];
  const done: string[] = [];
  const shown: string[] = [];
  const kernel = simulatedKernel(root, machine);
  const changing = () => {
    kernel.lookAgain();
    return root;
  };
  const faulty = faultyHands(kernel, (count, at) => {
    events.push(`do ${at}`);
    return fault(count, at, changing);
  });
  const file = beginJournal(path.join(root.directory, 'state'), null, []);
  const journal: Journal = {
    ...file,
    add(line) {
      file.add(line);
      if (line.kind === 'step' && (line.step.op === 'write' || line.step.op === 'modprobe'))
        events.push(`note ${line.step.op === 'write' ? line.step.path : `modprobe ${line.step.module}`}`);
      else if (line.kind !== 'step' && line.kind !== 'begin') events.push(line.kind);
    },
  };
  const hands: Hands = {
    ...faulty,
    write: (at, data) => {
      const device = /^bus\/[^/]+\/devices\/([^/]+)\/driver_override$/.exec(at)?.[1] ?? data;
      done.push(word({ op: 'write', device, path: at, data }));
      return faulty.write(at, data);
    },
    modprobe: (module) => {
      done.push(`modprobe ${module}`);
      return faulty.modprobe(module);
    },
  };
  const result = await applyPlan(plan, {
    sysfs,
    hands,
    journal,
    progress: (step) => shown.push(word(step)),
  });
  file.close();
  const now = Object.fromEntries(devices.map(({ name, path: at }) => [name, readPlacement(sysfs, at)]));
  return { plan, result, events, done, shown, now };
}

const native = { driver: 'e1000', override: null };
const FORWARD = [
  'A override vfio-pci',
  'A unbind e1000',
  'A bind vfio-pci',
  'B override vfio-pci',
  'B unbind e1000',
  'B bind vfio-pci',
];
const BACK = {
  A: ['A override -', 'A unbind vfio-pci', 'A bind e1000'],
  B: ['B override -', 'B unbind vfio-pci', 'B bind e1000'],
};

test('applyPlan does what the plan says, in its order, and shows and notes each step before it is taken', async () => {
  const { result, done, shown, events, plan } = await apply({});
  expect(result).toEqual({ state: 'done', taken: 8, failure: null, rollbackFailures: [], left: [], gone: [] });
  expect(done).toEqual(FORWARD);
  expect(shown).toEqual(plan.steps.map(word));
  expect(events.slice(0, 3)).toEqual([
    `note bus/pci/devices/${A}/driver_override`,
    `do bus/pci/devices/${A}/driver_override`,
    'outcome',
  ]);
  expect(events.at(-1)).toBe('end');
});

describe('applyPlan: the rollback', () => {
  test.each<[number, readonly string[]]>([
    [1, []],
    [2, ['A override -']],
    [3, ['A override -', 'A bind e1000']],
    [4, BACK.A],
    [5, ['B override -', ...BACK.A]],
    [6, ['B override -', 'B bind e1000', ...BACK.A]],
  ])('takes back what was done before action %i failed, the last device first: %j', async (failing, back) => {
    const { result, done, now } = await apply({ fault: (count) => (count === failing ? EIO : undefined) });
    expect(done).toEqual([...FORWARD.slice(0, failing), ...back]);
    expect(result).toMatchObject({ state: 'rolled-back', rollbackFailures: [], left: [] });
    expect(now).toEqual({ [A]: native, [B]: native });
  });

  test('is the whole list that the plan prints where all was done', async () => {
    const wrong = (plan: Plan): Plan => {
      const last = { ...plan.steps.at(-1)!, driver: 'other' } as Step;
      return { ...plan, steps: [...plan.steps.slice(0, -1), last] };
    };
    const { plan, result, done, shown, now } = await apply({ change: wrong });
    expect(result.failure?.message).toBe(`expected ${B} to be bound to other, but it is bound to vfio-pci`);
    expect(done.slice(FORWARD.length)).toEqual([...BACK.B, ...BACK.A]);
    expect(shown.slice(plan.steps.length)).toEqual(plan.rollback.map(word));
    expect(now).toEqual({ [A]: native, [B]: native });
  });

  test('follows another list in its order, device by device or not', async () => {
    const byKind = (plan: Plan): readonly MoveStep[] => {
      const kinds = ['override', 'unbind', '/bind', '/driver'];
      return kinds.flatMap((kind) =>
        plan.rollback.filter((step) => step.path.endsWith(kind) || step.path.endsWith(`driver_${kind}`)),
      );
    };
    const last = (count: number) => (count === 6 ? EIO : undefined);
    const turned = await apply({
      fault: last,
      change: (plan) => ({ ...plan, rollback: [...plan.rollback.slice(4), ...plan.rollback.slice(0, 4)] }),
    });
    expect(turned.done.slice(6)).toEqual([...BACK.A, 'B override -', 'B bind e1000']);
    const mixed = await apply({ fault: last, change: (plan) => ({ ...plan, rollback: byKind(plan) }) });
    expect(mixed.done.slice(6)).toEqual([
      'B override -',
      'A override -',
      'A unbind vfio-pci',
      'B bind e1000',
      'A bind e1000',
    ]);
    expect(mixed.result.state).toBe('rolled-back');
  });

  test('has a line in the journal before each of its writes, after the one that says that it begins', async () => {
    const { events } = await apply({ fault: (count) => (count === 6 ? EIO : undefined) });
    const writes = events.flatMap((event, index) => (event.startsWith('do ') ? [[events[index - 1], event]] : []));
    expect(writes).toHaveLength(11);
    for (const [before, event] of writes) expect(before).toBe(event!.replace('do', 'note'));
    expect(events.indexOf('rollback')).toBeGreaterThan(events.indexOf(`do bus/pci/drivers/vfio-pci/bind`));
    expect(events.filter((event) => event === 'rollback')).toHaveLength(1);
    expect(events.slice(events.indexOf('rollback') + 1).filter((event) => event.startsWith('do '))).toHaveLength(5);
    expect(events.at(-1)).toBe('end');
  });

  test('leaves a device at its first failed write, goes on with the others, and then tries once more', async () => {
    const faults = (...failing: readonly number[]) =>
      apply({ fault: (count) => (failing.includes(count) ? EIO : undefined) });
    const once = await faults(6, 7);
    expect(once.done.slice(6)).toEqual(['B override -', ...BACK.A, 'B override -', 'B bind e1000']);
    expect(once.result).toMatchObject({ state: 'rolled-back', left: [] });
    expect(once.result.rollbackFailures).toHaveLength(1);
    const twice = await faults(6, 7, 11);
    expect(twice.done.slice(6)).toEqual(['B override -', ...BACK.A, 'B override -']);
    expect(twice.result.rollbackFailures).toHaveLength(2);
    expect(twice.result).toMatchObject({
      state: 'incomplete',
      left: [{ name: B, now: { driver: null, override: 'vfio-pci' }, before: native, unbinding: false }],
    });
    expect(twice.now).toEqual({ [A]: native, [B]: { driver: null, override: 'vfio-pci' } });
  });

  test('leaves a device whose write has not ended to the kernel, and takes back the others', async () => {
    const { result, done, now } = await apply({
      fault: (count) => (count === 5 ? { kind: 'timeout', seconds: 3 } : undefined),
    });
    expect(done.slice(5)).toEqual(BACK.A);
    expect(result).toMatchObject({
      state: 'incomplete',
      failure: { pending: true },
      left: [{ name: B, now: { driver: 'e1000', override: 'vfio-pci' } }],
    });
    expect(now[A]).toEqual(native);
    const later = await apply({
      fault: (count) => (count === 6 ? EIO : count === 7 ? { kind: 'timeout', seconds: 3 } : undefined),
    });
    expect(later.done.slice(6)).toEqual(['B override -', ...BACK.A]);
    expect(later.result).toMatchObject({ state: 'incomplete', rollbackFailures: [{ pending: true }] });
  });

  test('takes a pending write for one of its own device, not of another with that name on another bus', async () => {
    const rename = (plan: Plan): Plan => {
      const other = plan.steps.map((step) =>
        step.op === 'write' && step.device === B && step.path.endsWith('/bind')
          ? { ...step, path: step.path.replace('bus/pci', 'bus/css') }
          : step,
      );
      return { ...plan, steps: other };
    };
    const { result, done } = await apply({
      change: rename,
      fault: (count) => (count === 6 ? { kind: 'timeout', seconds: 3 } : undefined),
    });
    expect(done.slice(6)).toEqual(['B override -', 'B bind e1000', ...BACK.A]);
    expect(result).toMatchObject({ state: 'incomplete', left: [] });
  });

  test('goes by what was written of a device whose write has not ended: to read its override would wait too', async () => {
    const { result } = await apply({
      fault: (count, _at, changing) => {
        if (count !== 6) return undefined;
        fs.writeFileSync(path.join(changing().sysfs, 'bus/pci/devices', B, 'driver_override'), 'unread\n');
        return { kind: 'timeout', seconds: 3 };
      },
    });
    expect(result.left).toMatchObject([{ name: B, now: { driver: null, override: 'vfio-pci' }, before: native }]);
  });

  test('has nothing to take back of a device that was unplugged, and says that it is gone', async () => {
    const { result, done } = await apply({
      fault: (count, _at, changing) => {
        if (count !== 6) return undefined;
        fs.renameSync(
          fs.realpathSync(path.join(changing().sysfs, 'bus/pci/devices', B)),
          path.join(changing().directory, 'gone'),
        );
        return EIO;
      },
    });
    expect(done.slice(6)).toEqual(BACK.A);
    expect(result).toMatchObject({ state: 'rolled-back', left: [], gone: [B] });
  });
});
