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
  const options = [...(driver === undefined ? [] : ['--driver', driver]), ...identity(devices)];
  return [
    '# /etc/systemd/system/vfio-bind.service; then systemctl enable vfio-bind',
    `# back to the native drivers: modalias vfio restore ${names}`,
    ...devices.flatMap(({ name, ids }) => (ids === null ? `# ${name}: its bus has no ids to check at boot` : [])),
    '[Unit]',
    `Description=Bind ${names} to VFIO`,
    'DefaultDependencies=no',
    'Conflicts=shutdown.target',
    'After=systemd-modules-load.service local-fs.target',
    'Wants=network-pre.target',
    'Before=network-pre.target display-manager.service libvirtd.service virtqemud.service shutdown.target',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=${['/usr/bin/env modalias vfio bind', ...options, names].join(' ')}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
};

/** One `--id` for all devices, or one for each in their order; none where a bus has no ids. */
function identity(devices: readonly PersistentDevice[]): string[] {
  const ids = devices.flatMap((device) => (device.ids === null ? [] : Object.values(device.ids).join(':')));
  if (ids.length < devices.length) return [];
  return (new Set(ids).size === 1 ? ids.slice(0, 1) : ids).flatMap((one) => ['--id', one]);
}
