import * as v from 'valibot';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { hiddenMembers } from '../tables/hidden-members.ts';
import { LineCounter } from '../tables/problems.ts';
import { MAX_DEPTH } from '../tables/split.ts';
import { findPointers, findTextProblems, type Path, toPointer } from '../tables/syntax.ts';

/** What a schema says of a member that it does not have; the names of its own follow. */
const UNKNOWN = 'unknown member, expected ';

/** What an object may hold besides these members: nothing. */
export const noOthers = (entries: v.ObjectEntries) => v.never(UNKNOWN + Object.keys(entries).join(', '));

/** Limit on the problems reported for one file. */
const MOST_PROBLEMS = 100;

/** An object with these members and no others; `expected` says what it is. */
export const strictObject = <const E extends v.ObjectEntries>(entries: E, expected: string) =>
  v.pipe(
    v.custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      expected,
    ),
    v.objectWithRest(entries, noOthers(entries)),
  );

/**
 * The value of a JSON text, if it is as the schema says. Throws a `ModaliasError` with all problems, each with its line
 * and JSON pointer.
 */
export function parseChecked(text: string, file: string, schema: v.GenericSchema): unknown {
  const wrong = findTextProblems(text, MOST_PROBLEMS);
  const lines = new LineCounter(text, 1);
  const problems: Diagnostic[] = wrong.map(({ offset, ...one }) => ({
    severity: 'error',
    ...one,
    file,
    line: lines.at(offset),
  }));
  if (problems.length === 0) {
    const value = parsed(text, file);
    const hidden = hiddenMembers(value).map((path) => unknownMember(path));
    const result = v.safeParse(schema, value);
    if (result.success && hidden.length === 0) return result.output;
    const found = [...hidden, ...(result.issues ?? []).map(problemOf)].slice(0, MOST_PROBLEMS);
    const at = linesOf(text, new Set(found.map(({ pointer }) => pointer)));
    problems.push(
      ...found.map((one): Diagnostic => {
        const line = at.get(one.pointer);
        return { severity: 'error', ...one, file, ...(line === undefined ? {} : { line }) };
      }),
    );
  }
  const [first] = problems as [Diagnostic];
  throw new ModaliasError(first.code, first.message, first, { problems });
}

/** The value of a text in which nothing was found down to the depth that is looked at. Throws `too-deep`. */
function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ModaliasError('too-deep', `brackets are nested deeper than ${MAX_DEPTH} levels`, { file });
  }
}

/** The lines of a JSON text, the first is 1, that hold what the pointers name; unknown ones are left out. */
export function linesOf(text: string, pointers: ReadonlySet<string>): ReadonlyMap<string, number> {
  const lines = new LineCounter(text, 1);
  return new Map([...findPointers(text, pointers)].map(([pointer, offset]) => [pointer, lines.at(offset)]));
}

type Problem = Pick<Diagnostic, 'code' | 'message'> & { readonly pointer: string };

function unknownMember(path: Path, known: readonly string[] = []): Problem {
  const name = String(path.at(-1));
  const expected = known.length === 0 ? '' : `, expected ${known.join(', ')}${didYouMean(name, known)}`;
  return { code: 'unknown-field', pointer: toPointer(path), message: `found an unknown member '${name}'${expected}` };
}

function problemOf(issue: v.BaseIssue<unknown>): Problem {
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
  if (issue.message.startsWith(UNKNOWN)) return unknownMember(keys, issue.message.slice(UNKNOWN.length).split(', '));
  const isObject = typeof issue.input === 'object' && issue.input !== null;
  const found = Array.isArray(issue.input) ? 'an array' : isObject ? 'an object' : JSON.stringify(issue.input);
  return { code: 'bad-value', pointer, message: `found ${found}, expected ${issue.message}` };
}
