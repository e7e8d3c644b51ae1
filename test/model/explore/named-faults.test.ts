import { expect, test } from 'vitest';
import type { Disturbance } from '../../../src/model/explore/acts.ts';
import { check } from '../../../src/model/explore/check.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import type { Program } from '../../../src/model/script/program.ts';
import { readProgram } from '../../../src/model/script/read-program.ts';
import { type RecipeEvent, recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { parseRelease } from '../../../src/release.ts';
import { HELD, MORE, RETRIED, WAYS } from './recipes.ts';

/** After driverctl's set-override: the device is looked for, its driver unbound, then override and drivers_probe. */
const DRIVERCTL_ORDER = `dev=$1
drv=$2
sys=/sys/bus/pci/devices/$dev
[ -L "$sys" ] || exit 1
[ -f "$sys/driver_override" ] || exit 1
[ -d "/sys/module/$drv" ] || modprobe -q "$drv"
if [ -L "$sys/driver" ]; then
  echo "$dev" > "$(readlink -f "$sys/driver")/unbind"
fi
echo "$drv" > "$sys/driver_override"
echo "$dev" > /sys/bus/pci/drivers_probe
[ -L "$sys/driver" ] || exit 1
`;

function checked(program: Program, whiles: readonly Disturbance[], release = '6.12', once = false) {
  const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine, parseRelease(release));
  return check([program], machine, { while: new Set(whiles), stated: [], once, mostStates: 1_000_000 });
}

const recipe = (events: readonly RecipeEvent[]) => recipeProgram(recipeOf('bind', events));
const way = (name: string) => recipe(WAYS[name]!);

/** What each fault breaks, and the step at which it shows. */
const FAULTS: readonly (readonly [
  fault: string,
  program: Program,
  whiles: readonly Disturbance[],
  release: string,
  property: string,
  step: string,
])[] = [
  ['the race of new_id', way('new_id'), ['hotplug'], '6.12', 'third-device', 'is plugged in'],
  [
    'drivers_autoprobe off around new_id, which hot-add passes over',
    way('autoprobe off around new_id'),
    ['hotplug'],
    '6.18',
    'third-device',
    'is plugged in',
  ],
  [
    'drivers_autoprobe off around new_id, which hot-add honours, so that new_id takes the device',
    way('autoprobe off around new_id'),
    ['hotplug'],
    '6.19',
    'third-device',
    'new_id',
  ],
  [
    'drivers_autoprobe off around new_id, which hot-add honours, so that the device stays without a driver',
    way('autoprobe off around new_id'),
    ['hotplug'],
    '6.19',
    'keeps-a-driver',
    'is plugged in',
  ],
  [
    "a drivers_probe within driverctl's order",
    readProgram(DRIVERCTL_ORDER, 'driverctl', { words: ['0000:01:00.0', 'vfio-pci'] }),
    ['probe', 'kill'],
    '6.12',
    'success-is-true',
    'drivers_probe',
  ],
  ['unbind before override', way('unbind first'), ['probe'], '6.12', 'success-is-true', 'drivers_probe'],
  ["the module's name for the driver's", way('module name'), [], '6.12', 'keeps-a-driver', 'echo vfio_pci'],
];

test.each(FAULTS)('check: finds %s in at most 8 steps', (_, program, whiles, release, property, step) => {
  const { violations } = checked(program, whiles, release);
  const found = violations.find((one) => one.property === property);
  expect(found?.trace.length).toBeLessThanOrEqual(8);
  expect(found?.trace.map(({ event }) => event).join('\n')).toContain(step);
  // Every write of the program has its place; what is left of its looks is none that it always does.
  for (const { act, line, who } of found!.trace)
    if (who === program.name) expect([line, act]).toEqual([expect.any(Number), expect.any(String)]);
});

test('check: an override with bind and a look back is safe under hotplug, second-run, kill and probe', () => {
  for (const whiles of [['hotplug', 'second-run', 'kill'], ['probe']] as const)
    expect(checked(way('override, bind, read back'), whiles).verdict).toBe('safe');
});

/** Property and number of steps of each violation. */
const lost = (events: readonly RecipeEvent[], whiles: readonly Disturbance[], once: boolean) =>
  checked(recipe(events), whiles, '6.12', once).violations.map(({ property, trace }) => [property, trace.length]);

test('check: where vfio-pci is unloaded meanwhile, a look back says so, and beginning again mends it', () => {
  for (const whiles of [['unload'], ['unload', 'probe']] as const) {
    // Without the look the program ends with status 0, and the device has no driver.
    expect(lost(WAYS['override, bind']!, whiles, true)).toEqual([['keeps-a-driver', 5]]);
    expect(lost(WAYS['override, bind, read back']!, whiles, true)).toEqual([['failure-is-clean', 6]]);
    expect(lost(RETRIED, whiles, true)).toEqual([]);
  }
});

test('check: a program that goes on after its look keeps the device only while it holds the module', () => {
  expect(lost([...RETRIED, MORE], ['unload'], true)).toEqual([['keeps-a-driver', 7]]);
  expect(lost([...HELD, MORE], ['unload'], true)).toEqual([]);
  // If the module is unloaded as often as one likes no number of tries is enough; but who says done is right.
  expect(lost([...RETRIED, MORE], ['unload'], false).map(([property]) => property)).toEqual([
    'keeps-a-driver',
    'failure-is-clean',
  ]);
  expect(lost([...HELD, MORE], ['unload'], false).map(([property]) => property)).toEqual(['failure-is-clean']);
});
