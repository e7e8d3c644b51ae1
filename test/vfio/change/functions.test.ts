import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { failureText, planText } from '../../../src/report/vfio-plan-text.ts';
import { statusText } from '../../../src/report/vfio-status-text.ts';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import type { Hands } from '../../../src/vfio/change/hands.ts';
import { planRestoreDevices, restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import { readStatus } from '../../../src/vfio/change/status.ts';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { requestsOf, scenarios } from '../scenarios.ts';
import { bindWith, EIO, type Fault, noFault, prepare, type Run, restoreWith } from './bound-run.ts';

const PF = '0000:01:00.0';
const VFS = ['0000:01:10.0', '0000:01:10.2'];
const scenario = scenarios['two virtual functions that are made']!;

const file = ({ root }: Run, name: string) => path.join(root.sysfs, 'bus/pci/devices', PF, name);
const contextOf = ({ root, kernel, state }: Run) => ({ roots: root.roots, hands: kernel, state, seconds: 0.1 });
const found = ({ root }: Run, names: readonly string[]) =>
  names.map((name) => findDevice(root.roots.sysfs, name).device);
const restorePlan = async (run: Run, names: readonly string[] | 'all' = 'all') =>
  (await planRestoreDevices(contextOf(run), names === 'all' ? 'all' : found(run, names), async () => null)).plan;
const saidBy = ({ warnings }: Awaited<ReturnType<typeof restorePlan>>) =>
  warnings.map(({ about, message, blocks }) => `${about} ${blocks}: ${message}`);
const write = async (run: Run, name: string, data: string) => {
  run.kernel.lookAgain();
  const { kind } = await run.kernel.write(`bus/pci/devices/${PF}/${name}`, data);
  expect(kind).toBe('ok');
};

test('bindDevices of virtual functions that are there already does nothing', async () => {
  const run = await bindWith(scenario, noFault);
  const devices = found(run, [PF]);
  const { result, plan } = await bindDevices(contextOf(run), devices, requestsOf(scenario, devices));
  expect({ result, runnable: plan.runnable }).toEqual({ result: null, runnable: true });
  expect(readJournals(run.state)).toHaveLength(1);
});

test('bindDevices takes all back where the kernel makes the functions at other addresses, and says where', async () => {
  const elsewhere: Fault = (count, _at, changing) => {
    if (count === 1) fs.writeFileSync(path.join(changing().sysfs, 'bus/pci/devices', PF, 'sriov_offset'), '64\n');
    return undefined;
  };
  const run = await bindWith(scenario, elsewhere);
  expect(run.result).toMatchObject({ state: 'rolled-back', left: [], gone: [] });
  expect(run.result?.failure?.message).toBe(
    `expected the virtual functions of ${PF} within 0.1 s: ${VFS.join(', ')}; found 0000:01:08.0, 0000:01:08.2; make them by a write to sriov_numvfs and bind them by their names`,
  );
  expect(run.placements()).toEqual(run.before);
});

test('bindDevices waits no longer than it may for functions that do not appear', async () => {
  const run = await bindWith(scenario, (_count, at) => (at.endsWith('/sriov_numvfs') ? { kind: 'ok' } : undefined));
  expect(run.result?.failure?.message).toMatch(/within 0\.1 s: .*; found none$/);
  expect(run.result?.state).toBe('rolled-back');
  expect(run.placements()).toEqual(run.before);
});

test('bindDevices stops waiting for functions when it is asked to, and takes all back', async () => {
  const run = prepare(scenario);
  const { hands } = contextOf(run);
  const stop = new AbortController();
  const never: Hands = {
    ...hands,
    async write(at, data) {
      if (!at.endsWith('/sriov_numvfs')) return hands.write(at, data);
      setTimeout(() => stop.abort(), 50);
      return { kind: 'ok' };
    },
  };
  const devices = found(run, [PF]);
  const context = { ...contextOf(run), hands: never, signal: stop.signal, seconds: 60 };
  const { result } = await bindDevices(context, devices, requestsOf(scenario, devices));
  expect(result).toMatchObject({ state: 'rolled-back', failure: { message: 'stopped by a signal' } });
  expect(run.placements()).toEqual(run.before);
});

test('bindDevices leaves functions that somebody else makes meanwhile, and puts the rest back', async () => {
  const run = prepare(scenario);
  const { hands } = contextOf(run);
  const racing: Hands = {
    ...hands,
    async write(at, data) {
      if (at.endsWith('/sriov_numvfs') && data === '2') await hands.write(at, '1');
      return hands.write(at, data);
    },
  };
  const devices = found(run, [PF]);
  const { result } = await bindDevices({ ...contextOf(run), hands: racing }, devices, requestsOf(scenario, devices));
  expect(result).toMatchObject({ state: 'rolled-back', left: [] });
  expect(result?.failure?.message).toMatch(
    /sriov_numvfs: EBUSY; somebody else has made virtual functions .*; they stay$/,
  );
  expect(run.placements()[PF]!.vfs).toEqual({ functions: [VFS[0]], autoprobe: true });
  expect(readJournals(run.state)).toEqual([]);
});

test('bindDevices removes the functions that its own write made, though the kernel answers with an error', async () => {
  const run = prepare(scenario);
  const { hands } = contextOf(run);
  const late: Hands = {
    ...hands,
    async write(at, data) {
      const outcome = await hands.write(at, data);
      return at.endsWith('/sriov_numvfs') && data === '2' ? EIO : outcome;
    },
  };
  const devices = found(run, [PF]);
  const { result } = await bindDevices({ ...contextOf(run), hands: late }, devices, requestsOf(scenario, devices));
  expect(result).toMatchObject({ state: 'rolled-back', left: [] });
  expect(run.placements()).toEqual(run.before);
});

test('readStatus counts the functions as bound here, and shows what was made of the physical one', async () => {
  const run = await bindWith(scenario, noFault);
  const status = readStatus(run.root.roots, run.state);
  expect(status.bound.map(({ name, journalled }) => [name, journalled])).toEqual(VFS.map((name) => [name, true]));
  expect(status.journals).toMatchObject([
    {
      state: 'bound',
      devices: [
        {
          name: PF,
          before: { driver: 'igb', vfs: { functions: [], autoprobe: true } },
          now: { driver: 'igb', vfs: { functions: VFS, autoprobe: false } },
          back: false,
        },
      ],
    },
  ]);
  expect(statusText(status, 200)).toContain(
    `${PF} was on igb, without virtual functions; now igb, with 2 virtual functions, sriov_drivers_autoprobe 0\n`,
  );
});

test('readStatus takes no override of a function for one that was left behind while a journal knows it', async () => {
  const run = await bindWith(scenario, (count) => (count >= 4 ? EIO : undefined));
  expect(run.result?.state).toBe('incomplete');
  const status = readStatus(run.root.roots, run.state);
  expect(status.stray).toEqual([]);
  expect(status.journals[0]!.devices[0]!.now.vfs).toEqual({ functions: VFS, autoprobe: false });
});

test('bindDevices of a function that an unfinished run made is refused, with the physical one to restore', async () => {
  const run = await bindWith(scenario, (count) => (count >= 4 ? EIO : undefined));
  const devices = found(run, [VFS[0]!]);
  const request = { path: devices[0]!.path, driver: 'vfio-pci', module: null };
  await expect(bindDevices(contextOf(run), devices, [request])).rejects.toThrow(
    `restore it first: modalias vfio restore ${PF}`,
  );
});

test('readRestorePlan unbinds the functions, removes them, and turns probing on again, in this order', async () => {
  const run = await bindWith(scenario, noFault);
  const plan = await restorePlan(run, [PF]);
  const steps = planText(plan, '/sys', 200)
    .split('\n')
    .filter((line) => /^ {1,2}\d/.test(line));
  expect(steps).toEqual([
    ...VFS.flatMap((name, index) => [
      `  ${2 * index + 1}  write "${name}" /sys/bus/pci/drivers/vfio-pci/unbind`,
      `  ${2 * index + 2}  check ${name} is bound to no driver`,
    ]),
    `  5  write "0" /sys/bus/pci/devices/${PF}/sriov_numvfs`,
    `  6  wait for the virtual functions of ${PF}: none`,
    `  7  write "1" /sys/bus/pci/devices/${PF}/sriov_drivers_autoprobe`,
  ]);
  expect(planText(plan, '/sys', 200)).toContain(`${VFS[0]}  vfio-pci -> removed from ${PF}`);
  expect(plan.predicted.steps.every(({ result }) => result === 'ok')).toBe(true);
});

test('readRestorePlan refuses to remove a function that a process holds', async () => {
  const run = await bindWith(scenario, noFault);
  fs.mkdirSync(path.join(run.root.proc, '77/fd'), { recursive: true });
  fs.symlinkSync('/dev/vfio/3', path.join(run.root.proc, '77/fd/3'));
  fs.writeFileSync(path.join(run.root.proc, '77/comm'), 'qemu\n');
  const plan = await restorePlan(run);
  expect(plan.runnable).toBe(false);
  expect(saidBy(plan)).toContainEqual(expect.stringMatching(/^0000:01:10\.0 in-use: .*\/dev\/vfio\/3/));
});

test('restoreDevices leaves the functions to the kernel while the unbind of one waits', async () => {
  const run = await bindWith(scenario, noFault);
  const { result } = await restoreWith(run, (count) => (count === 2 ? { kind: 'timeout', seconds: 1 } : undefined));
  expect(result).toMatchObject({ state: 'incomplete', failure: { pending: true } });
  // The other one is not bound again either: that may wait, too.
  expect(run.placements()[PF]).toEqual({ driver: 'igb', override: null, vfs: { functions: VFS, autoprobe: false } });
  expect((await restoreWith(run, noFault)).result?.state).toBe('done');
  expect(run.placements()).toEqual(run.before);
});

test('readRestorePlan refuses a function alone, as the kernel removes all or none', async () => {
  const run = await bindWith(scenario, noFault);
  const plan = await restorePlan(run, [VFS[1]!]);
  expect(plan.runnable).toBe(false);
  expect(saidBy(plan)).toEqual([
    expect.stringMatching(
      /^0000:01:10\.2 always: a bind made it of 0000:01:00\.0, .*: modalias vfio restore 0000:01:00\.0$/,
    ),
  ]);
  expect((await restorePlan(run, [VFS[1]!, PF])).runnable).toBe(true);
});

test('restoreDevices forgets a later move of a function that goes away with its physical one', async () => {
  const run = await bindWith(scenario, noFault);
  await run.kernel.write('bus/pci/drivers/vfio-pci/unbind', VFS[0]!);
  const devices = found(run, [VFS[0]!]);
  const request = { path: devices[0]!.path, driver: 'vfio-pci', module: null };
  expect((await bindDevices(contextOf(run), devices, [request])).result?.state).toBe('done');
  expect(readJournals(run.state)).toHaveLength(2);
  expect((await restoreWith(run, noFault)).result?.state).toBe('done');
  expect(run.placements()).toEqual(run.before);
  expect(readJournals(run.state)).toEqual([]);
});

test('restoreDevices turns probing on where the functions were removed by hand', async () => {
  const run = await bindWith(scenario, noFault);
  await write(run, 'sriov_numvfs', '0');
  const { result, writes } = await restoreWith(run, noFault);
  expect({ state: result?.state, writes }).toEqual({ state: 'done', writes: 1 });
  expect(run.placements()).toEqual(run.before);
});

test('restoreDevices leaves more functions than a bind made to who made them, and forgets the journal', async () => {
  const run = await bindWith(scenario, noFault);
  await write(run, 'sriov_numvfs', '0');
  await write(run, 'sriov_numvfs', '3');
  const { result, notes } = await restoreWith(run, noFault);
  expect(result).toBeNull();
  expect(notes).toEqual([
    `${PF} has 3 virtual functions now, and a bind made 2: somebody else made them, so they stay; write 1 to its sriov_drivers_autoprobe as it was before`,
  ]);
  expect(fs.readFileSync(file(run, 'sriov_numvfs'), 'utf8')).toBe('3\n');
  expect(readJournals(run.state)).toEqual([]);
});

test('restoreDevices binds the physical function to its driver first, where it lost that with the functions there', async () => {
  const run = await bindWith({ ...scenario, requests: scenario.requests.map((one) => ({ ...one, vfs: 1 })) }, noFault);
  fs.rmSync(file(run, 'driver'));
  fs.rmSync(path.join(run.root.sysfs, 'bus/pci/drivers/igb', PF));
  run.kernel.lookAgain();
  const plan = await restorePlan(run);
  expect(plan.steps.flatMap((step) => (step.op === 'write' ? step.path.replace(/.*\//, '') : []))).toEqual([
    'unbind',
    'bind',
    'sriov_numvfs',
    'sriov_drivers_autoprobe',
  ]);
  expect((await restoreWith(run, noFault)).result?.state).toBe('done');
  expect(run.placements()).toEqual(run.before);
});

test('parseJournal takes no journal whose functions have names that lead elsewhere', async () => {
  const run = await bindWith(scenario, noFault);
  const [journal] = readJournals(run.state);
  const text = fs.readFileSync(journal!.file, 'utf8');
  fs.writeFileSync(journal!.file, text.replaceAll(VFS[0]!, '../../x'));
  expect(() => readJournals(run.state)).toThrow(/this journal is damaged/);
  expect(prepare(scenario).before[PF]?.vfs).toEqual({ functions: [], autoprobe: true });
});

test('restoreDevices says how to make the virtual functions again that the native driver removed', async () => {
  const run = prepare(scenario);
  await write(run, 'sriov_drivers_autoprobe', '0');
  await write(run, 'sriov_numvfs', '2');
  const [device] = found(run, [PF]);
  const request = { path: device!.path, driver: 'vfio-pci', module: 'vfio_pci' };
  const { plan, result } = await bindDevices(contextOf(run), [device!], [request]);
  expect(result?.state).toBe('done');
  expect(saidBy(plan)).toContain(`${PF} null: igb removes its 2 virtual functions; restore does not make them again`);
  const again = `to make them again: echo 2 > ${run.root.sysfs}/bus/pci/devices/${PF}/sriov_numvfs`;
  const notes = [`${PF} had 2 virtual functions, which igb removed; ${again}`];
  const restored = await restoreDevices(contextOf(run), [device!], async () => null);
  expect(restored).toMatchObject({ notes, result: { state: 'done' } });
  expect(readJournals(run.state)).toEqual([]);
});

test('bindDevices that is rolled back says which virtual functions the native driver removed', async () => {
  const run = prepare(scenario);
  await write(run, 'sriov_drivers_autoprobe', '0');
  await write(run, 'sriov_numvfs', '2');
  const { hands } = contextOf(run);
  const refusing: Hands = {
    ...hands,
    write: async (at, data) => (at.endsWith('/vfio-pci/bind') ? EIO : hands.write(at, data)),
  };
  const [device] = found(run, [PF]);
  const request = { path: device!.path, driver: 'vfio-pci', module: 'vfio_pci' };
  const change = await bindDevices({ ...contextOf(run), hands: refusing }, [device!], [request]);
  expect(change.result?.state).toBe('rolled-back');
  const said = failureText(change, 1000).split('\n');
  expect(said[1]).toMatch(new RegExp(`^lost: ${PF} had 2 virtual functions, which igb removed; to make them again: `));
  expect(said[2]).toBe('everything else is back as it was');
});
