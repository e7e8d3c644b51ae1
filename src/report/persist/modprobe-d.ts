import { byIds } from './by-ids.ts';
import type { Format } from './formats.ts';

/**
 * vfio-pci takes ids as a parameter and must be loaded before the native module. Neither names a single device:
 * modprobe knows modules and ids only. initramfs-tools copies /etc/modprobe.d and what softdeps name; a dracut that is
 * not host-only does neither (90kernel-modules/module-setup.sh), and its force_drivers loads before udev starts.
 */
export const modprobeD: Format = (devices) => {
  const { ids, softdeps, remarks } = byIds(devices);
  const head = [
    '# stage: root file system, and the initramfs once it is rebuilt with this in it',
    '# /etc/modprobe.d/vfio.conf; then update the initramfs:',
    '#   initramfs-tools: update-initramfs -u -k all',
    '#   dracut: dracut --force --regenerate-all, after these lines in /etc/dracut.conf.d/vfio.conf:',
    '#     force_drivers+=" vfio_pci "',
    '#     install_items+=" /etc/modprobe.d/vfio.conf "',
    ...remarks,
  ];
  if (ids === '') return head;
  return [
    ...head,
    ...softdeps,
    `# this takes EVERY device with these ids (vendor:device:subvendor:subdevice)`,
    `options vfio_pci ids=${ids}`,
    `# vfio_pci is loaded with a native module; to load it without one, put a line`,
    `# 'vfio_pci' into /etc/modules-load.d/vfio.conf`,
  ];
};
