import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { machineJsonSchema, recipeJsonSchema } from '../../../scripts/json-schema.ts';
import { parseMachine } from '../../../src/model/machines/read-description.ts';
import { parseRecipe } from '../../../src/model/script/recipe.ts';
import { machineNames } from '../../fake-root.ts';
import { Random } from '../../support/random.ts';

const isRecipe = new Ajv2020({ strict: false }).compile(recipeJsonSchema());
const isMachine = new Ajv2020({ strict: false }).compile(machineJsonSchema());

function accepts(parse: (json: string, file: string) => unknown, value: unknown): boolean {
  try {
    parse(JSON.stringify(value), 'x.json');
    return true;
  } catch {
    return false;
  }
}

const SAMPLES = readdirSync('samples/recipes').map((name) => `samples/recipes/${name}`);

test.each(SAMPLES)('recipe.schema.json: %s keeps to it', (file) => {
  const recipe = JSON.parse(readFileSync(file, 'utf8'));
  expect([isRecipe(recipe), isRecipe.errors]).toEqual([true, null]);
  expect(accepts(parseRecipe, recipe)).toBe(true);
});

test.each(machineNames())('machine.schema.json: the recorded machine %s keeps to it', (name) => {
  const machine = JSON.parse(readFileSync(`test/machines/${name}.json`, 'utf8'));
  expect([isMachine(machine), isMachine.errors]).toEqual([true, null]);
  expect(accepts(parseMachine, machine)).toBe(true);
});

/** One member of a value, anywhere in it, replaced, taken away or added. */
function mutated(value: unknown, random: Random): unknown {
  const copy = structuredClone(value) as Record<string, unknown>;
  let at: Record<string, unknown> = copy;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys.length === 0 ? 'x' : random.pick(keys);
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && !random.oneIn(3)) {
      at = inner as Record<string, unknown>;
      continue;
    }
    const how = random.below(8);
    if (how < 2) delete at[key];
    else if (how < 4 && !Array.isArray(at)) at.more = 1;
    else at[key] = random.pick<unknown>([null, 1, 'x', '/x', true, [], {}, 'write', '0000:01:00.0']);
    return copy;
  }
}

test('recipe.schema.json and parseRecipe agree on changed recipes', () => {
  const random = new Random(1);
  let refused = 0;
  for (let i = 0; i < 1000; i++) {
    const recipe = mutated(JSON.parse(readFileSync(random.pick(SAMPLES), 'utf8')), random);
    // That the event to go back to is an earlier one, no schema can say; nor does one see holes in arrays.
    if (JSON.stringify(recipe).includes('null') && !JSON.stringify(recipe).includes('"driver":null')) continue;
    expect([isRecipe(recipe), recipe]).toEqual([accepts(parseRecipe, recipe), recipe]);
    if (!accepts(parseRecipe, recipe)) refused++;
  }
  expect(refused).toBeGreaterThan(100);
});

test('machine.schema.json and parseMachine agree on changed machines', () => {
  const random = new Random(2);
  const machine = JSON.parse(readFileSync('test/machines/viommu-guest.json', 'utf8'));
  let refused = 0;
  for (let i = 0; i < 300; i++) {
    const changed = JSON.parse(JSON.stringify(mutated(machine, random)));
    expect([isMachine(changed), changed]).toEqual([accepts(parseMachine, changed), changed]);
    if (!accepts(parseMachine, changed)) refused++;
  }
  expect(refused).toBeGreaterThan(50);
});
