import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { planRestore, requestOf } from '../../../src/vfio/change/restore.ts';
import { planRestoreDevices, restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import { type NativePlacement, readRestorePlan, restoreTarget } from '../../../src/vfio/change/restore-plan.ts';
import { beginJournal, readJournals } from '../../../src/vfio/journal/journal.ts';
import type { JournalDevice } from '../../../src/vfio/journal/journal-format.ts';
import { takeLock } from '../../../src/vfio/journal/lock.ts';
import { readMachine } from '../../../src/vfio/plan/machine.ts';
import type { MachineDevice } from '../../../src/vfio/sysfs/device.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';
import { scenarioMachine, scenarios } from '../scenarios.ts';
import { faultyHands, simulatedKernel } from '../simulated-kernel.ts';
import { bindWith, EIO, noFault, type Run } from './bound-run.ts';

const CARD = '0000:01:00.0';
const two = scenarios['two cards of one group']!;
const [A, B] = ['0000:04:01.0', '0000:04:02.0'] as const;
const at = (name: string) => `devices/pci0000:00/0000:00:04.0/0000:03:00.0/${name}`;
const nowhere: NativePlacement = async () => null;

const entry = (change: Partial<JournalDevice> = {}): JournalDevice => ({
  name: A,
  bus: 'pci',
  path: at(A),
  modalias: 'pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00',
  before: { driver: 'e1000', override: null },
  beforeModule: 'e1000',
  after: { driver: 'vfio-pci', override: 'vfio-pci' },
  ...change,
});

describe('requestOf', () => {
  const now = (modalias: string | null) => ({ modalias }) as MachineDevice;

  test('requestOf asks for the placement before, and for its module where there was a driver', () => {
    expect(requestOf(entry(), now(entry().modalias))).toEqual({
      path: at(A),
      to: { driver: 'e1000', override: null },
      module: 'e1000',
      seen: true,
    });
    const unbound = entry({ before: { driver: null, override: null } });
    expect(requestOf(unbound, now(unbound.modalias))).toMatchObject({ to: { driver: null }, module: null });
  });

  test('requestOf asks for nothing where the device is gone, or another one sits at its address', () => {
    expect(requestOf(entry(), undefined)).toEqual({
      gone: `${A} is gone, and its driver_override with it`,
    });
    expect(requestOf(entry(), now('pci:other'))).toEqual({
      gone: `${A} is another device now (pci:other); it is not changed`,
    });
    expect(requestOf(entry(), now(null))).toEqual({
      gone: `${A} is another device now (no modalias); it is not changed`,
    });
    expect(requestOf(entry({ modalias: null }), now(null))).toMatchObject({ seen: true });
  });
});

describe('planRestore', () => {
  const machine = (name: string, devices: readonly string[]) => {
    const { roots } = machineRoot(name);
    return readMachine(
      roots,
      devices.map((device) => findDevice(roots.sysfs, device).device),
    );
  };

  test('planRestore leaves out what is not in the machine, and writes nothing for what is where it belongs', () => {
    const read = machine('viommu-guest', [CARD]);
    const path = read.devices.find(({ name }) => name === CARD)!.path;
    const to = { driver: 'e1000e', override: null };
    const plan = planRestore(read, [
      { path: 'devices/none', to, module: null },
      { path, to, module: 'e1000e' },
    ]);
    expect(plan.devices).toMatchObject([{ name: CARD, already: true, after: to, module: 'e1000e', vfio: false }]);
    expect({ steps: plan.steps, rollback: plan.rollback, runnable: plan.runnable }).toEqual({
      steps: [],
      rollback: [],
      runnable: true,
    });
  });

  test('planRestore looks at each request by itself, and leaves out an override that there is none of', () => {
    const read = machine('viommu-guest', [A, B]);
    const onVfio = (rest: Partial<MachineDevice> = {}) => ({
      ...read,
      devices: read.devices.map((device) => ({ ...device, driver: 'vfio-pci', override: 'vfio-pci', ...rest })),
    });
    const to = { driver: 'e1000', override: null };
    const plan = planRestore(onVfio(), [
      { path: at(A), to, module: null },
      { path: at(B), to, module: null, seen: true },
    ]);
    expect(plan.predicted.steps.map(({ result }) => result)).toEqual([
      ...['ok', 'ok', 'unknown', 'unknown'],
      ...['ok', 'ok', 'ok', 'ok'],
    ]);
    expect(plan.predicted.steps[2]!.text).toBe(`whether e1000 takes ${A} is its own decision`);
    const goal = (rest: Partial<MachineDevice>) =>
      planRestore(onVfio(rest), [{ path: at(A), to, module: null }]).devices[0]!.after;
    expect(goal({ override: undefined })).toEqual({ driver: 'e1000', override: undefined });
    expect(goal({ override: undefined, unbinding: true, driver: null })).toEqual({ driver: 'e1000', override: null });
    expect(
      planRestore(onVfio(), [{ path: at(A), to: { ...to, override: 'x' }, module: null }]).devices[0]!.after,
    ).toEqual({
      driver: 'e1000',
      override: 'x',
    });
  });

  test.each([
    ['seen on its driver: it matched and its probe took it', true, null, ['ok', 'ok', 'ok', 'ok']],
    ['named by modules.alias: it matches, and its probe is not known', false, null, ['ok', 'ok', 'unknown', 'unknown']],
    ['seen under an override that is there again', true, 'e1000e', ['ok', 'ok', 'ok', 'ok']],
  ])('planRestore foretells the way back of a device %s', (_what, seen, override, results) => {
    const { roots } = machineRoot({
      ...scenarioMachine({ machine: 'viommu-guest', requests: [], overrides: { [CARD]: 'pci-stub' } }),
    });
    const link = path.join(roots.sysfs.root, roots.sysfs.real(`bus/pci/devices/${CARD}`)!, 'driver');
    fs.rmSync(link);
    fs.symlinkSync('../../../../bus/pci/drivers/pci-stub', link);
    const { device } = findDevice(roots.sysfs, CARD);
    const plan = planRestore(readMachine(roots, [device]), [
      { path: device.path, to: { driver: 'e1000e', override }, module: null, seen },
    ]);
    expect(plan.predicted.steps.map(({ result }) => result)).toEqual(results);
  });
});

/** Names in the state directory, of what is not a lock. */
const files = (run: Pick<Run, 'state'>) => fs.readdirSync(run.state).sort();
const named = (run: Run, name: string) => findDevice(run.root.roots.sysfs, name).device;
const context = (run: Run) => ({
  roots: run.root.roots,
  hands: simulatedKernel(run.root, scenarioMachine(two)),
  state: run.state,
});

describe('restoreDevices', () => {
  test('restoreDevices brings one of two devices back, and the journal keeps the other', async () => {
    const run = await bindWith(two, noFault);
    const { result, plan } = await restoreDevices(context(run), [named(run, A)], nowhere);
    expect(result?.state).toBe('done');
    expect(plan.devices.map(({ name }) => name)).toEqual([A]);
    expect(run.placements()).toEqual({ [A]: run.before[A], [B]: { driver: 'vfio-pci', override: 'vfio-pci' } });
    expect(readJournals(run.state).map(({ state, devices }) => [state, devices.map(({ name }) => name)])).toEqual([
      ['bound', [B]],
    ]);
    await restoreDevices(context(run), 'all', nowhere);
    expect(files(run)).toEqual([]);
    expect(run.placements()).toEqual(run.before);
  });

  test('restoreDevices of all takes the device first that was moved last', async () => {
    const run = await bindWith(two, noFault);
    const { plan } = await planRestoreDevices(context(run), 'all', nowhere);
    expect(plan.devices.map(({ name }) => name)).toEqual([B, A]);
    expect(plan.steps[0]).toMatchObject({ device: B });
    expect(plan.rollback[0]).toMatchObject({ device: A });
  });

  test('planRestoreDevices writes nothing, takes no lock and keeps the journals', async () => {
    const run = await bindWith(two, noFault);
    const lock = takeLock(run.state);
    const { result } = await planRestoreDevices(context(run), 'all', nowhere);
    lock.release();
    expect(result).toBeNull();
    expect(files(run)).toEqual(['1.journal']);
    await expect(
      (async () => {
        const held = takeLock(run.state);
        try {
          await restoreDevices(context(run), 'all', nowhere);
        } finally {
          held.release();
        }
      })(),
    ).rejects.toThrow(/holds the lock/);
  });

  test('restoreDevices notes its steps in the journal of the bind, which says so when it is cut short', async () => {
    const run = await bindWith(two, noFault);
    const dying = faultyHands(context(run).hands, (count) => {
      if (count === 2) throw new Error('killed');
      return undefined;
    });
    await expect(restoreDevices({ ...context(run), hands: dying }, [named(run, A)], nowhere)).rejects.toThrow('killed');
    expect(files(run)).toEqual(['1.journal']);
    expect(readJournals(run.state)).toMatchObject([{ state: 'interrupted', devices: [{ name: A }, { name: B }] }]);
    const open = fs.readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return [];
      }
    });
    expect(open.filter((file) => file.startsWith(run.state))).toEqual([]);
  });

  test('restoreDevices that can be neither done nor taken back says so in the journal of the bind', async () => {
    const run = await bindWith(two, noFault);
    const failing = faultyHands(context(run).hands, (count) => (count >= 3 ? EIO : undefined));
    const { result } = await restoreDevices({ ...context(run), hands: failing }, [named(run, A)], nowhere);
    expect(result?.state).toBe('incomplete');
    expect(readJournals(run.state)).toMatchObject([{ state: 'incomplete', devices: [{ name: A }, { name: B }] }]);
  });

  test('restoreDevices forgets a device that is there no more', async () => {
    const run = await bindWith(two, noFault);
    fs.renameSync(path.join(run.root.sysfs, at(A)), path.join(run.root.directory, 'gone'));
    const { notes } = await restoreDevices(context(run), [{ path: at(A) }], nowhere);
    expect(notes).toEqual([`${A} is gone, and its driver_override with it`]);
    expect(readJournals(run.state)).toMatchObject([{ state: 'bound', devices: [{ name: B }] }]);
  });

  test('restoreDevices forgets a device that is back already, by its own doing', async () => {
    const run = await bindWith(two, noFault);
    const kernel = context(run).hands;
    for (const name of [A, B]) {
      await kernel.write(`bus/pci/devices/${name}/driver_override`, '\n');
      await kernel.write('bus/pci/drivers/vfio-pci/unbind', name);
      await kernel.write('bus/pci/drivers/e1000/bind', name);
    }
    const hands = faultyHands(kernel, () => undefined);
    const { result } = await restoreDevices({ ...context(run), hands }, 'all', nowhere);
    expect({ result, writes: hands.count(), files: files(run) }).toEqual({ result: null, writes: 0, files: [] });
  });

  test('restoreDevices leaves alone a device that sits where another one was, and forgets that one', async () => {
    const run = await bindWith(two, noFault);
    const modalias = path.join(run.root.sysfs, at(A), 'modalias');
    fs.writeFileSync(modalias, fs.readFileSync(modalias, 'latin1').replace('100E', '100F'));
    const { result, notes } = await restoreDevices(context(run), 'all', nowhere);
    expect(notes).toEqual([expect.stringMatching(new RegExp(`^${A} is another device now`))]);
    expect(result?.state).toBe('done');
    expect(run.placements()).toEqual({ [A]: { driver: 'vfio-pci', override: 'vfio-pci' }, [B]: run.before[B] });
    expect(files(run)).toEqual([]);
  });

  test('restoreDevices removes the journals of another boot, a plan of it only names them', async () => {
    const run = await bindWith(two, noFault);
    const boot = path.join(run.root.proc, 'sys/kernel/random');
    fs.mkdirSync(boot, { recursive: true });
    fs.writeFileSync(path.join(boot, 'boot_id'), 'this\n');
    beginJournal(run.state, 'that', [entry()]).close();
    const { notes, withoutNative } = await planRestoreDevices(context(run), [named(run, CARD)], nowhere);
    expect(notes).toEqual([expect.stringMatching(/2\.journal is of an earlier boot, .*; a restore removes it$/)]);
    expect(withoutNative).toEqual([named(run, CARD).path]);
    expect(files(run)).toEqual(['1.journal', '2.journal']);
    expect((await readRestorePlan(run.root.roots, run.state, [named(run, A)], nowhere)).plan.devices).toMatchObject([
      { name: A, after: { driver: 'e1000' } },
    ]);
    fs.rmSync(path.join(run.state, '1.journal'));
    const stale = await readRestorePlan(run.root.roots, run.state, [named(run, A)], nowhere);
    expect(stale).toMatchObject({ withoutNative: [at(A)], journals: [], stale: [{ boot: 'that' }], boot: 'this' });
    expect((await planRestoreDevices(context(run), 'all', nowhere)).notes).toHaveLength(1);
    await restoreDevices(context(run), [named(run, CARD)], nowhere);
    expect(files(run)).toEqual([]);
  });

  test('restoreDevices without a journal goes where `native` says, as a transaction of its own', async () => {
    const run = await bindWith(two, noFault);
    for (const name of files(run)) fs.rmSync(path.join(run.state, name));
    const native: NativePlacement = async ({ path, name }) => ({
      to: name === A ? { path, to: { driver: 'e1000', override: null }, module: null } : null,
      notes: [`about ${name}`],
    });
    const targets = [named(run, A), named(run, B)];
    const failing = faultyHands(context(run).hands, (count) => (count === 2 ? EIO : undefined));
    const failed = await restoreDevices({ ...context(run), hands: failing }, targets, native);
    expect(failed.result?.state).toBe('rolled-back');
    expect(files(run)).toEqual([]);
    const { result, notes, withoutNative } = await restoreDevices(context(run), targets, native);
    expect(result?.state).toBe('done');
    expect(notes).toEqual([`about ${A}`, `about ${B}`]);
    expect(withoutNative).toEqual([at(B)]);
    expect(run.placements()[A]).toEqual(run.before[A]);
    expect(files(run)).toEqual([]);
  });

  test('restoreDevices without a journal that cannot be taken back keeps one that says so', async () => {
    const run = await bindWith(two, noFault);
    for (const name of files(run)) fs.rmSync(path.join(run.state, name));
    const native: NativePlacement = async ({ path }) => ({
      to: { path, to: { driver: 'e1000', override: null }, module: null },
      notes: [],
    });
    const failing = faultyHands(context(run).hands, (count) => (count >= 3 ? EIO : undefined));
    const { result } = await restoreDevices({ ...context(run), hands: failing }, [named(run, A)], native);
    expect(result?.state).toBe('incomplete');
    expect(readJournals(run.state)).toMatchObject([
      { state: 'incomplete', devices: [{ name: A, before: { driver: 'vfio-pci' }, after: { driver: 'e1000' } }] },
    ]);
  });

  test('restoreDevices goes back to where a device was before the first of several journals, and forgets all', async () => {
    const run = await bindWith(two, noFault);
    const again = entry({ before: { driver: 'vfio-pci', override: 'vfio-pci' }, beforeModule: 'vfio_pci' });
    const second = beginJournal(run.state, null, [again]);
    second.add({ kind: 'end', state: 'bound' });
    second.close();
    await restoreDevices(context(run), [named(run, A)], nowhere);
    expect(run.placements()[A]).toEqual(run.before[A]);
    expect(files(run)).toEqual(['1.journal']);
    expect(readJournals(run.state)[0]!.devices.map(({ name }) => name)).toEqual([B]);
  });

  test.each(['bound', 'incomplete'] as const)(
    'restoreDevices that is taken back leaves a journal that was %s so, and one that is done forgets the device',
    async (state) => {
      const run = await bindWith(two, noFault);
      fs.appendFileSync(path.join(run.state, '1.journal'), `${JSON.stringify({ kind: 'end', state })}\n`);
      const failing = faultyHands(context(run).hands, (count) => (count === 2 ? EIO : undefined));
      const { result } = await restoreDevices({ ...context(run), hands: failing }, [named(run, A)], nowhere);
      expect(result?.state).toBe('rolled-back');
      expect(readJournals(run.state)).toMatchObject([{ state, devices: [{ name: A }, { name: B }] }]);
      await restoreDevices(context(run), [named(run, A)], nowhere);
      expect(readJournals(run.state)).toMatchObject([{ state, devices: [{ name: B }] }]);
    },
  );

  test('restoreDevices of an interrupted journal leaves what it did not bring back interrupted', async () => {
    const run = await bindWith(two, noFault);
    const file = path.join(run.state, '1.journal');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/\{"kind":"end".*\n/, ''));
    await restoreDevices(context(run), [named(run, A)], nowhere);
    expect(readJournals(run.state)).toMatchObject([{ state: 'interrupted', devices: [{ name: B }] }]);
  });

  test('restoreDevices begins nothing where the plan is blocked, and keeps the journal', async () => {
    const run = await bindWith(two, noFault);
    fs.mkdirSync(path.join(run.root.sysfs, at(A), 'vfio-dev/vfio9'), { recursive: true });
    fs.rmSync(path.join(run.root.sysfs, at(A), 'driver'));
    const { result, plan } = await restoreDevices(context(run), [{ path: at(A) }], nowhere);
    expect({ result, runnable: plan.runnable }).toEqual({ result: null, runnable: false });
    expect(plan.warnings[0]).toMatchObject({ code: 'unbinding', blocks: 'always' });
    expect(files(run)).toEqual(['1.journal']);
  });
});

