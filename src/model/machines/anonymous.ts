import type { Tree } from '../../vfio/sysfs/tree.ts';

/** What identifies one machine or person, and is recorded only on request. */
export const IDENTITIES = {
  serials: 'serial numbers and WWIDs of devices',
  addresses: 'MAC addresses and UUIDs, which names of interfaces and disks may contain',
  'host-name': 'the name of the machine',
} as const;

export type Identity = keyof typeof IDENTITIES;

/** Files that hold serial numbers, in the directories of devices. */
const SERIALS = ['serial', 'serial_number', 'wwid', 'unique_id', 'nguid', 'subsysnqn'];

/** Firmware's own: of the board, the chassis and the whole. */
const FIRMWARE = ['product_serial', 'board_serial', 'chassis_serial', 'chassis_asset_tag', 'board_asset_tag'];

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
/** Six bytes and more: MAC addresses, and the twenty of InfiniBand. PCI addresses are another shape. */
const HARDWARE_ADDRESS =
  /(?<![0-9a-f]|[0-9a-f][:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4,}[0-9a-f]{2}(?![0-9a-f]|[:-][0-9a-f])/gi;
/** Names of interfaces by their address (systemd.net-naming-scheme(7)). */
const NAMED_BY_ADDRESS = /(?<=(?:en|ib|sl|wl|ww)x)[0-9a-f]{12,}/gi;

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * A function that takes out of a text what identifies the machine and is not to be kept: what looks like an address or
 * a UUID, and the host name, addresses and serial numbers that the machine has, wherever they stand in a name.
 */
export function anonymizer(
  { sysfs, proc }: { readonly sysfs: Tree; readonly proc: Tree },
  keep: ReadonlySet<Identity>,
): (text: string) => string {
  const hosts = keep.has('host-name') ? [] : hostNames(proc);
  const numbers = [
    ...(keep.has('serials') ? [] : serialNumbers(sysfs)),
    ...(keep.has('addresses') ? [] : addresses(sysfs)),
  ];
  const whole = (texts: string[]) =>
    texts.length > 0
      ? new RegExp(
          `(?<![0-9a-z])(?:${texts
            .sort((a, b) => b.length - a.length)
            .map(escaped)
            .join('|')})(?![0-9a-z])`,
          'gi',
        )
      : null;
  const [host, number] = [whole(hosts), whole(numbers)];
  const known = new Map<string, number>();
  // Two that differ go on to differ, as interfaces must.
  const blank = (text: string): string => {
    const signs = text.toLowerCase().replaceAll(/[^0-9a-z]/g, '');
    const number = known.get(signs) ?? known.size;
    known.set(signs, number);
    const digits = String(number).padStart(signs.length, '0');
    let at = 0;
    return text.replaceAll(/[0-9a-z]/gi, () => digits[at++]!);
  };
  return (text) => {
    let clean = text;
    if (!keep.has('addresses'))
      for (const pattern of [UUID, HARDWARE_ADDRESS, NAMED_BY_ADDRESS]) clean = clean.replaceAll(pattern, blank);
    if (number) clean = clean.replaceAll(number, blank);
    return host ? clean.replaceAll(host, 'host') : clean;
  };
}

/** The host's name, and its first part. */
function hostNames(proc: Tree): string[] {
  const name = proc.line('sys/kernel/hostname') ?? '';
  return [...new Set([name, name.split('.', 1)[0]!])].filter(
    (one) => one.length > 2 && !/^(?:localhost|host)$/i.test(one),
  );
}

/** Serial numbers that could stand in a name: long enough, and not all the same. */
function serialNumbers(sysfs: Tree): string[] {
  const directories = ['bus/pci/devices', 'bus/usb/devices', 'class/block', 'class/nvme'].flatMap((at) =>
    sysfs.list(at).map((name) => `${at}/${name}`),
  );
  const found = [
    ...directories.flatMap((at) => SERIALS.map((name) => sysfs.line(`${at}/${name}`))),
    ...FIRMWARE.map((name) => sysfs.line(`class/dmi/id/${name}`)),
  ].flatMap((text) => (text ?? '').trim().split(/[\s:]+/));
  return [...new Set(found)].filter((one) => one.length >= 6 && !/^(.)\1*$/.test(one) && /\d/.test(one));
}

/** Addresses of interfaces as bare digits, which names may contain. */
function addresses(sysfs: Tree): string[] {
  const found = ['net', 'bluetooth', 'infiniband'].flatMap((one) =>
    sysfs
      .list(`class/${one}`)
      .flatMap((name) =>
        ['address', 'phys_port_id', 'phys_switch_id', 'node_guid'].map((file) =>
          sysfs.line(`class/${one}/${name}/${file}`),
        ),
      ),
  );
  const bare = found.map((text) => (text ?? '').replaceAll(/[^0-9a-f]/gi, ''));
  return [...new Set(bare)].filter((one) => one.length >= 12 && !/^(.)\1*$/.test(one));
}
