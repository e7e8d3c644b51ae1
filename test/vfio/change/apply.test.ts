import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ApplyResult, applyPlan } from '../../../src/vfio/change/apply.ts';
import { bindingHint, DONE, errnoText, type Hands, type Outcome, outcomeText } from '../../../src/vfio/change/hands.ts';
import { beginJournal, type Journal } from '../../../src/vfio/journal/journal.ts';
import type { JournalLine } from '../../../src/vfio/journal/journal-format.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import { planBind } from '../../../src/vfio/plan/plan.ts';
import type { Plan } from '../../../src/vfio/plan/plan-types.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';

const CARD = '0000:01:00.0';

interface Setting {
  readonly root: TestRoot;
  readonly plan: Plan;
  readonly lines: JournalLine[];
  readonly apply: (
    hands: Partial<Hands>,
    options?: { readonly signal?: AbortSignal; readonly plan?: Plan },
  ) => Promise<ApplyResult>;
}

/** A card to bind whose driver is not registered yet; nothing answers a write unless a test says so. */
function card(machine = 'intel-desktop', full: (line: JournalLine) => boolean = () => false): Setting {
  const root = machineRoot(machine);
  const { sysfs } = root.roots;
  const { device } = findDevice(sysfs, CARD);
  const plan = planBind(readMachine(root.roots, [device]), [
    { path: device.path, driver: 'vfio-pci', module: 'vfio_pci' },
  ]);
  const file = beginJournal(path.join(root.directory, 'state'), null, []);
  const lines: JournalLine[] = [];
  const journal: Journal = {
    ...file,
    add(line) {
      if (full(line)) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      lines.push(line);
      file.add(line);
    },
  };
  const none = async (): Promise<Outcome> => DONE;
  const apply: Setting['apply'] = async (hands, { signal, plan: other } = {}) => {
    const all: Hands = { write: none, modprobe: none, close: () => {}, ...hands };
    const result = await applyPlan(other ?? plan, { sysfs, hands: all, journal, signal });
    file.close();
    return result;
  };
  return { root, plan, lines, apply };
}

const register = (root: TestRoot) =>
  fs.mkdirSync(path.join(root.sysfs, 'bus/pci/drivers/vfio-pci'), { recursive: true });

describe('applyPlan and a module', () => {
  test('applyPlan ends where modprobe fails, says how, and writes nothing', async () => {
    const { apply, lines } = card();
    let writes = 0;
    const result = await apply({
      modprobe: async () => ({ kind: 'failed', errno: null, message: 'exited with status 1' }),
      write: async () => {
        writes++;
        return DONE;
      },
    });
    expect(result).toMatchObject({ state: 'rolled-back', taken: 1, left: [], gone: [] });
    expect(result.failure).toMatchObject({ message: 'modprobe vfio_pci: exited with status 1', pending: false });
    expect(writes).toBe(0);
    expect(lines.map(({ kind }) => kind)).toEqual(['step', 'outcome', 'rollback', 'end']);
    expect(lines[1]).toEqual({ kind: 'outcome', outcome: 'exited with status 1' });
    expect(lines.at(-1)).toEqual({ kind: 'end', state: 'rolled-back' });
  });

  test('applyPlan does not wait for a modprobe that does not end: it was killed', async () => {
    const { failure, state } = await card().apply({ modprobe: async () => ({ kind: 'timeout', seconds: 9 }) });
    expect({ failure, state }).toMatchObject({
      state: 'rolled-back',
      failure: { message: 'modprobe vfio_pci: no response within 9 s', pending: false },
    });
  });

  test('applyPlan ends where the module registers no driver of that name', async () => {
    const { failure } = await card().apply({});
    expect(failure?.message).toBe("module vfio_pci is loaded, but did not register driver 'vfio-pci' on bus 'pci'");
  });

  test('applyPlan sees a driver that was registered meanwhile in a directory that was not there before', async () => {
    const { root, apply } = card();
    const { failure } = await apply({
      modprobe: async () => {
        register(root);
        return DONE;
      },
    });
    expect(failure?.message).toBe(`expected ${CARD} to be bound to vfio-pci, but it is bound to nouveau`);
  });
});

/** The driver link of the card, as the kernel would set it. */
function relink(root: TestRoot, driver: string | null): void {
  const link = path.join(root.sysfs, root.roots.sysfs.real(`bus/pci/devices/${CARD}`)!, 'driver');
  fs.rmSync(link, { force: true });
  if (driver !== null) fs.symlinkSync(`../../../../../bus/pci/drivers/${driver}`, link);
}

