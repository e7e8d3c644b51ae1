import { DEVICE_FORMATS, NAME_DEVICES } from '../../../bus/buses.ts';
import { parseFields } from '../../../match/fields.ts';
import { normalizeAlias } from '../../../pattern/normalize.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

/** HID has a driver for every device that no other one serves, hid-generic, which is meant to be loaded. */
const WITH_GENERIC_DRIVER = 'hid';

/** What such an alias looks like: stars, and the names of fields: small letters, colons, N, T, C, and 16z of mcb. */
const OPEN = /^[^:]*:(?:16z)?[^0-9ABD-MO-SU-Z]*\*[^0-9ABD-MO-SU-Z]*$/;

/** A pattern that has nothing but stars after the colon, or at all; not `vfio_pci:*`. */
const STARS = /^(?:([a-z0-9_-]+)\*?:)?\*+$/;

/** A line that an alias of either kind has, and few others do: after the colon nothing but such names. */
const OPEN_LINE = /^(?:[^:\n]*:(?:16z)?)?[^0-9ABD-MO-SU-Z\n]*$/m;

const BUSES: ReadonlySet<string> = new Set([...DEVICE_FORMATS.map(({ bus }) => bus), ...NAME_DEVICES]);

export const claimsEverything: LintRule = {
  severity: 'error',
  what: 'an alias matches every device of a bus',
  why: 'A row without any id, or one whose fields all mean any, makes an alias that matches every device of the bus: every machine that has one loads the module. Stubs that bind only by driver_override say so with override_only.',
  fix: 'Give the row an id or a class, set override_only, or remove it: drivers that get their ids at run time need no row.',
  fires: aliasLines('pci:v*d*sv*sd*bc*sc*i* acme_stub'),
  silent: aliasLines(
    'vfio_pci:v*d*sv*sd*bc*sc*i* acme_stub',
    'pci:v*d*sv*sd*bc02sc*i* acme_net',
    'hid:b*g*v*p* hid_acme',
  ),
  mentions: OPEN_LINE,
  alias(text) {
    const stars = STARS.exec(text);
    const claimed = stars ? beginningWith(stars[1]) : everyDevice(text);
    return claimed && `the alias matches every ${claimed}: each of them loads the module`;
  },
};

/** A field that is open; ACPI's list of ids, which are never none, ends in a colon. */
const ALL_STARS = /^\*+(?::\**)?$/;

/** The devices of a pattern whose fields are all stars. */
function everyDevice(alias: string): string | undefined {
  const parsed = OPEN.test(alias) ? parseFields(normalizeAlias(alias) ?? '') : undefined;
  if (parsed?.prefix !== '' || parsed.format.bus === WITH_GENERIC_DRIVER) return undefined;
  return parsed.values.every((value) => ALL_STARS.test(value)) ? parsed.format.title : undefined;
}

/** The devices of a pattern with only stars after this word and its colon, or at all. */
function beginningWith(word: string | undefined): string | undefined {
  if (word === undefined) return 'device';
  return word !== WITH_GENERIC_DRIVER && BUSES.has(word) ? `device whose modalias begins with '${word}:'` : undefined;
}
