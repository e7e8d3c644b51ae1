import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readPlacement } from '../../src/vfio/apply.ts';
import { bindDevices } from '../../src/vfio/bind.ts';
import { findDevice } from '../../src/vfio/find-device.ts';
import { readJournals } from '../../src/vfio/journal.ts';
import { restoreDevices } from '../../src/vfio/restore-devices.ts';
import { readStatus } from '../../src/vfio/status.ts';
import { machineRoot } from './machine-root.ts';
import { scenarioMachine, scenarios } from './scenarios.ts';
import { simulatedKernel } from './simulated-kernel.ts';

const child = path.join(import.meta.dirname, 'killed.ts');

/** Actions (writes and modprobes) of each scenario. */
const cases = [
  ['two cards of one group', 6],
  ['a card with an override already', 3],
  ['a card and its sound, the module not loaded', 7],
] as const;

test.each(
  cases.flatMap(([name, actions]) =>
    Array.from({ length: actions }, (_, index) => [name, index + 1, 'before'] as const).concat(
      Array.from({ length: actions }, (_, index) => [name, index + 1, 'after'] as const) as never,
    ),
  ),
)(
  'bindDevices of %s, killed at action %i (%s it): status names what is left and restore brings it back',
  async (name, at, when) => {
    const scenario = scenarios[name]!;
    const machine = scenarioMachine(scenario);
    const root = machineRoot(machine);
    const { roots } = root;
    const state = path.join(root.directory, 'state');
    const devices = scenario.requests.map(({ device }) => findDevice(roots.sysfs, device).device);
    const placements = () => devices.map(({ path: at }) => readPlacement(roots.sysfs, at));
    const before = placements();

    const run = spawnSync(process.execPath, ['--import', 'tsx', child, root.directory, name, String(at), when], {
      encoding: 'utf8',
    });
    expect({ signal: run.signal, stderr: run.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });

    const [journal] = readStatus(roots, state).journals;
    expect(journal?.state).toBe('interrupted');
    const moved = devices.filter((_, index) => JSON.stringify(placements()[index]) !== JSON.stringify(before[index]));
    expect(journal?.devices.filter(({ back }) => !back).map((device) => device.name)).toEqual(
      moved.map((device) => device.name),
    );

    const context = { roots, hands: simulatedKernel(root, machine), state };
    const again = scenario.requests.map(({ driver, module }, index) => ({
      path: devices[index]!.path,
      driver,
      module,
    }));
    await expect(bindDevices(context, devices, again)).rejects.toThrow(
      /was interrupted; bring it back first: modalias vfio restore/,
    );

    await restoreDevices(context, 'all', async () => null, { allowInUse: true });
    expect(placements()).toEqual(before);
    expect(readJournals(state)).toEqual([]);
  },
);
