import type { Device } from '../sysfs/device.ts';
import type { MachineRoots } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';

/** A framebuffer of the firmware in the memory of a card. */
export interface Claim {
  /** Name of the card. */
  readonly device: string;
  /** The claim's name in /proc/iomem: `BOOTFB`, `efifb`; null where proc does not show it. */
  readonly region: string | null;
  /** The platform device of the framebuffer: `efi-framebuffer.0`; null if there is none. */
  readonly platform: string | null;
  /** Number of the BAR; null where it is not known. */
  readonly bar: number | null;
  /** Whether it is known to be this card's. */
  readonly certain: boolean;
}

/**
 * Platform devices of the firmware's framebuffers (drivers/firmware/sysfb.c:sysfb_init), as they are named with their
 * number. From 6.9 on they are below the card; before, below devices/platform.
 */
const PLATFORM = /^(?:simple|efi|vesa|vga|ega)-framebuffer\.\d+$/;

/**
 * Names under which they claim memory: sysfb_simplefb.c, then the drivers efifb.c, vesafb.c, simplefb.c and drm/tiny's.
 */
const REGIONS: readonly string[] = ['BOOTFB', 'efifb', 'vesafb', 'simplefb', 'simpledrm', 'ofdrm', 'efidrm', 'vesadrm'];

/**
 * Finds them by what is below the card, by the regions in /proc/iomem that are inside the card's, and where proc shows
 * none by the display of the firmware being the card with boot_vga, or the only one.
 */
export function readClaims({ sysfs, proc }: MachineRoots, cards: readonly Device[]): Claim[] {
  const loose = sysfs.directories('devices/platform').filter((name) => PLATFORM.test(name));
  const regions = readRegions(proc);
  return cards.flatMap((card): Claim[] => {
    const below = sysfs.directories(card.path).filter((name) => PLATFORM.test(name));
    const claimed = regions?.find((region) => isInside(sysfs, region, card));
    const platform = below[0] ?? (claimed ? loose[0] : undefined) ?? null;
    if (claimed || platform !== null) {
      const region = claimed?.name ?? null;
      return [
        { device: card.name, region, platform, bar: claimed ? barOf(sysfs, card, claimed) : null, certain: true },
      ];
    }
    if (loose.length === 0 || regions !== null) return [];
    if (sysfs.line(`${card.path}/boot_vga`) !== '1' && !isOnlyDisplay(sysfs, card)) return [];
    return [{ device: card.name, region: null, platform: loose[0]!, bar: null, certain: false }];
  });
}

/** A claim of a framebuffer's, with what it is in. */
interface Region {
  readonly name: string;
  /** 0 where this user may not see addresses. */
  readonly from: bigint;
  readonly to: bigint;
  /** Names of the regions around it. */
  readonly around: readonly string[];
}

const LIMIT = 1 << 20;

/**
 * Null if proc has no iomem. Without CAP_SYS_ADMIN every address is 0, and names and indentation are as for root
 * (kernel/resource.c:r_show).
 */
function readRegions(proc: Tree): Region[] | null {
  const text = proc.read('iomem', LIMIT);
  if (text === undefined) return null;
  const around: string[] = [];
  return text.split('\n').flatMap((line): Region[] => {
    const [, indent, from, to, name] = /^((?: {2})*)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    around.length = Math.min(around.length, indent!.length / 2);
    const region = { name, from: BigInt(`0x${from}`), to: BigInt(`0x${to}`), around: [...around] };
    around.push(name);
    return REGIONS.includes(name) ? [region] : [];
  });
}

function isInside(sysfs: Tree, region: Region, card: Device): boolean {
  return region.around.includes(card.name) || barOf(sysfs, card, region) !== null;
}

/**
 * The BAR that a region is in: lines of `resource` are first address, last address and flags, the BARs first
 * (drivers/pci/pci-sysfs.c:resource_show).
 */
function barOf(sysfs: Tree, card: Device, { from, to }: Region): number | null {
  if (to === 0n) return null;
  const lines = (sysfs.read(`${card.path}/resource`) ?? '').split('\n').slice(0, 6);
  const bar = lines.findIndex((line) => {
    const [, first, last] = /^0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x[0-9a-f]{1,16}$/.exec(line) ?? [];
    return (
      first !== undefined &&
      last !== undefined &&
      BigInt(`0x${first}`) <= to &&
      from <= BigInt(`0x${last}`) &&
      BigInt(`0x${last}`) > 0n
    );
  });
  return bar < 0 ? null : bar;
}

function isOnlyDisplay(sysfs: Tree, { name }: Device): boolean {
  return sysfs
    .list('bus/pci/devices')
    .every((one) => one === name || !/^0x03/.test(sysfs.line(`bus/pci/devices/${one}/class`) ?? ''));
}
