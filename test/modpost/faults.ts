import { parseRelease, type Release } from '../../src/release.ts';
import type { ElfMachineName } from '../support/elf-machines.ts';
import { before } from '../support/releases.ts';
import type { MemoryRow } from './random-rows.ts';

/** What a modpost was built for, and by whom. */
export interface ModpostBuild {
  readonly release: Release;
  readonly littleEndian: boolean;
  readonly wordSize: 4 | 8;
  /** The architecture that Debian built it for, all four variants. */
  readonly arch: string;
}

/** Where the kernel's modpost is wrong, or stops: what random tables leave out, with a row that shows it. */
export interface Fault {
  readonly name: string;
  readonly reason: string;
  readonly bus: string;
  readonly in: (build: ModpostBuild) => boolean;
  /** Rows that random tables leave out for it; without: the whole table type. */
  readonly excludes?: (row: MemoryRow) => boolean;
  readonly shownBy: MemoryRow;
  /**
   * Machine and release for which the aliases below are; the machine's modpost is asked at every release that has the
   * fault.
   */
  readonly machine: ElfMachineName;
  readonly release: Release;
  readonly modpost: readonly string[] | RegExp | { readonly error: RegExp };
  readonly ours: readonly string[];
}

/** Whether it is the 32-bit variant in Debian's build for a 64-bit machine. */
const isForeign = (build: ModpostBuild) => build.wordSize === 4 && build.arch !== 'i386';

const foreign32 = (
  bus: string,
  shownBy: MemoryRow,
  alias: readonly string[],
  release = '6.1',
  since = '5.10',
): Fault => ({
  name: `${bus} in 32 bits`,
  reason: 'the 32-bit variants in Debian’s 64-bit builds take pointers as 8 bytes, so the rows have another size',
  bus,
  in: (build) => isForeign(build) && !before(build.release, since),
  shownBy,
  machine: 'armhf',
  release: parseRelease(release),
  modpost: { error: /is not a modulo of the size|type mismatch between|is not terminated with a NULL entry/ },
  ours: alias,
});

const dmiRow = { matches: [{ slot: 4, exact_match: 0, substr: 'Lenovo' }] };

export const faults: readonly Fault[] = [
  {
    name: 'dmi on big-endian machines',
    reason: 'slot and exact_match are bit fields of one byte, read in the order of the machine that modpost runs on',
    bus: 'dmi',
    in: (build) => !build.littleEndian,
    shownBy: dmiRow,
    machine: 's390x',
    release: parseRelease('6.1'),
    modpost: ['dmi*:pvr*Lenovo*:'],
    ours: ['dmi*:br*Lenovo*:'],
  },
  {
    name: 'acpi classes on big-endian machines',
    reason: 'before 6.12 cls and cls_msk are not byte-swapped',
    bus: 'acpi',
    in: (build) => !build.littleEndian && before(build.release, '6.12'),
    excludes: (row) => row.id === '',
    shownBy: { id: '', cls: 0x010601, cls_msk: 0xffffff },
    machine: 's390x',
    release: parseRelease('6.1'),
    modpost: ['acpi*:0601??:*'],
    ours: ['acpi*:010601:*'],
  },
  {
    name: 'pci with an unknown override_only',
    reason: 'from 6.13 on modpost warns and goes on with a prefix that it never set',
    bus: 'pci',
    in: (build) => !before(build.release, '6.13'),
    excludes: (row) => (row.override_only as number) > 1,
    shownBy: { vendor: 0x8086, device: 0x10d3, subvendor: 0xffffffff, subdevice: 0xffffffff, override_only: 2 },
    machine: 'amd64',
    release: parseRelease('7.2'),
    modpost: /v00008086d000010D3sv\*sd\*bc\*sc\*i\*$/,
    ours: [],
  },
  {
    name: 'amba id bits outside the mask',
    reason: 'modpost stops; an error of ours too, but only for the row',
    bus: 'amba',
    in: () => true,
    excludes: (row) => ((row.id as number) & ~(row.mask as number)) !== 0,
    shownBy: { id: 0x00041061, mask: 0x000fff00 },
    machine: 'arm64',
    release: parseRelease('6.1'),
    modpost: { error: /Masked-off bit\(s\) of AMBA device ID are non-zero/ },
    ours: [],
  },
  {
    name: 'of names that fill their array',
    reason: 'without a NUL at the end modpost reads on into the next member',
    bus: 'of',
    in: (build) => !isForeign(build),
    excludes: (row) => [row.name, row.type].some((text) => (text as string).length >= 32),
    shownBy: { name: 'n'.repeat(32), type: 'cpu' },
    machine: 'amd64',
    release: parseRelease('6.1'),
    modpost: [`of:N${'n'.repeat(32)}cpuTcpu`, `of:N${'n'.repeat(32)}cpuTcpuC*`],
    ours: [`of:N${'n'.repeat(32)}Tcpu`, `of:N${'n'.repeat(32)}TcpuC*`],
  },
  foreign32('of', { compatible: 'acme,uart' }, ['of:N*T*Cacme,uart', 'of:N*T*Cacme,uartC*']),
  foreign32('dmi', dmiRow, ['dmi*:br*Lenovo*:']),
  foreign32('amba', { id: 0x00041061, mask: 0xffffffff }, ['amba:d00041061']),
  foreign32('hdaudio', { vendor_id: 0x10ec0269, api_version: 1 }, ['hdaudio:v10EC0269r*a01*']),
  foreign32('i3c', { match_flags: 1, dcr: 0x63 }, ['i3c:dcr63manuf*part*ext*']),
  foreign32('pcmcia', { match_flags: 1, manf_id: 0x101 }, ['pcmcia:m0101c*f*fn*pfn*pa*pb*pc*pd*']),
  foreign32('wmi', { guid_string: '8F1F6436-9F42-42C8-BADC-0E9424F20C9A' }, [
    'wmi:8F1F6436-9F42-42C8-BADC-0E9424F20C9A',
  ]),
  foreign32('zorro', { id: 0x08512101 }, ['zorro:i08512101'], '7.3', '7.3'),
  foreign32('ieee1394', { match_flags: 2, model_id: 7 }, ['ieee1394:ven*mo00000007sp*ver*'], '7.2', '6.13'),
];
