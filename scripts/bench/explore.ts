/**
 * Explores a million states of two recipes on two like cards with everything that may act meanwhile, then does as many
 * events one by one. Prints processor time of both in seconds, and the peak of memory, as JSON. Run by model.ts.
 */
import { type KernelEvent, step } from '../../src/driver-core/index.ts';
import { actsUpon, DISTURBANCES, type Disturbance } from '../../src/model/explore/acts.ts';
import { check } from '../../src/model/explore/check.ts';
import { BUILT_IN_MACHINES } from '../../src/model/machines/built-in.ts';
import { kernelState } from '../../src/model/machines/kernel-state.ts';
import { recipeOf, recipeProgram } from '../../src/model/script/recipe.ts';

const STATES = 1_000_000;

const write = (path: string, data: string): KernelEvent => ({ kind: 'write', path: `bus/pci/${path}`, data });
const eventsFor = (card: string): KernelEvent[] => [
  write('drivers/vfio-pci/new_id', '8086 10d3\n'),
  write(`devices/${card}/driver_override`, 'vfio-pci\n'),
  write('drivers/e1000e/unbind', card),
  write('drivers_probe', card),
  write('drivers/vfio-pci/bind', card),
  write('drivers/vfio-pci/remove_id', '8086 10d3\n'),
  write(`devices/${card}/driver_override`, '\n'),
];

/** Seconds of processor time that something takes. */
function seconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
const cards = machine.devices.map(({ name }) => name);
const whiles = new Set(Object.keys(DISTURBANCES) as Disturbance[]);
const programs = cards.map((card) =>
  recipeProgram(
    recipeOf(
      card,
      eventsFor(card).map((event) => ({ ...event, mayFail: true })),
    ),
  ),
);
let states = 0;
const explore = seconds(() => {
  states = check(programs, machine, { while: whiles, stated: [], mostStates: STATES }).states;
});
const peak = process.resourceUsage().maxRSS / 1024;
const events = [
  ...cards.flatMap(eventsFor),
  ...actsUpon(machine, machine.devices, [], whiles).flatMap((act) => act.events),
];
const plain = seconds(() => {
  let now = machine;
  for (let i = 0; i < states; i++) now = step(now, events[i % events.length]!).state;
});
console.log(JSON.stringify({ states, explore, plain, peak }));
