import type { Format } from './formats.ts';

/**
 * Runs the bind itself at boot. Nothing is restored at shutdown: the kernel's state ends with it, and a native driver
 * that starts again would only interfere.
 */
export const systemd: Format = (devices, { driver, allowInUse }) => {
  // Names other than PCI addresses may be on several buses.
  const names = devices.map(({ bus, name }) => (bus === 'pci' ? name : `/sys/bus/${bus}/devices/${name}`)).join(' ');
  const options = [
    ...(driver === undefined ? [] : [`--driver ${driver}`]),
    ...(allowInUse ? ['--allow-in-use'] : []),
  ].join(' ');
  return [
    '# /etc/systemd/system/vfio-bind.service; then systemctl enable vfio-bind',
    `# back to the native drivers: modalias vfio restore ${names}`,
    '[Unit]',
    `Description=Bind ${names} to VFIO`,
    'After=systemd-modules-load.service local-fs.target',
    'Wants=network-pre.target',
    'Before=network-pre.target display-manager.service libvirtd.service virtqemud.service',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=/usr/bin/env modalias vfio bind ${options === '' ? '' : `${options} `}${names}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
};
