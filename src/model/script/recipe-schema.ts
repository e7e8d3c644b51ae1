import * as v from 'valibot';
import { noOthers, strictObject } from '../../packaging/checked-json.ts';

const text = v.string('a text');
const word = v.pipe(v.string('a name'), v.regex(/^[^/\0\s]+$/, 'a name without blanks and slashes'));
/** Relative to the root of sysfs, as the model has paths. */
const path = v.pipe(
  v.string('a path'),
  v.regex(
    /^(?:bus|devices|kernel|module|class)\/[^\0]+$/,
    'a path below the root of sysfs, such as bus/pci/drivers_probe',
  ),
);
const mayFail = v.optional(v.boolean('true or false'));

/** A variant takes plain objects only, so strictObject's pipe is of no use here. */
const event = <const K extends string, const E extends v.ObjectEntries>(kind: K, entries: E) => {
  const members = { kind: v.literal(kind), ...entries, mayFail };
  return v.objectWithRest(members, noOthers(members));
};

/** The schema of each kind of event: those of the model, and a look at where a device is. */
const EVENTS = {
  write: event('write', { path, data: text }),
  load: event('load', {
    module: word,
    ids: v.optional(text),
    parameters: v.optional(v.record(word, v.nullable(text), 'an object of parameters')),
    alone: mayFail,
  }),
  unload: event('unload', { module: word, alone: mayFail }),
  plug: event('plug', { bus: word, device: word }),
  unplug: event('unplug', { bus: word, device: word }),
  open: event('open', { group: word, by: text }),
  setContainer: event('setContainer', { group: word }),
  setIommu: event('setIommu', { group: word }),
  getDevice: event('getDevice', { group: word, device: word }),
  close: event('close', { group: word }),
  openCdev: event('openCdev', { device: word, by: text }),
  bindIommufd: event('bindIommufd', { device: word, by: text }),
  closeCdev: event('closeCdev', { device: word, by: text }),
  expect: event('expect', {
    device: word,
    driver: v.nullable(word),
    retryFrom: v.optional(
      v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(0, 'the index of an event')),
    ),
    times: v.optional(
      v.pipe(v.number('a number'), v.integer('a whole number'), v.minValue(1, '1 to 10'), v.maxValue(10, '1 to 10')),
    ),
  }),
} as const;

const KINDS = Object.keys(EVENTS) as (keyof typeof EVENTS)[];

/** What a recipe is checked with; the JSON Schema of the package is made of it. */
export const recipeSchema = strictObject(
  {
    $schema: v.optional(text),
    version: v.literal(1, '1, the version of the format that is known here'),
    name: v.optional(text),
    events: v.array(
      v.variant('kind', Object.values(EVENTS) as never, `an event, whose kind is one of ${KINDS.join(', ')}`),
      'an array of events',
    ),
  },
  'a recipe {version, name, events}',
);
