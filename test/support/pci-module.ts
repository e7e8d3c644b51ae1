import { elfMachines } from './elf-machines.ts';
import { writeModule } from './module-object.ts';

/** Bytes of struct pci_device_id on amd64 since 5.15. */
const ROW = 40;

/** The alias that a row of vendor and device makes. */
export function pciAlias(vendor: number, device: number): string {
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(8, '0');
  return `pci:v${hex(vendor)}d${hex(device)}sv*sd*bc*sc*i*`;
}

/** A module of Linux 6.1 for amd64 with a pci table of these [vendor, device] rows and the aliases given, or those of the rows. */
export function pciModule(
  rows: readonly (readonly [number, number])[],
  aliases = rows.map(([v, d]) => pciAlias(v, d)),
): Uint8Array {
  const table = Buffer.alloc(ROW * (rows.length + 1));
  rows.forEach(([vendor, device], i) => {
    for (const [at, value] of [vendor, device, 0xffffffff, 0xffffffff].entries())
      table.writeUInt32LE(value, i * ROW + 4 * at);
  });
  return writeModule({
    machine: elfMachines.amd64,
    modinfo: ['license=GPL', ...aliases.map((alias) => `alias=${alias}`), 'vermagic=6.1.0 SMP mod_unload'],
    tables: [{ symbol: '__mod_pci__ids_device_table', content: table }],
  });
}
