import * as v from 'valibot';
import { needText } from '../../arguments.ts';
import { parseChecked, strictObject } from '../../packaging/checked-json.ts';
import type { MachineDescription } from './description.ts';

const text = v.string('a text');
const texts = v.optional(v.record(text, text, 'an object of texts'));
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
    v.regex(/^(?:0x[0-9a-f]{1,16}|0)$/i, 'a number as text, such as "0x8086"'),
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
    drivers: v.record(name, v.record(name, v.nullable(name), 'an object'), 'an object'),
    groups: v.optional(v.record(name, group, 'an object of groups')),
    modules: v.optional(v.record(name, v.record(name, text, 'an object of parameters'), 'an object of modules')),
    loadable: v.optional(
      v.record(
        name,
        strictObject(
          { drivers: v.optional(v.record(name, names, 'an object')), depends: v.optional(names) },
          'an object {drivers, depends}',
        ),
        'an object of modules',
      ),
    ),
    aliases: v.optional(v.record(text, names, 'an object of lists')),
    ids: v.optional(v.record(name, v.record(name, v.array(row, 'an array of rows'), 'an object'), 'an object')),
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