describe('applyPlan after a module was loaded', () => {
  /** What comes of a plan where this happens to the card while the module is loaded. */
  async function loading(happens: (root: TestRoot) => void) {
    const { root, plan, apply, lines } = card();
    let writes = 0;
    const result = await apply({
      modprobe: async () => {
        register(root);
        happens(root);
        return DONE;
      },
      write: async () => {
        writes++;
        return DONE;
      },
    });
    return { result, plan, lines, writes };
  }

  test('applyPlan writes nothing to a device that another driver took meanwhile, and takes nothing back', async () => {
    const { result, plan, lines, writes } = await loading((root) => relink(root, 'pci-stub'));
    expect(result).toMatchObject({ state: 'rolled-back', taken: 1, rollbackFailures: [], left: [], gone: [] });
    expect(result.failure).toMatchObject({ step: plan.steps[0], outdated: true, pending: false });
    expect(writes).toBe(0);
    expect(lines.map(({ kind }) => kind)).toEqual(['step', 'outcome', 'end']);
  });

  test('applyPlan goes on with a device that is where it was, or on its new driver already', async () => {
    for (const happens of [() => {}, (root: TestRoot) => relink(root, 'vfio-pci')]) {
      const { result, writes } = await loading(happens);
      expect(result.failure?.outdated).toBeUndefined();
      expect(writes).toBeGreaterThan(0);
    }
  });
});

describe('applyPlan and a bind', () => {
  /**
   * Hands for which the card gets its driver as `bind` is looked at or written, and that answer something to the write.
   */
  const meanwhile = (root: TestRoot, answer: Outcome, driver: string): Partial<Hands> => ({
    write: async (at) => {
      if (at.endsWith('/unbind')) relink(root, null);
      if (!at.endsWith('/bind')) return DONE;
      relink(root, driver);
      return answer;
    },
  });
  const failed = (errno: string): Outcome => ({ kind: 'failed', errno, message: '' });

  test.each([
    ['EBUSY', 'vfio-pci', 'done'],
    ['ENODEV', 'vfio-pci', 'done'],
    ['EINVAL', 'vfio-pci', 'failed'],
    ['EBUSY', 'e1000e', 'failed'],
  ])(
    'applyPlan takes %s for done only from a bind whose driver has the device (%s): %s',
    async (errno, driver, end) => {
      const { root, apply } = card('viommu-guest');
      const { state, failure } = await apply(meanwhile(root, failed(errno), driver));
      expect(state === 'done' ? 'done' : 'failed').toBe(end);
      if (end === 'failed')
        expect(failure?.message).toMatch(new RegExp(`^writing "${CARD}" to /.*/vfio-pci/bind: ${errno}; `));
    },
  );

  test('applyPlan does not write a bind where the device has the driver', async () => {
    const { root, apply } = card('viommu-guest');
    const written: string[] = [];
    const { state } = await apply({
      write: async (at) => {
        written.push(path.basename(at));
        if (at.endsWith('/unbind')) relink(root, 'vfio-pci');
        return DONE;
      },
    });
    expect({ state, written }).toEqual({ state: 'done', written: ['driver_override', 'unbind'] });
  });
});

test('applyPlan says where a device is that is not where it should be', async () => {
  const { root, apply } = card('viommu-guest');
  const { failure } = await apply({
    write: async (at) => {
      if (at.endsWith('/unbind')) relink(root, null);
      return DONE;
    },
  });
  expect(failure?.message).toBe(`expected ${CARD} to be bound to vfio-pci, but it is bound to none`);
  const other = card('viommu-guest');
  const steps = other.plan.steps.map((step) => (step.op === 'verify' ? { ...step, driver: null } : step));
  const still = await other.apply({}, { plan: { ...other.plan, steps } });
  expect(still.failure?.message).toBe(`expected ${CARD} to be bound to no driver, but it is bound to e1000e`);
});

test('applyPlan does not ask where a device is now that the plan does not move', async () => {
  const { plan, apply } = card('viommu-guest');
  const devices = plan.devices.map((device) => ({ ...device, already: true, before: { driver: 'x', override: 'y' } }));
  const result = await apply({}, { plan: { ...plan, devices, steps: [], rollback: [] } });
  expect(result.state).toBe('done');
});

test('applyPlan says what a failed write was, what it means and what to do', async () => {
  const { root, apply } = card('viommu-guest');
  const at = `${root.sysfs}/bus/pci/devices/${CARD}/driver_override`;
  const eacces = await apply({
    write: async () => ({ kind: 'failed', errno: 'EACCES', message: 'permission denied' }),
  });
  expect(eacces.failure).toMatchObject({
    message: `writing "vfio-pci\\n" to ${at}: EACCES (permission denied); this needs root (CAP_DAC_OVERRIDE), or sysfs is read-only for this user`,
    pending: false,
  });
  const dead = await card('viommu-guest').apply({
    write: async () => ({ kind: 'failed', errno: null, message: 'the writing process ended' }),
  });
  expect(dead.failure?.message).toMatch(/driver_override: the writing process ended$/);
  const late = await card('viommu-guest').apply({ write: async () => ({ kind: 'timeout', seconds: 2 }) });
  expect(late.failure).toMatchObject({ pending: true });
  expect(late.failure?.message).toMatch(
    /: no response within 2 s; the kernel has not finished: a process may hold the device$/,
  );
});

