/** A pattern and the module that carries it, on one side. */
export interface Pair {
  readonly pattern: string;
  /** Its name on this side. */
  readonly name: string;
  /** Its name with renames applied. */
  readonly module: string;
  readonly priority: number;
  readonly builtin: boolean;
  /** The pair of the same pattern and, renames applied, the same module on the other side, if there is one. */
  twin: Pair | undefined;
}

const OVERRIDE = /^[a-z0-9]+_(?=(?:pci|cdx):)/;

/** The pattern behind an override prefix, as `pci:..` of `vfio_pci:..`; undefined where there is no prefix. */
export function withoutOverride(pattern: string): string | undefined {
  const prefix = OVERRIDE.exec(pattern)?.[0];
  return prefix === undefined ? undefined : pattern.slice(prefix.length);
}
