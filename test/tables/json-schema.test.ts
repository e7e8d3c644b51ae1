import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableJsonSchema } from '../../scripts/json-schema.ts';
import { buses } from '../../src/bus/buses.ts';
import type { Bus } from '../../src/bus/define/bus.ts';
import type { Form } from '../../src/bus/define/forms.ts';
import { NEWEST_RELEASE } from '../../src/release.ts';
import { parseTablesPartial } from '../../src/tables/read-tables.ts';
import { many } from '../support/many.ts';
import { badModules, goodModules } from './samples.ts';

const ajv = new Ajv2020({ strict: false, allowUnionTypes: true });
const bySchema = ajv.compile(tableJsonSchema());

async function byTool(json: unknown): Promise<boolean> {
  const modules = parseTablesPartial(JSON.stringify(json), { release: NEWEST_RELEASE });
  return modules.every((m) => m.tables !== undefined);
}

test.each(goodModules)('tableJsonSchema: the JSON Schema accepts %s', (_, json) => {
  expect([bySchema(json), bySchema.errors]).toEqual([true, null]);
  expect(bySchema([json, json])).toBe(true);
});

test.each(badModules)('tableJsonSchema: the JSON Schema refuses %s', (_, json) => {
  expect(bySchema(json)).toBe(false);
});

test('tableJsonSchema: the JSON Schema carries its version', () => {
  expect(tableJsonSchema()).toMatchObject({ version: 1, $schema: 'https://json-schema.org/draft/2020-12/schema' });
});

/** Values of all sorts, near the limits of every form. */
const anyValue = fc.oneof(
  fc.constantFrom(0, 1, -1, 1.5, 7, 255, 256, 65535, 65536, 0xffffffff, 0x100000000, null, true, '', [], {}),
  fc.constantFrom(
    '0',
    '0x0',
    '0xff',
    '0x100',
    '1',
    '46d',
    '8086',
    '65536',
    '00',
    '0x',
    'vfio',
    'a,b',
    '\u20ac',
    '\u00e9',
    'a\u0000',
  ),
  fc.constantFrom('ABC0001', '00112233-4455-6677-8899-aabbccddeeff', '00112233-4455-6677-8899-AABBCCDDEEFG'),
  fc.nat({ max: 0xffffffff }).map((n) => `0x${n.toString(16)}`),
  fc.string({ maxLength: 40 }),
  fc.array(fc.constantFrom<unknown>(1, 3, '5', null, -1, 'CSC0000', ''), { maxLength: 5 }),
  fc.array(
    fc.record(
      {
        slot: fc.constantFrom<unknown>('DMI_SYS_VENDOR', 'DMI_NO', 4, 128),
        substr: fc.constantFrom<unknown>('LENOVO', 5, 'x'.repeat(80)),
        exact_match: fc.constantFrom<unknown>(true, 1),
      },
      { requiredKeys: ['slot', 'substr'] },
    ),
    { maxLength: 5 },
  ),
);

/** A value that a form takes. */
function goodValue(form: Form): fc.Arbitrary<unknown> {
  const number = (max: number) =>
    fc.oneof(
      fc.nat({ max }),
      fc.nat({ max }).map((n) => `0x${n.toString(16)}`),
    );
  switch (form.kind) {
    case 'number':
      return number(form.max);
    case 'text':
      return fc.constantFrom('ab', 'PNP0C0A');
    case 'guid':
      return fc.uuid();
    case 'bits':
      return fc.array(number(Math.min(7, form.max[0]![1])), { maxLength: 4 });
    case 'hashes':
      return fc.array(fc.option(number(form.max)), { minLength: form.length, maxLength: form.length });
    case 'ids':
      return fc.array(fc.constantFrom('CSC0000', 'PNPb02f'), { maxLength: form.length });
    case 'dmi-matches':
      return fc.constant([{ slot: 'DMI_SYS_VENDOR', substr: 'LENOVO', exact_match: true }]);
  }
}

/**
 * Rows that are mostly right: every required field, some others, now and then a value that does not fit or a stranger.
 */
function anyRow(bus: Bus): fc.Arbitrary<Record<string, unknown>> {
  const value = (form: Form) => fc.oneof({ weight: 9, arbitrary: goodValue(form) }, { weight: 1, arbitrary: anyValue });
  const fields = Object.fromEntries(bus.fields.map(({ name, form }) => [name, value(form)]));
  const required = bus.fields.filter((field) => field.required).map((field) => field.name);
  return fc.oneof(
    { weight: 8, arbitrary: fc.record(fields, { requiredKeys: required }) },
    { weight: 1, arbitrary: fc.record({ ...fields, stranger: anyValue }, { requiredKeys: [] }) },
  );
}

test.each(buses.map((bus) => [bus.name, bus] as const))(
  'tableJsonSchema: the JSON Schema and the tool agree on %s rows',
  async (name, bus) => {
    const row = anyRow(bus);
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 2 }), async (rows) => {
        // Which words override_only may have is said elsewhere in the module object: no schema can follow that.
        fc.pre(
          rows.every(
            (r) => typeof r.override_only !== 'string' || r.override_only === 'vfio' || !/^[a-z]/.test(r.override_only),
          ),
        );
        const module = { module: 'a', tables: [{ bus: name, rows }] };
        const tool = await byTool(module);
        if (tool && rows.length > 0) accepted++;
        expect([tool, module]).toEqual([bySchema(module), module]);
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(0);
  },
);

test('tableJsonSchema: the JSON Schema and the tool agree on module objects of all sorts', async () => {
  const table = fc.record(
    { bus: fc.constantFrom<unknown>('pci', 'nope', 1), name: anyValue, rows: fc.constantFrom<unknown>([], {}, null) },
    { requiredKeys: [] },
  );
  const module = fc.record(
    {
      module: fc.oneof(fc.constantFrom('a', 'mlx5-core'), anyValue),
      version: fc.constantFrom<unknown>(1, 2, '1'),
      overridePrefixes: fc.oneof(
        fc.dictionary(fc.constantFrom('1', '0x2', 'x'), fc.constantFrom<unknown>('stub', 'A', 3)),
        anyValue,
      ),
      tables: fc.oneof(fc.array(table, { maxLength: 2 }), anyValue),
      aliases: fc.oneof(fc.array(anyValue, { maxLength: 2 }), anyValue),
      extra: anyValue,
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(module, async (json) => {
      expect([await byTool(json), json]).toEqual([bySchema(json), json]);
    }),
    { numRuns: many(750) },
  );
});
