import * as v from 'valibot';
import { needList, needText } from '../../arguments.ts';
import { type Diagnostic, ModaliasError } from '../../errors.ts';
import { findTextProblems, toPointer } from '../../tables/syntax.ts';

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

const UNKNOWN = 'unknown member';
const WORD = 'a text that is not empty';
const DATE = 'a day such as "2027-01-31"';
const MATCH = `an object with at least one of ${MATCH_MEMBERS.join(', ')}`;

const word = v.optional(v.pipe(v.string(WORD), v.minLength(1, WORD)));
const strict = (entries: v.ObjectEntries, expected: string) =>
  v.pipe(
    v.custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      expected,
    ),
    v.objectWithRest(entries, v.never(UNKNOWN)),
  );

const schema = strict(
  {
    version: v.literal(1, '1, the version of the format that is known here'),
    accepted: v.array(
      strict(
        {
          match: v.pipe(
            strict(Object.fromEntries(MATCH_MEMBERS.map((name) => [name, word])), MATCH),
            v.check((match) => Object.keys(match).length > 0, MATCH),
          ),
          reason: v.pipe(v.string(WORD), v.regex(/\S/, 'the reason why this is accepted')),
          until: v.optional(v.pipe(v.string(DATE), v.check(isDay, DATE))),
        },
        'an object {match, reason, until}',
      ),
      'an array of entries {match, reason, until}',
    ),
  },
  'an object {version, accepted}',
);

/** Whether a text is a day of the calendar as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Limit on the problems reported for one file. */
const MOST_PROBLEMS = 100;

/** Reads the text of a baseline. Throws a `ModaliasError` with all problems, each with its JSON pointer. */
export function parseBaseline(text: string, file: string): Baseline {
  needText('text', text);
  needText('file', file);
  const problems: Diagnostic[] = findTextProblems(text, MOST_PROBLEMS).map(({ code, message, pointer }) => ({
    code,
    severity: 'error',
    message,
    pointer,
    file,
  }));
  if (problems.length === 0) {
    const result = v.safeParse(schema, JSON.parse(text));
    if (result.success) return { file, accepted: (result.output as unknown as Baseline).accepted };
    for (const issue of result.issues.slice(0, MOST_PROBLEMS))
      problems.push({ ...problemOf(issue), severity: 'error', file });
  }
  const [first] = problems as [Diagnostic];
  throw new ModaliasError(first.code, first.message, first, { problems });
}

function problemOf(
  issue: v.BaseIssue<unknown>,
): Pick<Diagnostic, 'code' | 'message' | 'pointer'> & { message: string } {
  const keys = issue.path?.map(({ key }) => key as string | number) ?? [];
  const name = keys.at(-1);
  const missing = issue.path?.at(-1)?.origin === 'key' && issue.input === undefined;
  if (missing)
    return {
      code: 'missing-field',
      pointer: toPointer(keys.slice(0, -1)),
      message: `'${name}' is missing; expected it here`,
    };
  const pointer = toPointer(keys);
  if (issue.message === UNKNOWN)
    return { code: 'unknown-field', pointer, message: `found an unknown member '${name}'` };
  const isObject = typeof issue.input === 'object' && issue.input !== null;
  const found = Array.isArray(issue.input) ? 'an array' : isObject ? 'an object' : JSON.stringify(issue.input);
  return { code: 'bad-value', pointer, message: `found ${found}, expected ${issue.message}` };
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
