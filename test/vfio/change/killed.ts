import path from 'node:path';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import type { Hands, Outcome } from '../../../src/vfio/change/hands.ts';
import { restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';
import { requestsOf, scenarioMachine, scenarios } from '../scenarios.ts';
import { simulatedKernel } from '../simulated-kernel.ts';

/** A run that is to stand still at an action, before or after it is done. */
export interface Kill {
  /** Of the fake root. */
  readonly directory: string;
  readonly scenario: string;
  readonly what: 'bind' | 'restore';
  /** Counted from 1, modprobe included. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** Runs until the action; resolves to whether it was reached. */
function runUntil({ directory, scenario: name, what, at, when }: Kill): Promise<boolean> {
  const scenario = scenarios[name]!;
  const root = { directory, sysfs: path.join(directory, 'sys'), proc: path.join(directory, 'proc') };
  const roots = { sysfs: new Tree(root.sysfs), proc: new Tree(root.proc) };
  const kernel = simulatedKernel(root, scenarioMachine(scenario));
  return new Promise((resolve, reject) => {
    let count = 0;
    const stand = () => {
      resolve(true);
      return new Promise<never>(() => {});
    };
    const around = async (act: () => Promise<Outcome>): Promise<Outcome> => {
      const here = ++count === at;
      if (here && when === 'before') return stand();
      const outcome = await act();
      return here ? stand() : outcome;
    };
    const hands: Hands = {
      write: (file, data) => around(() => kernel.write(file, data)),
      modprobe: (module) => around(() => kernel.modprobe(module)),
      close: () => {},
    };
    const context = { roots, hands, state: path.join(directory, 'state') };
    const run = async () => {
      if (what === 'restore') return restoreDevices(context, 'all', async () => null, { allowInUse: true });
      const devices = scenario.requests.map(({ device }) => findDevice(roots.sysfs, device).device);
      return bindDevices(context, devices, requestsOf(scenario, devices), { allowInUse: true });
    };
    run().then(() => resolve(false), reject);
  });
}

// Run by killed.test.ts, with a list of kills as JSON. Each stands still at its action, with its lock and its journal
// open; then the process dies by SIGKILL, and all of them with it.
for (const kill of JSON.parse(process.argv[2]!) as Kill[])
  if (!(await runUntil(kill))) console.error(`ended before it: ${JSON.stringify(kill)}`);
process.kill(process.pid, 'SIGKILL');
