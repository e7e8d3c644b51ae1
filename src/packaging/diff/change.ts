import type { ChangeClass } from '../change-classes.ts';

/** What became of the devices of one pattern. */
export interface Change {
  readonly class: ChangeClass;
  /** What became of the part that is narrowed or widened. */
  readonly becomes?: ChangeClass;
  /** Null where the pattern names no device. */
  readonly bus: string | null;
  /** Normalised as the index holds it, latin1. */
  readonly pattern: string;
  /** A modalias that shows the change. */
  readonly example: string;
  /** libkmod's answers to the example: modules in its order, each once. */
  readonly old: readonly string[];
  readonly new: readonly string[];
  /** The patterns by which others serve the example now (or did), or by which the module still serves a part. */
  readonly by: readonly string[];
  /** Of the devices that were asked for, those that it concerns. */
  readonly devices?: readonly string[];
  /** The same, where it depends on fields that are not known: the tags of these. */
  readonly depends?: readonly { readonly modalias: string; readonly unknown: readonly string[] }[];
  /** The modules whose change this is, by their names on the side that has the pattern. */
  readonly modules: readonly string[];
  /** The packages that serve the example: null where it is not served from one, or none is known. */
  readonly package: { readonly old: string | null; readonly new: string | null };
  /** The rows of id tables that make the pattern, where the inputs have them and they were asked for. */
  readonly rows: readonly RowOrigin[];
}

/** A row of an id table. */
export interface RowOrigin {
  readonly side: 'old' | 'new';
  /** The module file, or the file of JSON id tables. */
  readonly file: string;
  readonly module: string;
  readonly table: string;
  /** Its index in the table, the first is 0. */
  readonly row: number;
}

/** A question about a pair that could not be settled. */
export interface Undecided {
  readonly side: 'old' | 'new';
  readonly pattern: string;
  readonly module: string;
}
