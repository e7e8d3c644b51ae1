import type { Format, PersistentDevice } from './formats.ts';

/**
 * The override is set when udev sees the device, before the rule that loads modules by modalias (80-drivers.rules). A
 * driver that is built in or was loaded by the initramfs may already be bound. The kernel then leaves the device where
 * it is (dd.c:__device_set_driver_override), so a second rule unbinds it. systemd repeats `add` for every device once
 * the real root is mounted.
 */
export const udev: Format = (devices) => [
  '# stage: root file system; a native driver that is built in or in the initramfs has',
  '# the device until then, and the rules unbind it. For the initramfs stage use the',
  '# format initramfs-tools or dracut: of these rules it would have no module to load.',
  '# /etc/udev/rules.d/10-vfio.rules',
  ...devices.flatMap(rules),
];

function rules({ name, bus, driver, module, ids }: PersistentDevice): string[] {
  const which = [`ACTION=="add", SUBSYSTEM=="${bus}", KERNEL=="${name}"`, ...identity(ids)].join(', ');
  const load = module === null ? '' : `, RUN{builtin}+="kmod load ${module}"`;
  // The last word is the kernel's: drivers_probe does nothing if loading the module has bound the device.
  const probe = `, RUN{program}+="/bin/sh -c 'echo ${name} > /sys/bus/${bus}/drivers_probe'"`;
  return [
    ...(ids === null ? [`# ${name}: its bus has no ids; whatever has this name is taken`] : []),
    `${which}, ATTR{driver_override}="${driver}"${load}${probe}`,
    `${which}, DRIVER=="?*", DRIVER!="${driver}", ATTR{driver/unbind}="${name}"`,
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
