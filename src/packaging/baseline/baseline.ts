import * as v from 'valibot';
import { needList, needObject, needText, needTexts } from '../../arguments.ts';
import { didYouMean } from '../../nearest.ts';
import { ACCEPTABLE_CLASSES } from '../change-classes.ts';
import { parseChecked, strictObject } from '../checked-json.ts';

/** What identifies findings and changes: `rule` for findings, `class` for changes; all that is given must be equal. */
export interface BaselineMatch {
  readonly rule?: string | undefined;
  readonly class?: string | undefined;
  readonly bus?: string | undefined;
  readonly pattern?: string | undefined;
  /** Several modules of one change are joined by spaces. */
  readonly module?: string | undefined;
}

/** Findings or changes that are accepted, and why. */
export interface BaselineEntry {
  readonly match: BaselineMatch;
  readonly reason: string;
  /** The last day on which it holds (YYYY-MM-DD); it has no end if undefined. */
  readonly until?: string | undefined;
}

/** A list of accepted findings and changes, version 1. */
export interface Baseline {
  readonly file: string;
  readonly accepted: readonly BaselineEntry[];
}

/** The members of a match, in the order in which they are written. */
export const MATCH_MEMBERS = ['rule', 'class', 'bus', 'pattern', 'module'] as const;

const WORD = 'a text that is not empty';
const DATE = 'a day such as "2027-01-31"';
const MATCH = `an object with at least one of ${MATCH_MEMBERS.join(', ')}`;

const word = v.pipe(v.string(WORD), v.minLength(1, WORD));

/** One of these names; any other is refused with the one that was probably meant. */
const nameOf = (what: string, names: readonly string[]) =>
  v.picklist(names, ({ input }) => `${what}${typeof input === 'string' ? didYouMean(input, names) : ''}`);

const schemaOf = (rules: readonly string[] | undefined) => {
  const members = {
    rule: rules ? nameOf('a rule (modalias verify --help and modalias lint --help list them)', rules) : word,
    class: nameOf(`a class: ${ACCEPTABLE_CLASSES.join(', ')}`, ACCEPTABLE_CLASSES),
    bus: word,
    pattern: word,
    module: word,
  } satisfies Record<(typeof MATCH_MEMBERS)[number], unknown>;
  const match = v.pipe(
    strictObject(Object.fromEntries(MATCH_MEMBERS.map((name) => [name, v.optional(members[name])])), MATCH),
    v.check((given) => Object.keys(given).length > 0, MATCH),
    v.check(
      (given) => given.rule === undefined || given.class === undefined,
      'either a rule, for findings, or a class, for changes',
    ),
  );
  const entry = strictObject(
    {
      match,
      reason: v.pipe(v.string(WORD), v.regex(/\S/, 'the reason why this is accepted')),
      until: v.optional(v.pipe(v.string(DATE), v.check(isDay, DATE))),
    },
    'an object {match, reason, until}',
  );
  return strictObject(
    {
      version: v.literal(1, '1, the version of the format that is known here'),
      accepted: v.array(entry, 'an array of entries {match, reason, until}'),
    },
    'an object {version, accepted}',
  );
};

/** Whether a text is a day of the calendar as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

export interface ParseBaselineOptions {
  /** Every rule that an entry may name, of verify and of lint. Default: any. */
  readonly rules?: readonly string[] | undefined;
}

/**
 * Reads the text of a baseline. Throws a `ModaliasError` with all problems, each with its line and JSON pointer; an
 * unknown class is one, and an unknown rule where `rules` lists them.
 */
export function parseBaseline(text: string, file: string, options: ParseBaselineOptions = {}): Baseline {
  needText('text', text);
  needText('file', file);
  needObject('options', options);
  if (options.rules !== undefined) needTexts('options.rules', options.rules);
  return { file, accepted: (parseChecked(text, file, schemaOf(options.rules)) as Baseline).accepted };
}

/** The text of a baseline: an entry a line, so that it can be read and merged. */
export function formatBaseline(accepted: readonly BaselineEntry[]): string {
  needList('accepted', accepted, 'match', 'reason');
  const entries = accepted.map(
    ({ match, reason, until }) =>
      `\n    ${JSON.stringify({ match, reason, ...(until === undefined ? {} : { until }) })}`,
  );
  return `{\n  "version": 1,\n  "accepted": [${entries.join(',')}${entries.length > 0 ? '\n  ' : ''}]\n}\n`;
}
