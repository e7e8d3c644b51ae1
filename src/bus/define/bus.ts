import type { Abi } from '../../binary/abi.ts';
import type { CValue, StructSpec, StructValue } from '../../binary/ctype.ts';
import { layoutOf } from '../../binary/layout.ts';
import { NEWEST_RELEASE, type Release } from '../../release.ts';
import { always, atRelease, type ByRelease, history } from '../../release-history.ts';
import type { AliasWriter } from './alias-writer.ts';
import { type Form, formOf } from './forms.ts';

declare const complete: unique symbol;

/**
 * One row of an id table as plain data: every field that the bus reads, by its C name. A row of a JSON id table is not
 * one, as it may leave fields out and spell numbers as text: `completeRow` makes one from it.
 */
export type Row = Readonly<Record<string, CValue>> & { readonly [complete]: true };

/** Values of fields by their C names. @internal */
export type Fields = Readonly<Record<string, CValue>>;

/** An id table of a module. */
export interface IdTable {
  readonly bus: Bus;
  /** The C array's name; `#0` and so on if a JSON table has none. */
  readonly name: string;
  /** The terminator excluded. */
  readonly rows: readonly Row[];
}

/** How the drivers of a bus come to be. @internal */
export interface DriverSpec {
  /** Functions that register drivers, as modules import them, library modules' ones too. */
  readonly register: readonly string[];
  /** Other functions by which a library module registers drivers for its users. */
  readonly onBehalf?: readonly string[];
  /** Other types whose tables or aliases serve such a driver as well; `any` where whatever alias the module has may. */
  readonly servedBy?: readonly string[] | 'any';
  /** Functions that make devices: a module that calls one may mean its own. */
  readonly make?: readonly string[];
}

/** What a bus's file says; `defineBus` turns it into a `Bus`. S is the struct as declared. @internal */
export interface BusSpec<S extends StructSpec> {
  /** The C struct's fields in order, by name (include/linux/mod_devicetable.h, include/linux/device-id/ from 7.x). */
  readonly struct: S;
  /**
   * First release whose file2alias.c knows the type, and before it the point at which an older series backported the
   * type; the oldest known where omitted.
   */
  readonly since?: string | readonly string[];
  /** Values that mean any: such a field may be left out of a JSON row and is printed as `*`. */
  readonly any?: Partial<StructValue<S>>;
  /** Values of fields that may be left out of a JSON row, without meaning any. */
  readonly optional?: Partial<StructValue<S>>;
  /** Values of left-out fields where another field is given: pci's class_mask, where there is a class. */
  readonly implied?: Readonly<Record<string, { readonly by: string; readonly value: number }>>;
  /** Sets of fields, one of which a JSON row must have in full; otherwise the fields in them are optional. */
  readonly oneOf?: readonly (readonly string[])[];
  /** The field that says which others count, and the bits for each. An array has a bit for each element. */
  readonly flags?: {
    readonly field: string;
    readonly bits: Readonly<Record<string, number | readonly number[]>>;
  };
  /** JSON forms other than the ones that follow from the C types. */
  readonly forms?: Readonly<Record<string, Form>>;
  /** Limit in characters on an alias: modpost's buffer. */
  readonly longest?: ByRelease<number>;
  /** Fields that are all zero in the row at which the kernel's search of a table ends; absent where not known. */
  readonly endsAt?: readonly string[];
  /** How drivers of this type are registered; absent where none of this type are, or none is known to be. */
  readonly drivers?: DriverSpec;
  /** Writes the row's aliases, in order. */
  readonly alias: (row: StructValue<S>, add: AliasWriter) => void;
}

/** A field of a JSON row. */
export interface RowField {
  /** The field's C name. */
  readonly name: string;
  /** Whether every JSON row must carry it. */
  readonly required: boolean;
  /**
   * Value of the row if the JSON row leaves the field out, unless another field implies one (pci's class its
   * class_mask).
   */
  readonly value: CValue;
  /** How it looks in JSON. @internal */
  readonly form: Form;
  /** Match-flag bits that the field's presence sets. @internal */
  readonly flag: number | readonly number[];
}

/** How `AliasText.field` prints a number. @internal */
export interface PrintedField {
  /** Hexadecimal digits: two a byte of its C type (file2alias.c:ADD). */
  readonly digits: number;
  /** The match flag without which it is `*`; 0 if its value alone decides. */
  readonly flag: number;
  /** The value that is printed as `*`, if any. */
  readonly any: CValue | undefined;
}

