import { byIds } from './by-ids.ts';
import type { Format } from './formats.ts';

/**
 * The kernel hands the words to vfio-pci where it is built in (params.c:parse_args); libkmod reads them when it loads
 * the module (libkmod-config.c:kmod_config_parse_kcmdline). They load nothing: dracut does on rd.driver.pre, before
 * udev starts (dracut-pre-udev.sh). initramfs-tools loads what /etc/initramfs-tools/modules names only after udev
 * (init: init-top before load_modules), so there a softdep is needed.
 */
export const cmdline: Format = (devices) => {
  const { ids, softdeps, remarks } = byIds(devices);
  const head = [
    '# stage: kernel, where vfio-pci is built in; as a module only from when it is loaded, which',
    '# must be before the native driver:',
    '#   dracut: dracut --force --regenerate-all, after this line in /etc/dracut.conf.d/vfio.conf:',
    '#     add_drivers+=" vfio_pci "',
    '#   initramfs-tools: update-initramfs -u -k all, after these lines in /etc/modprobe.d/vfio.conf:',
    ...(softdeps.length === 0 ? ['#     softdep MODULE pre: vfio_pci'] : softdeps.map((line) => `#     ${line}`)),
    '# with GRUB: add the words to GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub',
    '# undo: take out the words and these lines, then the same commands again',
    ...remarks,
  ];
  if (ids === '') return head;
  return [
    ...head,
    '# this takes EVERY device with these ids (vendor:device:subvendor:subdevice)',
    `vfio-pci.ids=${ids} rd.driver.pre=vfio_pci`,
  ];
};
