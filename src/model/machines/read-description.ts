import * as v from 'valibot';
import { needText } from '../../arguments.ts';
import { parseChecked, strictObject } from '../../packaging/checked-json.ts';
import type { MachineDescription } from './description.ts';

/** An object with these keys and values; to valibot an array is a record, too. */
const recordOf = <K extends v.GenericSchema<string, string>, V extends v.GenericSchema>(
  key: K,
  value: V,
  expected: string,
) =>
  v.pipe(
    v.custom<Record<string, unknown>>(
      (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
      expected,
    ),
    v.record(key, value, expected),
  );

const text = v.string('a text');
const texts = v.optional(recordOf(text, text, 'an object of texts'));
/** No name of a device, driver or module leads to another directory. */
const name = v.pipe(v.string('a name'), v.regex(/^[^/\0]+$/, 'a name without a slash'));
const path = v.pipe(
  v.string('a path'),
  v.regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0]+$/, 'a path below /sys/devices, without ..'),
);
const names = v.array(name, 'an array of names');
const hex = v.optional(
  v.pipe(
    v.string('a number as text, such as "0x8086"'),
    v.regex(/^(?:0x[0-9a-fA-F]{1,16}|0)$/, 'a number as text, such as "0x8086"'),
  ),
);

const device = strictObject(
  {
    path,
    bus: v.pipe(text, v.regex(/^(?:class\/)?[\w.-]+$/, 'the name of a bus, or class/NAME')),
    driver: v.optional(name),
    group: v.optional(name),
    attributes: texts,
  },
  'an object {path, bus, driver, group, attributes}',
);

const group = strictObject(
  { type: v.optional(text), name: v.optional(text), reserved: v.optional(v.array(text, 'an array of lines')) },
  'an object {type, name, reserved}',
);

const row = strictObject(
  {
    vendor: hex,
    device: hex,
    subvendor: hex,
    subdevice: hex,
    class: hex,
    class_mask: hex,
    driver_data: hex,
    override_only: hex,
  },
  'an object with the fields of pci_device_id',
);

/** What a machine is checked with; the JSON Schema of the package is made of it. */
export const machineSchema = strictObject(
  {
    $schema: v.optional(text),
    version: v.literal(1, '1, the version of the format that is known here'),
    name: text,
    release: text,
    cmdline: v.optional(text),
    devices: v.array(device, 'an array of devices'),
    drivers: recordOf(name, recordOf(name, v.nullable(name), 'an object'), 'an object'),
    groups: v.optional(recordOf(name, group, 'an object of groups')),
    modules: v.optional(recordOf(name, recordOf(name, text, 'an object of parameters'), 'an object of modules')),
    builtIn: v.optional(names),
    loadable: v.optional(
      recordOf(
        name,
        strictObject(
          { drivers: v.optional(recordOf(name, names, 'an object')), depends: v.optional(names) },
          'an object {drivers, depends}',
        ),
        'an object of modules',
      ),
    ),
    aliases: v.optional(recordOf(text, names, 'an object of lists')),
    ids: v.optional(recordOf(name, recordOf(name, v.array(row, 'an array of rows'), 'an object'), 'an object')),
    sysfs: texts,
    proc: texts,
    sysfsLinks: texts,
    procLinks: texts,
  },
  'a machine as modalias vfio record writes it',
);

/** Reads what `modalias vfio record` writes. Throws a `ModaliasError` with all problems, each with its JSON pointer. */
export function parseMachine(json: string, file: string): MachineDescription {
  needText('json', json);
  needText('file', file);
  return parseChecked(json, file, machineSchema) as unknown as MachineDescription;
}
