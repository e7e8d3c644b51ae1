import type { PersistenceFormat } from './persistence-formats.ts';
import type { Plan, PlannedDevice } from './plan-types.ts';

/** The configuration as text, with comments that say where it goes and what it does not do. Ends with a newline. */
export function formatPersistence(plan: Plan, format: PersistenceFormat): string {
  const sound = plan.devices.filter(({ name }) => SOUND_NAME.test(name));
  const odd = plan.devices.length - sound.length;
  const lines = FORMATS[format](sound);
  if (odd > 0)
    lines.push(
      `${format === 'libvirt-xml' ? '<!-- ' : '# '}${odd} left out, whose names hold characters that a shell would read${format === 'libvirt-xml' ? ' -->' : ''}`,
    );
  return `${lines.join('\n')}\n`;
}

/** Names go into shell lines and quoted strings. */
const SOUND_NAME = /^[\w.:@,+-]+$/;

type Format = (devices: readonly PlannedDevice[]) => string[];

const driverOf = (device: PlannedDevice) => device.after.driver ?? device.before.driver ?? '';

/** The override is set when the device appears, before the rule that loads modules by modalias (80-drivers.rules) runs. */
const udev: Format = (devices) => [
  '# /etc/udev/rules.d/10-vfio.rules; copy it into the initramfs too if the',
  '# native drivers are loaded there (update-initramfs -u, dracut -f)',
  ...devices.flatMap((device) => {
    const probe = `/bin/sh -c 'echo ${device.name} > /sys/bus/${device.bus}/drivers_probe'`;
    const load = device.module === null ? '' : `, RUN{builtin}+="kmod load ${device.module}"`;
    return [
      `ACTION=="add", SUBSYSTEM=="${device.bus}", KERNEL=="${device.name}", ATTR{driver_override}="${driverOf(device)}"${load}, RUN{program}+="${probe}"`,
    ];
  }),
];

const driverctl: Format = (devices) => [
  '# one file each in /etc/driverctl.d; driverctl set-override makes them too',
  ...devices.flatMap((device) => [`# /etc/driverctl.d/${device.bus}-${device.name}`, driverOf(device)]),
];

const modprobe: Format = (devices) => {
  const lines = ['# /etc/modprobe.d/vfio.conf; then update the initramfs'];
  const ids = new Set<string>();
  for (const device of devices) {
    const native = device.before.driver;
    const id = /^pci:v0000(\w{4})d0000(\w{4})/.exec(device.modalias ?? '');
    if (driverOf(device) !== 'vfio-pci' || !id) {
      lines.push(`# ${device.name}: ${driverOf(device)} takes no ids; use the udev or systemd format`);
      continue;
    }
    ids.add(`${id[1]}:${id[2]}`.toLowerCase());
    if (native !== null && native !== 'vfio-pci') lines.push(`softdep ${native} pre: vfio-pci`);
  }
  if (ids.size === 0) return lines;
  const all = [...ids].sort().join(',');
  return [
    ...new Set(lines),
    `# this takes EVERY device with the ids ${all}, not these alone`,
    `options vfio-pci ids=${all}`,
  ];
};

const systemd: Format = (devices) => {
  const names = devices.map(({ name }) => name).join(' ');
  return [
    '# /etc/systemd/system/vfio-bind.service; then systemctl enable vfio-bind',
    '[Unit]',
    `Description=Bind ${names} to VFIO`,
    'After=systemd-modules-load.service systemd-udev-settle.service',
    'Before=libvirtd.service virtqemud.service display-manager.service',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `ExecStart=/usr/bin/env modalias vfio bind ${names}`,
    `ExecStop=/usr/bin/env modalias vfio restore ${names}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
};

/** `model` names the driver of a variant, from libvirt 10.0 on; plain vfio-pci needs none. */
const libvirt: Format = (devices) =>
  devices.flatMap((device) => {
    const address = /^([0-9a-f]+):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/.exec(device.name);
    if (!address || device.bus !== 'pci')
      return [`<!-- ${device.name}: libvirt assigns PCI devices only in this way -->`];
    const [, domain, bus, slot, fn] = address;
    const driver = driverOf(device);
    return [
      "<hostdev mode='subsystem' type='pci' managed='yes'>",
      ...(driver === 'vfio-pci' ? [] : [`  <driver name='vfio' model='${driver}'/>`]),
      '  <source>',
      `    <address domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${fn}'/>`,
      '  </source>',
      '</hostdev>',
    ];
  });

const FORMATS: Readonly<Record<PersistenceFormat, Format>> = {
  udev,
  driverctl,
  'modprobe.d': modprobe,
  systemd,
  'libvirt-xml': libvirt,
};
