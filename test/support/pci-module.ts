import { elfMachines } from './elf-machines.ts';
import { writeModule } from './module-object.ts';

/** Bytes of struct pci_device_id on amd64 since 5.15. */
const ROW = 40;

/** The alias that a row of vendor and device makes. */
export function pciAlias(vendor: number, device: number): string {
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(8, '0');
  return `pci:v${hex(vendor)}d${hex(device)}sv*sd*bc*sc*i*`;
}

/** What a module says of itself besides its aliases. */
export interface PciModuleFacts {
  /** Names in .modinfo and in struct module; absent: none. */
  readonly name?: string;
  readonly structName?: string;
  /** First word of vermagic; absent: 6.1.0. */
  readonly release?: string;
  readonly intree?: boolean;
  /** Names of functions that it imports or exports. */
  readonly imports?: readonly string[];
  readonly exports?: readonly string[];
}

/**
 * A module of Linux 6.1 for amd64 with a pci table of these [vendor, device] rows, none if undefined, and the aliases
 * given, or those of the rows.
 */
export function pciModule(
  rows: readonly (readonly [number, number])[] | undefined,
  aliases = (rows ?? []).map(([v, d]) => pciAlias(v, d)),
  { name, structName = '', release = '6.1.0', intree, imports = [], exports = [] }: PciModuleFacts = {},
): Uint8Array {
  const table = Buffer.alloc(ROW * ((rows?.length ?? 0) + 1));
  rows?.forEach(([vendor, device], i) => {
    for (const [at, value] of [vendor, device, 0xffffffff, 0xffffffff].entries())
      table.writeUInt32LE(value, i * ROW + 4 * at);
  });
  return writeModule({
    machine: elfMachines.amd64,
    name: structName,
    modinfo: [
      'license=GPL',
      ...aliases.map((alias) => `alias=${alias}`),
      ...(intree ? ['intree=Y'] : []),
      ...(name === undefined ? [] : [`name=${name}`]),
      `vermagic=${release} SMP mod_unload`,
    ],
    tables: rows ? [{ symbol: '__mod_pci__ids_device_table', content: table }] : [],
    symbols: [
      ...imports.map((name) => ({ name, bind: 'global' as const })),
      ...exports.map((name) => ({ name, section: '.text', type: 'func' as const, size: 4, bind: 'global' as const })),
    ],
  });
}
