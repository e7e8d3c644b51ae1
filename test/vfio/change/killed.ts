import path from 'node:path';
import { bindDevices } from '../../../src/vfio/change/bind.ts';
import type { Hands, Outcome } from '../../../src/vfio/change/hands.ts';
import { restoreDevices } from '../../../src/vfio/change/restore-devices.ts';
import { findDevice } from '../../../src/vfio/sysfs/find-device.ts';
import { Tree } from '../../../src/vfio/sysfs/tree.ts';
import { requestsOf, scenarioMachine, scenarios } from '../scenarios.ts';
import { simulatedKernel } from '../simulated-kernel.ts';

// Run by killed.test.ts: DIRECTORY SCENARIO bind|restore COUNT before|after. Works on the fake root there and dies by
// SIGKILL at that action.
const [directory = '', name = '', what = '', at = '', when = ''] = process.argv.slice(2);
const scenario = scenarios[name]!;
const machine = scenarioMachine(scenario);
const root = { directory, sysfs: path.join(directory, 'sys'), proc: path.join(directory, 'proc') };
const roots = { sysfs: new Tree(root.sysfs), proc: new Tree(root.proc) };
const kernel = simulatedKernel(root, machine);

let count = 0;
const die = () => process.kill(process.pid, 'SIGKILL');
async function around(act: () => Promise<Outcome>): Promise<Outcome> {
  const here = ++count === Number(at);
  if (here && when === 'before') die();
  const outcome = await act();
  if (here && when === 'after') die();
  return outcome;
}
const hands: Hands = {
  write: (file, data) => around(() => kernel.write(file, data)),
  modprobe: (module) => around(() => kernel.modprobe(module)),
  close: () => {},
};
const context = { roots, hands, state: path.join(directory, 'state') };
if (what === 'restore') await restoreDevices(context, 'all', async () => null, { allowInUse: true });
else {
  const devices = scenario.requests.map(({ device }) => findDevice(roots.sysfs, device).device);
  await bindDevices(context, devices, requestsOf(scenario, devices), { allowInUse: true });
}
