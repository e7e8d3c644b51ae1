import { toJsonSchema } from '@valibot/to-json-schema';
import { buses } from '../src/bus/buses.ts';
import { machineSchema } from '../src/model/machines/read-description.ts';
import { recipeSchema } from '../src/model/script/recipe-schema.ts';
import { GENERAL_RULES, lintConfigSchema, SCOPES } from '../src/packaging/lint/config/config-schema.ts';
import { FORMAT_VERSION, rowSchemaOf, wholeModuleSchema } from '../src/tables/module-schema.ts';
import { plainNumbers } from '../src/tables/row-schema.ts';

/** The JSON Schema (draft 2020-12) of the JSON id-table format, made from the schemas that the tool validates with. */
export function tableJsonSchema(): Record<string, unknown> {
  const definitions: Record<string, never> = {
    module: wholeModuleSchema() as never,
    ...(Object.fromEntries([...plainNumbers].map(([max, schema]) => [`upTo0x${max.toString(16)}`, schema])) as Record<
      string,
      never
    >),
    ...(Object.fromEntries(buses.map((bus) => [`${bus.name}Row`, rowSchemaOf(bus)])) as Record<string, never>),
  };
  const { $defs } = toJsonSchema(definitions.module!, {
    target: 'draft-2020-12',
    definitions,
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if (valibotAction.type === 'check') return jsonSchema;
      if (valibotAction.type !== 'metadata') return undefined;
      const { needsOneOf, ...rest } = jsonSchema as { needsOneOf: readonly (readonly string[])[] };
      return { ...rest, anyOf: needsOneOf.map((required) => ({ required: [...required] })) };
    },
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'never' ? (false as never) : undefined),
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'modalias id tables',
    description:
      'Device id tables of one kernel module, or of several in an array. In NDJSON files each line is one module.',
    version: FORMAT_VERSION,
    oneOf: [{ $ref: '#/$defs/module' }, { type: 'array', items: { $ref: '#/$defs/module' } }],
    $defs,
  };
}

/** The JSON Schema (draft 2020-12) of the recipes that modalias model runs, made from what the tool validates with. */
export function recipeJsonSchema(): Record<string, unknown> {
  return checkedJsonSchema(
    recipeSchema,
    'modalias recipe',
    'What a process does to the kernel, one event after the other.',
  );
}

/** The JSON Schema (draft 2020-12) of what modalias vfio record writes. */
export function machineJsonSchema(): Record<string, unknown> {
  return checkedJsonSchema(machineSchema, 'modalias machine', 'A machine as modalias vfio record writes it.');
}

function checkedJsonSchema(
  from: Parameters<typeof toJsonSchema>[0],
  title: string,
  description: string,
): Record<string, unknown> {
  const { $schema, ...schema } = toJsonSchema(from, {
    target: 'draft-2020-12',
    typeMode: 'output',
    // What a custom check asks is in the schema of the object that follows it.
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === 'custom') return {};
      return valibotSchema.type === 'never' ? (false as never) : jsonSchema;
    },
  });
  return { $schema, title, description, ...schema };
}

/** The JSON Schema (draft 2020-12) of modalias.config.json, made from the schema that the tool validates with. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema: _, ...schema } = toJsonSchema(lintConfigSchema, {
    target: 'draft-2020-12',
    typeMode: 'output',
    // What it asks is in the schema of the object that follows it.
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === 'custom') return {};
      return valibotSchema.type === 'never' ? (false as never) : jsonSchema;
    },
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if (valibotAction.type !== 'check') return undefined;
      const none = Object.fromEntries(SCOPES.map((name) => [name, false as const]));
      const general = { properties: { rule: { enum: [...GENERAL_RULES] } } };
      return { ...jsonSchema, anyOf: [{ not: general }, { properties: none }] };
    },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'modalias.config.json',
    description:
      'Rules of modalias lint that are switched off or graded otherwise. Of entries that fit the last one holds.',
    ...schema,
  };
}
