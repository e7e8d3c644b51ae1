import { expect, test } from 'vitest';
import { ModaliasError } from '../../../src/errors.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import type { Position, Program } from '../../../src/model/script/program.ts';
import { parseRecipe, type RecipeEvent, recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';

const CARD = '0000:01:00.0';
const kernel = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine);
const off: RecipeEvent = { kind: 'write', path: 'bus/pci/drivers_autoprobe', data: '0\n' };

/** What a program does if every event ends with this result. */
function doings(program: Program, result: 'ok' | 'EBUSY'): string[] {
  const texts: string[] = [];
  let at: Position = program.start;
  for (;;) {
    const step = program.next(at, kernel);
    if (step.kind === 'end') return [...texts, `status ${step.status}`];
    texts.push(`${step.place.line} ${step.text}`);
    if (step.kind === 'event') at = step.then(result === 'ok' ? { kind: 'ok' } : { kind: 'errno', errno: result });
    else if (step.kind !== 'choice') at = step.then!;
  }
}

test('parseRecipe: reads events with their lines', () => {
  const json = `{ "version": 1,
  "events": [
    { "kind": "load", "module": "vfio-pci", "ids": "8086:10d3" },

    { "kind": "write", "path": "bus/pci/drivers_autoprobe", "data": "0\\n", "mayFail": true }
  ] }`;
  expect(parseRecipe(json, 'a.json')).toEqual({
    name: 'a.json',
    file: 'a.json',
    lines: [3, 5],
    events: [
      { kind: 'load', module: 'vfio-pci', ids: '8086:10d3' },
      { kind: 'write', path: 'bus/pci/drivers_autoprobe', data: '0\n', mayFail: true },
    ],
  });
});

test.each([
  [
    '{"version":1,"events":[{"kind":"poke"}]}',
    '/events/0/kind',
    'found "poke", expected an event, whose kind is one of write, load',
  ],
  [
    '{"version":1,"events":[{"kind":"write","path":"/sys/bus","data":""}]}',
    '/events/0/path',
    'a path below the root of sysfs',
  ],
  [
    '{"version":1,"events":[{"kind":"unload","module":"a","x":1}]}',
    '/events/0/x',
    "found an unknown member 'x', expected kind, module, alone, mayFail",
  ],
  ['{"version":1,"events":[{"kind":"expect","device":"a"}]}', '/events/0', "'driver' is missing"],
  [
    '{"version":1,"events":[{"kind":"expect","device":"a","driver":null,"retryFrom":1}]}',
    '/events/0/retryFrom',
    'found 1, expected the index of an earlier event',
  ],
  ['{"version":2,"events":[]}', '/version', 'found 2, expected 1'],
])('parseRecipe: refuses %s', (json, pointer, message) => {
  const error = (() => {
    try {
      return parseRecipe(json, 'a.json');
    } catch (thrown) {
      return thrown as ModaliasError;
    }
  })();
  expect(error).toBeInstanceOf(ModaliasError);
  expect(error).toMatchObject({ place: { file: 'a.json', pointer }, message: expect.stringContaining(message) });
});

test('recipeProgram: stops with status 1 at the first event that fails, unless it may', () => {
  const events = [{ ...off, mayFail: true }, off, off];
  expect(doings(recipeProgram(recipeOf('r', events)), 'ok')).toEqual([
    '1 echo 0 > bus/pci/drivers_autoprobe',
    '2 echo 0 > bus/pci/drivers_autoprobe',
    '3 echo 0 > bus/pci/drivers_autoprobe',
    'status 0',
  ]);
  expect(doings(recipeProgram(recipeOf('r', events)), 'EBUSY')).toEqual([
    '1 echo 0 > bus/pci/drivers_autoprobe',
    '2 echo 0 > bus/pci/drivers_autoprobe',
    'status 1',
  ]);
});

test('recipeProgram: a look fails the recipe, or goes back as often as it says', () => {
  const look = (driver: string | null, rest: object = {}): RecipeEvent => ({
    kind: 'expect',
    device: CARD,
    driver,
    ...rest,
  });
  const run = (event: RecipeEvent) => doings(recipeProgram(recipeOf('r', [off, event])), 'ok').at(-1);
  const steps = (event: RecipeEvent) => doings(recipeProgram(recipeOf('r', [off, event])), 'ok').length;
  expect(run(look('e1000e'))).toBe('status 0');
  expect(run(look('vfio-pci'))).toBe('status 1');
  expect(run(look(null))).toBe('status 1');
  expect(steps(look('vfio-pci', { retryFrom: 0 }))).toBe(5);
  expect(steps(look('vfio-pci', { retryFrom: 0, times: 3 }))).toBe(9);
  expect(run(look('vfio-pci', { retryFrom: 0, mayFail: true }))).toBe('status 0');
});