/** A device-table type: what a row looks like in memory and in JSON, and which aliases it makes. */
export interface Bus {
  /** The kernel's name of the type, as in MODULE_DEVICE_TABLE(name, table). */
  readonly name: string;
  /**
   * The first releases whose modpost makes aliases of the type, oldest first: one for each series that backported it,
   * if any.
   */
  readonly since: ByRelease<true>;
  /** Fields of a JSON row, in C order. */
  readonly fields: readonly RowField[];
  /** @internal */
  readonly struct: StructSpec;
  /** The number fields that an alias may print, by name. @internal */
  readonly printed: ReadonlyMap<string, PrintedField>;
  /** Fields of the struct that no alias depends on: not read, not in JSON rows. @internal */
  readonly unreadFields: readonly string[];
  /** Values that mean any, by field. @internal */
  readonly any: Fields;
  /** @internal */
  readonly implied: NonNullable<BusSpec<StructSpec>['implied']>;
  /** @internal */
  readonly oneOf: readonly (readonly string[])[];
  /** The match-flags field's name and bits, where the bus has one. @internal */
  readonly flags: BusSpec<StructSpec>['flags'];
  /** @internal */
  readonly longest: ByRelease<number>;
  /** @internal */
  readonly endsAt: readonly string[] | undefined;
  /** @internal */
  readonly drivers: DriverSpec | undefined;
  /** @internal */
  readonly alias: (row: Row, add: AliasWriter) => void;
}

/** `char alias[ALIAS_SIZE]` with ALIAS_SIZE 500, one of them the NUL (file2alias.c:do_table). */
const ALIAS_SIZE = always(499);

const LP64: Abi = { littleEndian: true, wordSize: 8, maxAlign: 8 };

/** Makes a bus of its file's data. @internal */
export function defineBus<const S extends StructSpec>(name: string, spec: BusSpec<S>): Bus {
  const optional = { ...(spec.any as Fields), ...(spec.optional as Fields) };
  const roomy = layoutOf(spec.struct, LP64, NEWEST_RELEASE);
  const roomOf = (name: string) => roomy.fields.find((field) => field.name === name)?.room ?? 0;
  const either = new Set(spec.oneOf?.flat());
  const types = Object.entries(spec.struct).map(([field, type]) => [field, newestType(type)] as const);
  const fields = types
    .filter(([, type]) => type.kind !== 'unread')
    .map(([field, type]): RowField => {
      const form = spec.forms?.[field] ?? formOf(type, roomOf(field));
      const flag = spec.flags?.bits[field] ?? 0;
      const free = field in optional || either.has(field) || flag !== 0 || field === spec.flags?.field;
      return { name: field, form, required: !free, value: optional[field] ?? form.zero, flag };
    });
  return {
    name,
    since:
      spec.since === undefined ? always(true) : history(Object.fromEntries([spec.since].flat().map((r) => [r, true]))),
    struct: spec.struct,
    fields,
    printed: new Map(
      types.flatMap(([field, type]) => {
        const flag = spec.flags?.bits[field];
        const any = (spec.any as Fields | undefined)?.[field];
        return type.kind === 'int'
          ? [[field, { digits: type.bytes * 2, flag: typeof flag === 'number' ? flag : 0, any }]]
          : [];
      }),
    ),
    unreadFields: types.filter(([, type]) => type.kind === 'unread').map(([field]) => field),
    any: (spec.any ?? {}) as Fields,
    implied: spec.implied ?? {},
    oneOf: spec.oneOf ?? [],
    flags: spec.flags,
    longest: spec.longest ?? ALIAS_SIZE,
    endsAt: spec.endsAt,
    drivers: spec.drivers,
    alias: spec.alias as Bus['alias'],
  };
}

/** Whether a release's modpost makes aliases of a type. */
export function isKnown(bus: Bus, release: Release): boolean {
  return atRelease(bus.since, release) ?? false;
}

function newestType(field: StructSpec[string]) {
  if ('kind' in field) return field;
  const newest = field.findLast(([, type]) => type !== null)?.[1];
  if (!newest) throw new RangeError('a field without any type');
  return newest;
}
