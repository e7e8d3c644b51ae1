import type { CommandRule } from '../outcome.ts';
import { said } from '../outcome.ts';
import { UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { runText } from './flow.ts';

/**
 * What libvirt does to the kernel for nodedev-detach and nodedev-reattach of a PCI device that no guest has
 * (src/util/virpci.c: virPCIDeviceDetach, virPCIDeviceBindToStub, virPCIDeviceBindWithDriverOverride,
 * virPCIDeviceReattach). Its writes have no newline.
 */
const NODEDEV = `
dev=$2 dir=/sys/bus/pci/devices/$2 stub=/sys/bus/pci/drivers/vfio-pci
[ -e "$dir/config" ] || exit 1
case $1 in
  nodedev-detach)
    if [ ! -d "$stub" ]; then
      modprobe -b vfio-pci || exit 1
      [ -d "$stub" ] || exit 1
    fi
    [ "$(readlink -f "$dir/driver")" != "$stub" ] || exit 0
    printf vfio-pci > "$dir/driver_override" || exit 1 ;;
  *) printf '\\n' > "$dir/driver_override" || exit 1 ;;
esac
if [ -e "$dir/driver/unbind" ]; then
  printf '%s' "$dev" > "$dir/driver/unbind" || exit 1
fi
printf '%s' "$dev" > /sys/bus/pci/drivers_probe || exit 1
`;

/** Commands that only tell, or that reset a device that keeps its driver. */
const TELLS = new Set(
  `list domstate dominfo domid dumpxml domblklist domiflist nodedev-list nodedev-dumpxml nodedev-reset nodeinfo
   capabilities version uri hostname net-list pool-list`.split(/\s+/),
);

/** The words after virsh's own options. */
function withoutOptions(words: readonly string[]): readonly string[] {
  for (let i = 0; i < words.length; i++) {
    if (/^(?:-c|--connect|-d|--debug|-l|--log)$/.test(words[i]!)) i++;
    else if (!words[i]!.startsWith('-')) return words.slice(i);
  }
  return [];
}

/** `virsh nodedev-detach|nodedev-reattach pci_0000_01_00_0`; what starts and ends guests is not read. */
export const VIRSH: CommandRule = (run) => {
  const [command = '', ...rest] = withoutOptions(run.words);
  if (TELLS.has(command)) return { ...said(UNKNOWN_TEXT), status: UNKNOWN_STATUS };
  if (!/^nodedev-(?:detach|dettach|reattach)$/.test(command)) throw new Unreadable(run.text, true);
  const driver = rest[rest.indexOf('--driver') + 1];
  if (rest.includes('--driver') && driver !== 'vfio') throw new Unreadable(run.text);
  const device = rest.find((word, i) => !word.startsWith('--') && rest[i - 1] !== '--driver') ?? '';
  const name = /^pci_([0-9a-f]{4,8})_([0-9a-f]{2})_([0-9a-f]{2})_([0-7])$/.exec(device);
  if (device.includes(UNKNOWN_TEXT)) throw new Unreadable('a device that is not known');
  if (!name) return { status: 1 };
  const [, domain, bus, slot, fn] = name;
  const verb = command === 'nodedev-reattach' ? command : 'nodedev-detach';
  return runText(run, NODEDEV, [verb, `${domain}:${bus}:${slot}.${fn}`], 'virsh');
};
