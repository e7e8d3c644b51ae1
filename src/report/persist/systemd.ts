import type { Format, PersistentDevice } from './formats.ts';

/**
 * Runs the bind itself at boot. Nothing is restored at shutdown: the kernel's state ends with it, and a native driver
 * that starts again would only interfere. It is early without the default dependencies: with them it would follow
 * sysinit.target, which waits for the network where cloud-init or ifupdown set it up. `--allow-in-use` is never
 * written: what a person accepts once is not accepted for every boot.
 */
export const systemd: Format = (devices, { driver }) => {
  // Names other than PCI addresses may be on several buses.
  const names = devices.map(({ bus, name }) => (bus === 'pci' ? name : `/sys/bus/${bus}/devices/${name}`)).join(' ');
  const count = devices[0]?.after.vfs?.functions.length;
  const vfs = count === undefined ? [] : ['--vfs', String(count)];
  const options = [...(driver === undefined ? [] : ['--driver', driver]), ...vfs, ...identity(devices)];
  return [
    ...(count === undefined
      ? ['# stage: root file system, before the network; what the initramfs loads has the', '# device until then']
      : ['# stage: root file system, before the network']),
    '# /etc/systemd/system/vfio-bind.service; then systemctl enable vfio-bind',
    `# back to ${count === undefined ? 'the native drivers' : 'no virtual functions'}: modalias vfio restore ${names}`,
    ...devices.flatMap(({ name, ids }) => (ids === null ? `# ${name}: its bus has no ids to check at boot` : [])),
    '[Unit]',
    `Description=Bind ${count === undefined ? '' : `${count} virtual functions of `}${names} to VFIO`,
    'DefaultDependencies=no',
    'Conflicts=shutdown.target',
    `After=systemd-modules-load.service ${count === undefined ? '' : 'systemd-udev-trigger.service '}local-fs.target`,
    'Wants=network-pre.target',
    'Before=network-pre.target display-manager.service libvirtd.service virtqemud.service shutdown.target',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...(count === undefined ? [] : devices.map(awaitDriver)),
    `ExecStart=${['/usr/bin/env modalias vfio bind', ...options, names].join(' ')}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
};

/** Only the native driver makes virtual functions, and udev loads it while the machine boots. */
function awaitDriver({ name }: PersistentDevice): string {
  const there = `test -e /sys/bus/pci/devices/${name}/driver`;
  return `ExecStartPre=/usr/bin/env timeout 60 /bin/sh -c 'until ${there}; do sleep 0.2; done'`;
}

/** One `--id` for all devices, or one for each in their order; none where a bus has no ids. */
function identity(devices: readonly PersistentDevice[]): string[] {
  const ids = devices.flatMap((device) => (device.ids === null ? [] : Object.values(device.ids).join(':')));
  if (ids.length < devices.length) return [];
  return (new Set(ids).size === 1 ? ids.slice(0, 1) : ids).flatMap((one) => ['--id', one]);
}
