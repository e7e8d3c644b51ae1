import type { PersistenceFormat } from '../../../src/report/persist/persistence.ts';
import type { Maker } from './debian.ts';

/** A network card and a disk that each have a twin, which must stay where it is. */
export const BY_ADDRESS = ['0000:02:00.0', '0000:05:00.0'];

/** A network card and a disk whose ids no other device has: all that formats by ids can take. */
export const BY_IDS = ['0000:03:00.0', '0000:06:00.0'];

/** Something that is installed into a fresh system and booted. */
export interface Case {
  /** Null boots the system as it is. */
  readonly format: PersistenceFormat | null;
  readonly maker: Maker;
  /** Devices that end on vfio-pci; all others keep their native drivers. */
  readonly taken: readonly string[];
  /** The initramfs is made again though the format does not ask for it, as after an update of the kernel. */
  readonly rebuilt?: string;
  /** One of the few that run by default. */
  readonly usual?: boolean;
}

const REBUILD: Readonly<Record<Maker, string>> = {
  'initramfs-tools': 'update-initramfs -u',
  dracut: 'dracut --force --regenerate-all',
};

function both(format: PersistenceFormat, taken: readonly string[], usual: readonly Maker[] = []): Case[] {
  const makers: readonly Maker[] = ['initramfs-tools', 'dracut'];
  return makers.map((maker) => ({ format, maker, taken, usual: usual.includes(maker) }));
}

export const CASES: readonly Case[] = [
  { format: null, maker: 'initramfs-tools', taken: [] },
  { format: null, maker: 'dracut', taken: [] },
  ...both('udev', BY_ADDRESS, ['initramfs-tools']),
  { format: 'udev', maker: 'initramfs-tools', taken: BY_ADDRESS, rebuilt: REBUILD['initramfs-tools'] },
  { format: 'udev', maker: 'dracut', taken: BY_ADDRESS, rebuilt: REBUILD.dracut },
  ...both('driverctl', BY_ADDRESS),
  ...both('modprobe.d', BY_IDS, ['initramfs-tools']),
  ...both('cmdline', BY_IDS),
  ...both('systemd', BY_ADDRESS),
  { format: 'initramfs-tools', maker: 'initramfs-tools', taken: BY_ADDRESS, usual: true },
  { format: 'dracut', maker: 'dracut', taken: BY_ADDRESS, usual: true },
];

export function caseName({ format, maker, rebuilt }: Case): string {
  return `${format ?? 'nothing'}${rebuilt === undefined ? '' : ', initramfs rebuilt'}, with ${maker}`;
}
