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

/** Aliases with a colon that name no device. */
const NO_BUS: ReadonlySet<string> = new Set(
  'devname dsa_tag ip_set_bitmap ip_set_hash ip_set_list ledtrig symbol usbfunc'.split(' '),
);

const BUS = /^(?:[a-z0-9]+_(?=(?:pci|cdx):))?([a-z0-9_]+)\*?:/;

/**
 * The bus of the devices that a pattern is for, as it stands before the colon; null where it names no device
 * (`crypto_aes`, `fs_ext4`).
 */
export function busOf(pattern: string): string | null {
  const bus = BUS.exec(pattern)?.[1];
  return bus === undefined || NO_BUS.has(bus) ? null : bus.replace('fsl_mc', 'fsl-mc').replace('xen_b', 'xen-b');
}

const OVERRIDE = /^[a-z0-9]+_(?=(?:pci|cdx):)/;

/** The pattern behind an override prefix, as `pci:..` of `vfio_pci:..`; undefined where there is no prefix. */
export function withoutOverride(pattern: string): string | undefined {
  const prefix = OVERRIDE.exec(pattern)?.[0];
  return prefix === undefined ? undefined : pattern.slice(prefix.length);
}
