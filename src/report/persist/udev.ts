import type { Format, PersistentDevice } from './formats.ts';

/**
 * The override is set when udev sees the device; modules and programs follow after the last rule. A driver that is
 * built in, or was loaded by the initramfs or by the event of a like device, may have the device by then, and the
 * kernel leaves it there (dd.c:__device_set_driver_override). It cannot be unbound before its module has probed every
 * device, since the file `unbind` is made last (drivers/base/bus.c:bus_add_driver). So this file sorts after
 * 80-drivers.rules, whose own load of the native module waits for that. systemd repeats `add` once the real root is
 * mounted.
 */
export const udev: Format = (devices) => [
  '# stage: root file system; a native driver that is built in or in the initramfs has',
  '# the device until then, and the rules unbind it. For the initramfs stage use the',
  '# format initramfs-tools or dracut: of these rules it would have no module to load.',
  '# /etc/udev/rules.d/90-vfio.rules',
  ...devices.flatMap(rules),
];

function rules({ name, bus, driver, module, ids }: PersistentDevice): string[] {
  const which = [`ACTION=="add", SUBSYSTEM=="${bus}", KERNEL=="${name}"`, ...identity(ids)].join(', ');
  const load = module === null ? '' : `, RUN{builtin}+="kmod load ${module}"`;
  const own = `/sys/bus/${bus}/devices/${name}/driver`;
  const unbind = `[ ! -e ${own} ] || [ -e /sys/bus/${bus}/drivers/${driver}/${name} ] || echo ${name} > ${own}/unbind`;
  // The last word is the kernel's: drivers_probe does nothing if loading the module has bound the device.
  const probe = `echo ${name} > /sys/bus/${bus}/drivers_probe`;
  return [
    ...(ids === null ? [`# ${name}: its bus has no ids; whatever has this name is taken`] : []),
    `${which}, ATTR{driver_override}="${driver}"${load}, RUN{program}+="/bin/sh -c '${unbind}; ${probe}'"`,
  ];
}

/** After a change of the hardware another device may have the address (pci-sysfs.c:pci_config_attr prints `0x%04x`). */
function identity(ids: PersistentDevice['ids']): string[] {
  if (ids === null) return [];
  const { vendor, device, subvendor, subdevice } = ids;
  return [
    `ATTR{vendor}=="0x${vendor}", ATTR{device}=="0x${device}"`,
    `ATTR{subsystem_vendor}=="0x${subvendor}", ATTR{subsystem_device}=="0x${subdevice}"`,
  ];
}
