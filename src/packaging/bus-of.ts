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
