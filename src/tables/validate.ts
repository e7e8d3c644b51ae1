import * as v from 'valibot';
import { buses, busNamed } from '../bus/buses.ts';
import type { Bus, Row } from '../bus/define/bus.ts';
import { completeRow, type JsonRow } from '../bus/define/json-row.ts';
import { parseNumber } from '../bus/define/number.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import { knownRelease, NEWEST_RELEASE, type Release } from '../release.ts';
import { moduleFrame, rowSchemaOf, tableFrame } from './module-schema.ts';
import type { IdTable, ModuleTables } from './module-tables.ts';
import { UNKNOWN_MEMBER } from './row-schema.ts';
import { toPointer } from './syntax.ts';

/** Where problems are collected. Pointers begin at the module object. */
export interface ProblemSink {
  readonly full: boolean;
  add(problem: Omit<Diagnostic, 'file' | 'line'> & { readonly pointer: string }): void;
}

type Path = readonly (string | number)[];

/**
 * The module object that a parsed JSON value is, everything filled in; undefined if there were errors. All problems go to the
 * sink, not just the first. `release` overrides the object's own `kernel`.
 */
export function validateModule(
  value: unknown,
  release: Release | undefined,
  sink: ProblemSink,
): ModuleTables | undefined {
  let failed = false;
  const errors: ProblemSink = {
    get full() {
      return sink.full;
    },
    add: (problem) => {
      failed ||= problem.severity === 'error';
      sink.add(problem);
    },
  };
  check(moduleFrame, value, [], errors);
  const object = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(object.overridePrefixes)) refuseArray(['overridePrefixes'], errors);
  const module = typeof object.module === 'string' ? object.module : '';
  const rules = release ?? releaseOf(object.kernel, errors);
  const prefixes = overridePrefixesOf(object.overridePrefixes, errors);
  const tables: IdTable[] = [];
  for (const [i, table] of arrayOf(object.tables).entries()) {
    if (errors.full) break;
    const read = readTable(table, ['tables', i], { release: rules, overridePrefixes: prefixes }, errors);
    if (read) tables.push(read);
  }
  if (failed) return undefined;
  return { module, release: rules, overridePrefixes: prefixes, tables, aliases: arrayOf(object.aliases) as string[] };
}

function readTable(
  value: unknown,
  path: Path,
  options: { release: Release; overridePrefixes: ReadonlyMap<number, string> },
  sink: ProblemSink,
): IdTable | undefined {
  check(tableFrame, value, path, sink);
  const table = (value ?? {}) as Record<string, unknown>;
  const bus = typeof table.bus === 'string' ? busNamed(table.bus) : undefined;
  if (!bus) return undefined;
  const schema = rowSchemaOf(bus);
  const rows: Row[] = [];
  for (const [i, row] of arrayOf(table.rows).entries()) {
    if (sink.full) break;
    const at = [...path, 'rows', i];
    if (!check(schema, row, at, sink, bus)) continue;
    try {
      rows.push(completeRow(bus, row as JsonRow, options));
    } catch (error) {
      if (!(error instanceof ModaliasError)) throw error;
      for (const p of error.problems) sink.add({ ...p, pointer: toPointer(at) + (p.pointer ?? '') });
    }
  }
  return { bus, name: typeof table.name === 'string' ? table.name : `#${path.at(-1)}`, rows };
}

/** Members that valibot passes over, lest they change an object's prototype. */
const HIDDEN_MEMBERS = ['__proto__', 'prototype', 'constructor'];

/** Runs a schema; the answer is whether the value is sound. */
function check(schema: v.GenericSchema, value: unknown, at: Path, sink: ProblemSink, bus?: Bus): boolean {
  if (Array.isArray(value)) return refuseArray(at, sink);
  const hidden = HIDDEN_MEMBERS.filter((name) => Object.hasOwn(Object(value), name));
  for (const name of hidden) {
    sink.add({
      code: 'unknown-field',
      severity: 'error',
      pointer: toPointer([...at, name]),
      message: `found an unknown field '${name}'`,
    });
  }
  const result = v.safeParse(schema, value);
  if (result.success) return hidden.length === 0;
  const seen = new Set<string>();
  for (const issue of result.issues) {
    const problem = describe(issue, at, bus);
    const key = `${problem.pointer} ${problem.code}`;
    if (!seen.has(key)) sink.add({ ...problem, severity: 'error' });
    seen.add(key);
  }
  return false;
}

/** To valibot an array is an object without the members that are wanted. */
function refuseArray(at: Path, sink: ProblemSink): false {
  const message = 'found an array, wanted an object';
  sink.add({ code: 'bad-value', severity: 'error', pointer: toPointer(at), message });
  return false;
}

function describe(issue: v.BaseIssue<unknown>, at: Path, bus: Bus | undefined) {
  const keys = issue.path?.map((item) => item.key as string | number) ?? [];
  const pointer = toPointer([...at, ...keys]);
  const name = String(keys.at(-1));
  if (issue.message === UNKNOWN_MEMBER) {
    const known = knownFields(issue, at, bus);
    if (bus?.unreadFields.includes(name)) {
      return { code: 'unknown-field', pointer, message: `found '${name}', on which no alias depends; leave it out` };
    }
    const message = `found an unknown field '${name}', wanted ${known.join(', ')}${didYouMean(name, known)}`;
    return { code: 'unknown-field', pointer, message };
  }
  if (issue.kind === 'schema' && issue.path?.at(-1)?.origin === 'key' && issue.input === undefined) {
    const message = `'${name}' is missing; wanted it here${bus ? `: no value of it means any in a ${bus.name} row` : ''}`;
    return { code: 'missing-field', pointer: toPointer([...at, ...keys.slice(0, -1)]), message };
  }
  if (name === 'bus' && typeof issue.input === 'string') {
    const message = `found ${found(issue.input)}, wanted ${issue.message}${didYouMean(
      issue.input,
      buses.map((b) => b.name),
    )}`;
    return { code: 'unknown-bus', pointer, message };
  }
  return { code: 'bad-value', pointer, message: `found ${found(issue.input)}, wanted ${issue.message}` };
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
  // JSON has no infinity: 1e999 would be told as null.
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? 'nothing';
  return typeof value === 'string' && value.length > 60 ? `${text.slice(0, -1)}..."` : text;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Prefixes by flag. A flag that is written in two ways ("2", "0x2") is reported. */
function overridePrefixesOf(value: unknown, sink: ProblemSink): ReadonlyMap<number, string> {
  const prefixes = new Map<number, string>();
  for (const [text, word] of typeof value === 'object' && value !== null ? Object.entries(value) : []) {
    const flag = parseNumber(text);
    if (flag === undefined) continue;
    if (prefixes.has(flag)) {
      const message = `found a second prefix for flag ${flag}, wanted one`;
      sink.add({ code: 'bad-value', severity: 'error', pointer: toPointer(['overridePrefixes', text]), message });
    }
    prefixes.set(flag, String(word));
  }
  return prefixes;
}

/** The release that an object's `kernel` names; the newest known where it names none. */
function releaseOf(kernel: unknown, sink: ProblemSink): Release {
  if (typeof kernel !== 'string') return NEWEST_RELEASE;
  try {
    return knownRelease(kernel, (message) =>
      sink.add({ code: 'newer-release', severity: 'warning', pointer: '/kernel', message }),
    );
  } catch (error) {
    if (!(error instanceof ModaliasError)) throw error;
    sink.add({ ...error.problems[0]!, pointer: '/kernel' });
    return NEWEST_RELEASE;
  }
}
