import { expect, test } from 'vitest';
import { type Disturbance, USUAL_DISTURBANCES } from '../../../src/model/explore/acts.ts';
import { checkAndFix } from '../../../src/model/explore/fixes.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { shellProgram } from '../../../src/model/script/shell-program.ts';
import { WAYS } from './recipes.ts';

const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);

function fixes(way: string, whiles: readonly Disturbance[] = USUAL_DISTURBANCES, once = false) {
  const options = { while: new Set(whiles), stated: [], once, mostStates: 1_000_000 };
  const { violations } = checkAndFix([recipeProgram(recipeOf('bind', WAYS[way]!))], machine, options);
  return violations.map(({ property, trace, fix }) => ({ property, steps: trace.length, ...fix }));
}

test.each([
  ['new_id', 'third-device', /^name the device, not its ids/],
  ['unbind first', 'success-is-true', /^write vfio-pci to driver_override before the unbind/],
  ['module name', 'keeps-a-driver', /^write the name of the driver, vfio-pci, to driver_override/],
  ['autoprobe off around new_id', 'third-device', /^name the device, not its ids/],
])('checkAndFix: %s breaks %s in at most 8 steps, and the fix of all that it breaks holds', (way, property, text) => {
  const found = fixes(way);
  expect(found.find((one) => one.property === property)?.steps).toBeLessThanOrEqual(8);
  for (const { text: said, holds, instead } of found) {
    expect(said).toMatch(text);
    expect(holds).toBe(true);
    expect(instead).toEqual([
      'modprobe vfio_pci',
      'echo vfio-pci > /sys/bus/pci/devices/0000:01:00.0/driver_override',
      'echo 0000:01:00.0 > /sys/bus/pci/drivers/e1000e/unbind',
      'echo 0000:01:00.0 > /sys/bus/pci/drivers/vfio-pci/bind',
      'readlink /sys/bus/*/devices/0000:01:00.0/driver   # expect vfio-pci, else begin again, at most three times',
    ]);
  }
});

test('checkAndFix: an unload after the bind loses the device; beginning again helps where it happens once, not for ever', () => {
  const lost = fixes('override, bind, read back', ['unload'], true);
  expect(lost.map(({ property, holds }) => [property, holds])).toEqual([['failure-is-clean', true]]);
  expect(lost[0]!.text).toMatch(/^look at the device's driver link after bind/);
  expect(fixes('override, bind, read back', ['load', 'unload']).map(({ holds }) => holds)).toEqual([false]);
});

test('checkAndFix: what is removed is to be brought back, and a loop that waits to be ended', () => {
  const advice = (lines: readonly string[], whiles: readonly Disturbance[]) => {
    const program = shellProgram(`${lines.join('\n')}\n`, 'it.sh');
    const options = { while: new Set(whiles), stated: [], mostStates: 10_000 };
    return checkAndFix([program], machine, options).violations.map(({ fix }) => fix.text.split(/[,:]/, 1)[0]);
  };
  const remove = 'echo 1 > /sys/bus/pci/devices/0000:01:00.0/remove || exit 0';
  expect(advice([remove, 'echo 1 > /sys/bus/pci/rescan'], ['kill'])).toEqual(['have every run bring it back']);
  const wait = 'until [ -e /sys/bus/pci/drivers/vfio-pci/0000:01:00.0 ]; do sleep 1; done';
  expect(advice([wait], [])).toEqual(['end a loop that waits after so many turns']);
});

test('checkAndFix: a safe program needs no fix', () => {
  expect(fixes('override, bind, read back')).toEqual([]);
});

test('checkAndFix: a script that ends before it touches a device is to be given what it expects', () => {
  const usage = shellProgram('[ $# -gt 0 ] || { echo usage >&2; exit 1; }\n', 'bind.sh');
  const options = { while: new Set<Disturbance>(), stated: [], once: false, mostStates: 1000 };
  const { violations } = checkAndFix([usage], machine, options);
  expect(violations.map(({ property, fix }) => [property, fix.text])).toEqual([
    ['succeeds', expect.stringMatching(/^it ends before it touches a device: give it the arguments \(--args\)/)],
  ]);
});