test('applyPlan that is stopped before the first step takes none and is not called done', async () => {
  const stop = new AbortController();
  stop.abort();
  const { apply, lines } = card('viommu-guest');
  const result = await apply({}, { signal: stop.signal });
  expect(result).toMatchObject({ state: 'rolled-back', taken: 1, failure: { message: 'stopped by a signal' } });
  expect(lines).toEqual([{ kind: 'rollback' }, { kind: 'end', state: 'rolled-back' }]);
});

test('applyPlan of a plan without steps is done, and needs no journal', async () => {
  const { plan, apply, lines } = card('viommu-guest', () => true);
  const empty: Plan = { ...plan, devices: [], steps: [], rollback: [] };
  expect(await apply({}, { plan: empty })).toEqual({
    state: 'done',
    taken: 0,
    failure: null,
    rollbackFailures: [],
    left: [],
    gone: [],
  });
  expect(lines).toEqual([]);
});

test('applyPlan takes all back where the journal does not take the line that says it is done', async () => {
  const { root, apply } = card('viommu-guest', (line) => line.kind === 'end' && line.state === 'bound');
  const result = await apply({
    write: async (at) => {
      if (at.endsWith('bind')) relink(root, at.endsWith('/unbind') ? null : at.split('/').at(-2)!);
      return DONE;
    },
  });
  expect(result.state).not.toBe('done');
  expect(result.failure).toMatchObject({ step: { op: 'verify', device: CARD }, pending: false });
  expect(result.failure?.message).toMatch(/^the journal \/.*\/1\.journal cannot be written: .*space/);
});

test('applyPlan begins nothing where a device is not as the plan has it, and names it', async () => {
  const { root, plan, apply, lines } = card('viommu-guest');
  relink(root, 'pci-stub');
  const result = await apply({});
  expect(result).toMatchObject({ state: 'rolled-back', taken: 0, left: [], gone: [], rollbackFailures: [] });
  expect(result.failure).toEqual({
    step: plan.steps[0],
    message: `${CARD} has changed since the plan was made; make a new plan`,
    pending: false,
    outdated: true,
  });
  expect(lines).toEqual([{ kind: 'end', state: 'rolled-back' }]);
  const none = await card('viommu-guest').apply(
    {},
    {
      plan: {
        ...plan,
        steps: [],
        devices: plan.devices.map((device) => ({ ...device, before: { driver: 'x', override: null } })),
      },
    },
  );
  expect(none.failure?.step).toEqual({
    op: 'verify',
    device: CARD,
    path: `${plan.devices[0]!.path}/driver`,
    driver: null,
  });
});

test.each<[Outcome, string]>([
  [DONE, 'ok'],
  [{ kind: 'timeout', seconds: 30 }, 'no response within 30 s'],
  [{ kind: 'failed', errno: 'EBUSY', message: 'busy' }, 'EBUSY (busy)'],
  [{ kind: 'failed', errno: 'EBUSY', message: '' }, 'EBUSY'],
  [{ kind: 'failed', errno: null, message: 'it ended' }, 'it ended'],
])('outcomeText of %j is %s', (outcome, text) => {
  expect(outcomeText(outcome)).toBe(text);
});

test.each([
  ['bus/pci/drivers/vfio-pci/bind', 'ENODEV', /^the driver does not match the device/],
  ['bus/pci/drivers/vfio-pci/bind', 'EBUSY', /^the device is bound already/],
  ['bus/pci/drivers/vfio-pci/bind', 'EINVAL', /^the driver refuses the device/],
  ['bus/pci/drivers/vfio-pci/bind', 'EAGAIN', /^the driver waits for another device/],
  ['bus/pci/drivers/vfio-pci/unbind', 'ENODEV', /^the device is gone/],
  ['bus/pci/drivers/vfio-pci/unbind', 'EACCES', /^this needs root \(CAP/],
  ['bus/pci/drivers/vfio-pci/unbind', 'EPERM', /^this needs root$/],
  ['bus/pci/drivers/vfio-pci/unbind', 'EROFS', /^sysfs is mounted read-only/],
  ['driver_override', 'ENOENT', /^the file is missing/],
  ['bus/pci/devices/x/sriov_numvfs', 'ENOENT', /^the device has no driver, or one that does not make/],
  ['bus/pci/devices/x/sriov_numvfs', 'EPERM', /^the driver refuses while a virtual function is assigned/],
  ['bus/pci/devices/x/sriov_numvfs', 'ERANGE', /see sriov_totalvfs$/],
  ['bus/pci/devices/x/sriov_numvfs', 'ENOMEM', /^the firmware left too little memory space/],
])('bindingHint of %s and %s', (file, errno, hint) => {
  expect(bindingHint(file, errno)).toMatch(hint);
});

test('bindingHint has nothing to add to what the error says by itself', () => {
  expect(bindingHint('bus/pci/drivers/vfio-pci/unbind', 'EBUSY')).toBeNull();
  expect(bindingHint('bus/pci/drivers/vfio-pci/bind', 'EIO')).toBeNull();
});

test("errnoText is libuv's words, and empty for what is not an error's name", () => {
  expect(errnoText('EBUSY')).toBe('resource busy or locked');
  expect(errnoText('EDOM')).toBe('error');
  expect(errnoText('toString')).toBe('');
});
