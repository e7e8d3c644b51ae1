/**
 * record-sysfs NAME [SYSFS [PROC]]: prints a machine as the JSON that test/fake-root.ts builds roots from. Only what is
 * listed here is read, so that no serial number, MAC address, UUID or IP address gets into it.
 */
import { readRelease } from '../src/vfio/sysfs/roots.ts';
import { Tree } from '../src/vfio/sysfs/tree.ts';
import type { DeviceDescription, GroupDescription, MachineDescription } from '../test/fake-root.ts';

const BUSES = ['pci', 'cdx', 'platform', 'amba', 'fsl-mc', 'css', 'ccw', 'ap', 'virtio'];
const CLASSES = ['block', 'net', 'drm', 'sound', 'nvme', 'vfio', 'vfio-dev'];
const ATTRIBUTES = [
  'class',
  'vendor',
  'device',
  'modalias',
  'driver_override',
  'boot_vga',
  'sriov_numvfs',
  'sriov_totalvfs',
  'sriov_drivers_autoprobe',
  'dev',
];
const PARAMETERS = ['enable_unsafe_noiommu_mode', 'disable_denylist', 'enable_sriov'];
const KNOWN_MOUNTS = ['/', '/boot', '/boot/efi', '/home', '/usr', '/var', '/srv'];

const [name, sysfsRoot = '/sys', procRoot = '/proc'] = process.argv.slice(2);
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) {
  process.stderr.write('usage: scripts/record-sysfs NAME [SYSFS [PROC]] > test/machines/NAME.json\n');
  process.exit(2);
}
const sysfs = new Tree(sysfsRoot);
const proc = new Tree(procRoot);

/** Interfaces may be named after their MAC address, disks after their UUID. */
const anonymous = (text: string) =>
  text
    .replaceAll(/enx[0-9a-f]{12}/g, 'enx000000000000')
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, '00000000-0000-0000-0000-000000000000');

function attributesOf(path: string): Record<string, string> {
  const found = ATTRIBUTES.flatMap((key) => {
    const value = sysfs.line(`${path}/${key}`);
    return value === undefined || (key === 'driver_override' && value === '(null)') ? [] : [[key, value]];
  });
  const uevent = sysfs.read(`${path}/uevent`) ?? '';
  const kept = uevent.split('\n').filter((line) => /^(?:DEVNAME|INTERFACE|MODALIAS)=/.test(line));
  if (kept.length > 0) found.push(['uevent', anonymous(kept.join('\n'))]);
  return Object.fromEntries(found);
}

function devicesOf(bus: string, directory: string): DeviceDescription[] {
  return sysfs.list(directory).flatMap((entry) => {
    const path = sysfs.real(`${directory}/${entry}`);
    if (!path?.startsWith('devices/')) return [];
    const driver = sysfs.linkName(`${path}/driver`);
    const group = sysfs.linkName(`${path}/iommu_group`);
    const attributes = attributesOf(path);
    return [
      {
        path: anonymous(path.slice('devices/'.length)),
        bus,
        ...(driver ? { driver } : {}),
        ...(group ? { group } : {}),
        attributes,
      },
    ];
  });
}

const devices = [
  ...BUSES.flatMap((bus) => devicesOf(bus, `bus/${bus}/devices`)),
  ...CLASSES.flatMap((one) => devicesOf(`class/${one}`, `class/${one}`)),
];

const drivers = Object.fromEntries(
  BUSES.filter((bus) => devices.some((device) => device.bus === bus)).map((bus) => [
    bus,
    Object.fromEntries(
      sysfs
        .list(`bus/${bus}/drivers`)
        .map((driver) => [driver, sysfs.linkName(`bus/${bus}/drivers/${driver}/module`) ?? null]),
    ),
  ]),
);

const groups = Object.fromEntries(
  sysfs.list('kernel/iommu_groups').map((id): [string, GroupDescription] => {
    const at = `kernel/iommu_groups/${id}`;
    const type = sysfs.line(`${at}/type`);
    const title = sysfs.line(`${at}/name`);
    const reserved = (sysfs.read(`${at}/reserved_regions`) ?? '').split('\n').filter(Boolean);
    return [id, { ...(type === undefined ? {} : { type }), ...(title === undefined ? {} : { name: title }), reserved }];
  }),
);

const modules = Object.fromEntries(
  sysfs
    .list('module')
    .filter((module) => /^vfio/.test(module))
    .map((module) => [
      module,
      Object.fromEntries(
        PARAMETERS.flatMap((key) => {
          const value = sysfs.line(`module/${module}/parameters/${key}`);
          return value === undefined ? [] : [[key, value]];
        }),
      ),
    ]),
);

/**
 * Links by which uses are found: physical functions, block numbers, what lies below device mapper, bridges and bonds.
 */
function linksOf(): Record<string, string> {
  const links: Record<string, string> = {};
  const add = (at: string) => {
    const text = sysfs.link(at);
    if (text !== undefined) links[anonymous(at)] = anonymous(text);
  };
  for (const number of sysfs.list('dev/block')) add(`dev/block/${number}`);
  for (const { path, bus } of devices) {
    const at = `devices/${path}`;
    if (bus === 'pci') add(`${at}/physfn`);
    if (bus === 'class/net') for (const entry of sysfs.list(at)) if (/^lower_/.test(entry)) add(`${at}/${entry}`);
    if (bus === 'class/block') for (const entry of sysfs.list(`${at}/slaves`)) add(`${at}/slaves/${entry}`);
  }
  return links;
}

const mountinfo = (proc.read('self/mountinfo', 1 << 20) ?? '').split('\n').flatMap((line) => {
  const words = line.split(' ');
  const dash = words.indexOf('-', 6);
  const source = words[dash + 2] ?? '';
  if (dash < 0 || !source.startsWith('/dev/')) return [];
  const on = KNOWN_MOUNTS.includes(words[4]!) ? words[4] : '/mnt';
  return [`${words[0]} ${words[1]} ${words[2]} / ${on} rw - ${words[dash + 1]} ${anonymous(source)} rw\n`];
});

const routes = (proc.read('self/net/route') ?? '')
  .split('\n')
  .slice(1)
  .flatMap((line) => {
    const words = line.split('\t');
    return words[1] === '00000000' && words[7] === '00000000'
      ? [`${anonymous(words[0]!)}\t00000000\t00000000\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`]
      : [];
  });

const cmdline = (proc.line('cmdline') ?? '').split(' ').filter((word) => /iommu|vfio|acs_override|^pci=/.test(word));

const machine: MachineDescription = {
  version: 1,
  name,
  release: readRelease({ proc }).text ?? '',
  cmdline: cmdline.join(' '),
  devices,
  drivers,
  groups,
  modules,
  sysfsLinks: linksOf(),
  proc: {
    'self/mountinfo': mountinfo.join(''),
    'self/net/route': `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n${routes.join('')}`,
  },
};
process.stdout.write(`${JSON.stringify(machine, null, 1)}\n`);
