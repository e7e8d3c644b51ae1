/** Programs that a machine on which devices are bound has: what `command -v` finds. */
export const COMMAND_NAMES: ReadonlySet<string> = new Set(
  `sh bash dash echo printf test cat tee dd ls rm mkdir touch mktemp chmod chown basename dirname readlink realpath cut
   tr sed awk grep egrep sort uniq head tail wc seq date sleep logger sync id uname hostname mount modprobe insmod rmmod
   lsmod modinfo depmod udevadm lspci driverctl`
    .split(/\s+/)
    .filter(Boolean),
);
