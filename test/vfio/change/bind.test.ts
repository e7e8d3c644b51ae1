import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { bindDevices, journalDevices, planBindDevices } from '../../../src/vfio/change/bind.ts';
import type { Hands } from '../../../src/vfio/change/hands.ts';
import { readPlacement } from '../../../src/vfio/change/placements.ts';
import { readJournals } from '../../../src/vfio/journal/journal.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';
import { readMachine } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';
import { scenarioMachine, scenarios } from '../scenarios.ts';
import { faultyHands, simulatedKernel } from '../simulated-kernel.ts';
import { bindWith, EIO, noFault, type Run } from './bound-run.ts';

const CARD = '0000:01:00.0';
const two = scenarios['two cards of one group']!;
const [A, B] = ['0000:04:01.0', '0000:04:02.0'] as const;
const at = (name: string) => `devices/pci0000:00/0000:00:04.0/0000:03:00.0/${name}`;
const files = ({ state }: Run) => fs.readdirSync(state).sort();
const named = (run: Run, name: string) => findDevice(run.root.roots.sysfs, name).device;
const context = (run: Run) => ({
  roots: run.root.roots,
  hands: simulatedKernel(run.root, scenarioMachine(two)),
  state: run.state,
});

describe('bindDevices', () => {
  const requests = [A, B].map((name) => ({ path: at(name), driver: 'vfio-pci', module: null }));

  test('bindDevices begins nothing where every device is there already, or the plan is blocked', async () => {
    const run = await bindWith(two, noFault);
    const targets = [named(run, A), named(run, B)];
    fs.rmSync(path.join(run.state, '1.journal'));
    const hands = faultyHands(context(run).hands, () => undefined);
    const { result } = await bindDevices({ ...context(run), hands }, targets, requests);
    expect({ result, writes: hands.count(), files: files(run) }).toEqual({ result: null, writes: 0, files: [] });
    const other = targets.map(({ path }) => ({ path, driver: 'none', module: null }));
    const blocked = await bindDevices({ ...context(run), hands }, targets, other);
    expect(blocked).toMatchObject({ result: null, plan: { runnable: false } });
    expect({ writes: hands.count(), files: files(run) }).toEqual({ writes: 0, files: [] });
  });

  test('bindDevices leaves no journal of what was rolled back, and keeps that of what could not be', async () => {
    const rolledBack = await bindWith(two, (count) => (count === 2 ? EIO : undefined));
    expect([rolledBack.result?.state, files(rolledBack)]).toEqual(['rolled-back', []]);
    const left = await bindWith(two, (count) => (count >= 3 ? EIO : undefined));
    expect([left.result?.state, files(left)]).toEqual(['incomplete', ['1.journal']]);
  });

  test.each([
    ['interrupted', 'was interrupted'],
    ['incomplete', 'could not be rolled back'],
  ] as const)(
    'bindDevices is refused where an earlier run was %s, for the devices of that run only',
    async (state, words) => {
      const run = await bindWith(two, noFault);
      const file = path.join(run.state, '1.journal');
      fs.appendFileSync(
        file,
        `${JSON.stringify(state === 'incomplete' ? { kind: 'end', state } : { kind: 'step' })}\n`,
      );
      const bind = () => bindDevices(context(run), [named(run, A)], requests.slice(0, 1));
      await expect(bind()).rejects.toThrow(
        `an earlier run that moved ${A} ${words}; restore it first: modalias vfio restore ${A}`,
      );
      expect(() => planBindDevices(context(run), [named(run, A)], [])).toThrow(words);
      expect(planBindDevices(context(run), [named(run, CARD)], []).result).toBeNull();
      expect(fs.existsSync(path.join(run.state, 'lock'))).toBe(false);
    },
  );

  test('planBindDevices says which process is at it while another one holds the lock', async () => {
    const run = await bindWith(two, noFault);
    fs.appendFileSync(path.join(run.state, '1.journal'), '{"kind":"step"}\n');
    fs.writeFileSync(path.join(run.state, 'lock'), '1 ? ? ?\n');
    expect(() => planBindDevices(context(run), [named(run, A)], [])).toThrow(
      'process 1 is moving devices now; wait for it to end',
    );
  });

  test('journalDevices holds what is moved, and where it was', async () => {
    const run = await bindWith(two, noFault);
    const { plan } = planBindDevices(
      context(run),
      [named(run, A), named(run, CARD)],
      [
        { path: at(A), driver: 'vfio-pci', module: 'vfio_pci' },
        { path: named(run, CARD).path, driver: 'vfio-pci', module: 'vfio_pci' },
      ],
    );
    expect(journalDevices(plan)).toEqual([
      {
        name: CARD,
        bus: 'pci',
        path: named(run, CARD).path,
        modalias: named(run, CARD).modalias,
        before: { driver: 'e1000e', override: null },
        beforeModule: 'e1000e',
        after: { driver: 'vfio-pci', override: 'vfio-pci' },
      },
    ]);
  });
});

test.each(['its machine is read', 'vfio_pci is loaded'])(
  'bindDevices plans again where the native driver takes a device while %s',
  async (moment) => {
    const machine = readMachine('intel-desktop');
    const root = machineRoot(machine);
    const kernel = simulatedKernel(root, machine);
    await kernel.write('bus/pci/drivers/nouveau/unbind', CARD);
    let taken = 0;
    const take = (at: string) => {
      if (at === moment && taken++ === 0) void kernel.write('bus/pci/drivers/nouveau/bind', CARD);
    };
    /** Processes are read after devices. */
    class Proc extends Tree {
      override list(at: string): readonly string[] {
        if (at === '') take('its machine is read');
        return super.list(at);
      }
    }
    const hands: Hands = {
      ...kernel,
      modprobe(module) {
        take('vfio_pci is loaded');
        return kernel.modprobe(module);
      },
    };
    const roots = { sysfs: root.roots.sysfs, proc: new Proc(root.proc) };
    const { device } = findDevice(roots.sysfs, CARD);
    const request = { path: device.path, driver: 'vfio-pci', module: 'vfio_pci' };
    const state = path.join(root.directory, 'state');
    const { plan, result } = await bindDevices({ roots, hands, state }, [device], [request]);
    expect(taken).toBeGreaterThan(0);
    expect({ before: plan.devices[0]!.before.driver, state: result?.state }).toEqual({
      before: 'nouveau',
      state: 'done',
    });
    expect(readPlacement(roots.sysfs, device.path)).toEqual({ driver: 'vfio-pci', override: 'vfio-pci' });
    expect(readJournals(state)).toHaveLength(1);
  },
);