test('readRestorePlan of all without a journal says that there is nothing to do', async () => {
  const run = { root: machineRoot('viommu-guest') };
  const state = path.join(run.root.directory, 'state');
  const planned = await readRestorePlan(run.root.roots, state, 'all', nowhere);
  expect(planned.notes).toEqual(['no journal lists a device; there is nothing to restore']);
  expect(planned).toMatchObject({
    withoutNative: [],
    journals: [],
    stale: [],
    gone: [],
    boot: null,
    plan: { devices: [] },
  });
});

test('readRestorePlan takes a device that is named twice once', async () => {
  const run = await bindWith(two, noFault);
  const { plan } = await readRestorePlan(run.root.roots, run.state, [named(run, A), named(run, A)], nowhere);
  expect(plan.devices).toHaveLength(1);
});

describe('restoreTarget', () => {
  const root = (): TestRoot => machineRoot('viommu-guest');

  test('restoreTarget gives the device that a word names, with what had to be made of the word', () => {
    const { roots, directory } = root();
    expect(restoreTarget(roots, directory, CARD)).toMatchObject({ name: CARD });
    expect(restoreTarget(roots, directory, CARD)).not.toHaveProperty('note');
    expect(restoreTarget(roots, directory, '01:00.0')).toEqual({
      path: findDevice(roots.sysfs, CARD).device.path,
      note: `01:00.0 is completed to ${CARD}, the only such device`,
    });
  });

  test('restoreTarget takes the newest journal that knows a name that no device has, and else throws what findDevice does', () => {
    const { roots, directory } = root();
    const state = path.join(directory, 'state');
    beginJournal(state, null, [entry({ name: '0000:09:00.0', path: 'devices/old/0000:09:00.0' })]).close();
    beginJournal(state, null, [entry(), entry({ name: '0000:09:00.0', path: 'devices/new/0000:09:00.0' })]).close();
    expect(restoreTarget(roots, state, '0000:09:00.0')).toEqual({ path: 'devices/new/0000:09:00.0' });
    expect(() => restoreTarget(roots, state, '0000:0a:00.0')).toThrow(/no such address/);
  });
});
