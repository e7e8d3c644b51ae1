import * as v from 'valibot';
import { buses } from '../bus/buses.ts';
import type { Bus } from '../bus/define/bus.ts';
import type { Code } from '../codes.ts';
import type { Diagnostic } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { hiddenMembers } from './hidden-members.ts';
import { UNKNOWN_MEMBER } from './row-schema.ts';
import { type Path, toPointer } from './syntax.ts';

/** Where problems are collected. Pointers begin at the module object. */
export interface ProblemSink {
  readonly full: boolean;
  add(problem: Omit<Diagnostic, 'file' | 'line'> & { readonly pointer: string }): void;
}

/** Members whose contents are checked by themselves. */
const CHECKED_LATER = ['tables', 'rows'];

/** Runs a schema; returns whether the value is valid. Every problem goes to the sink. `bus` for rows. */
export function checkValue(schema: v.GenericSchema, value: unknown, at: Path, sink: ProblemSink, bus?: Bus): boolean {
  if (Array.isArray(value)) return refuseArray(at, sink);
  const hidden = hiddenMembers(value, at, CHECKED_LATER);
  for (const path of hidden) {
    sink.add({
      code: 'unknown-field',
      severity: 'error',
      pointer: toPointer(path),
      message: `found an unknown field '${path.at(-1)}'`,
    });
  }
  const result = v.safeParse(schema, value);
  if (result.success) return hidden.length === 0;
  const seen = new Set<string>();
  for (const issue of result.issues) {
    const problem = describe(issue, at, bus);
    const key = `${problem.pointer} ${problem.message}`;
    if (!seen.has(key)) sink.add({ ...problem, severity: 'error' });
    seen.add(key);
  }
  return false;
}

/** To valibot an array is an object without the members that are expected. */
export function refuseArray(at: Path, sink: ProblemSink): false {
  const message = 'found an array, expected an object';
  sink.add({ code: 'bad-value', severity: 'error', pointer: toPointer(at), message });
  return false;
}

function describe(
  issue: v.BaseIssue<unknown>,
  at: Path,
  bus: Bus | undefined,
): { code: Code; pointer: string; message: string } {
  const keys = issue.path?.map((item) => item.key as string | number) ?? [];
  const pointer = toPointer([...at, ...keys]);
  const name = String(keys.at(-1));
  if (issue.message === UNKNOWN_MEMBER) {
    const known = knownFields(issue, at, bus);
    if (bus?.unreadFields.includes(name)) {
      return { code: 'unknown-field', pointer, message: `found '${name}', on which no alias depends; remove it` };
    }
    const message = `found an unknown field '${name}', expected ${known.join(', ')}${didYouMean(name, known)}`;
    return { code: 'unknown-field', pointer, message };
  }
  if (issue.kind === 'schema' && issue.path?.at(-1)?.origin === 'key' && issue.input === undefined) {
    const message = `'${name}' is missing; expected it here${bus ? `: no value of it means any in rows of ${bus.name}` : ''}`;
    return { code: 'missing-field', pointer: toPointer([...at, ...keys.slice(0, -1)]), message };
  }
  if (name === 'bus' && typeof issue.input === 'string') {
    const message = `found ${found(issue.input)}, expected ${issue.message}${didYouMean(
      issue.input,
      buses.map((b) => b.name),
    )}`;
    return { code: 'unknown-bus', pointer, message };
  }
  return { code: 'bad-value', pointer, message: `found ${found(issue.input)}, expected ${issue.message}` };
}

/** The fields of the object that an unknown one was found in: the other keys of the schema that complained. */
function knownFields(issue: v.BaseIssue<unknown>, at: Path, bus: Bus | undefined): string[] {
  if (issue.path!.length > 1) return ['slot', 'substr', 'exact_match'];
  if (bus) return bus.fields.map((field) => field.name);
  return at.length === 0 ? ['module', 'kernel', 'overridePrefixes', 'tables', 'aliases'] : ['bus', 'name', 'rows'];
}

function found(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  // JSON has no infinity: 1e999 would be shown as null.
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? 'nothing';
  return typeof value === 'string' && value.length > 60 ? `${text.slice(0, -1)}..."` : text;
}
