import { busNamed } from '../../src/bus/buses.ts';
import { rowLayout } from '../../src/bus/define/read-rows.ts';
import { formatRelease, type Release } from '../../src/release.ts';
import { type ElfMachineName, elfMachines } from './elf-machines.ts';
import { writeModule } from './module-object.ts';
import { before } from './releases.ts';
import { type MemoryValue, structBytes } from './struct-writer.ts';
import { tableSymbol } from './table-symbol.ts';

type Row = Readonly<Record<string, MemoryValue>>;

/** The bytes of a table as a release lays it out on a machine, terminator included. */
export function tableBytes(bus: string, rows: readonly Row[], release: Release, machine: ElfMachineName): Uint8Array {
  const on = { abi: elfMachines[machine].abi, release };
  const layout = rowLayout(busNamed(bus)!, on.abi, release);
  return Buffer.concat([...rows, {}].map((row) => structBytes(layout, row, on)));
}

const PCI = { subvendor: 0xffffffff, subdevice: 0xffffffff };
const TABLES: readonly (readonly [bus: string, rows: readonly Row[]])[] = [
  ['pci', Array.from({ length: 40 }, (_, i) => ({ vendor: 0x8086, device: 0x1000 + i, ...PCI, driver_data: i }))],
  [
    'usb',
    [
      { match_flags: 0x3, idVendor: 0x13fd, idProduct: 0x3940 },
      { match_flags: 0x380, bInterfaceClass: 8 },
    ],
  ],
  ['of', [{ compatible: 'brcm,bcm2835' }, { name: 'cpu', type: 'cpu', compatible: 'arm,cortex-a53' }]],
  ['acpi', [{ id: 'PNP0C0A' }, { cls: 0x010601, cls_msk: 0xffffff }]],
  [
    'dmi',
    [
      {
        matches: [
          { slot: 4, substr: 'LENOVO' },
          { slot: 5, substr: 'ThinkPad' },
        ],
      },
    ],
  ],
  ['pnp_card', [{ id: 'CSC7532', devs: [{ id: 'CSC0000' }, { id: 'CSC0010' }] }]],
  ['input', [{ flags: 0x10, evbit: [1, 3], keybit: [0x110] }]],
];

/**
 * A kernel module as a release's build leaves it on a machine: several tables, one of them in .bss, relocations,
 * .modinfo.
 */
export function moduleShape(
  machine: ElfMachineName,
  release: Release,
  aliases: readonly string[] = ['by-hand', 'pci:v*d*'],
): Uint8Array {
  const target = { machine: elfMachines[machine] };
  const strings = [
    'license=GPL',
    ...aliases.map((alias) => `alias=${alias}`),
    'name=shape',
    `vermagic=${formatRelease(release)}.7 SMP`,
  ];
  const own = TABLES.map(([bus, rows]) => ({
    symbol: tableSymbol(release, 'shape', bus, `${bus}_ids`),
    content: tableBytes(bus, rows, release, machine),
    bind: before(release, '6.16') ? ('global' as const) : ('local' as const),
  }));
  const zeros = tableBytes('i2c', [{}], release, machine).length;
  return writeModule({
    ...target,
    name: 'shape',
    modinfo: strings,
    tables: [...own, { symbol: tableSymbol(release, 'shape', 'i2c', 'none'), content: { zeros } }],
    sections: [{ name: '.comment', content: new Uint8Array(600).fill(0x47) }],
    relocations: [{ section: '.text', offset: 0, symbol: 'init_module' }],
  });
}
