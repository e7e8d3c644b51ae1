import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CpioEntry, cpioArchive } from '../support/cpio-writer.ts';
import { putFiles } from '../support/modules-tree.ts';
import { machineRoot } from '../vfio/machine-root.ts';
import type { MachineDescription } from '../fake-root.ts';

export const RELEASE = '6.12.107+deb13-amd64';
const MODULES = `usr/lib/modules/${RELEASE}`;

/** What a root and its initramfs hold besides the usual; texts by path. */
export interface BootSystem {
  readonly root?: Readonly<Record<string, string>>;
  readonly image?: Readonly<Record<string, CpioEntry>>;
  /** Modules that the image holds. Default: nvme. */
  readonly imageModules?: readonly string[];
  /** What makes the image. Default: initramfs-tools. */
  readonly maker?: 'dracut';
  readonly cmdline?: string;
  readonly machine?: MachineDescription;
}

/** File and aliases of each module, and what it needs. */
const KNOWN: Readonly<Record<string, { readonly file: string; readonly needs: string; readonly aliases: string[] }>> = {
  nvme: {
    file: 'kernel/drivers/nvme/host/nvme.ko.xz',
    needs: 'kernel/drivers/nvme/host/nvme-core.ko.xz',
    aliases: ['pci:v*d*sv*sd*bc01sc08i02*'],
  },
  nvme_core: { file: 'kernel/drivers/nvme/host/nvme-core.ko.xz', needs: '', aliases: [] },
  e1000e: {
    file: 'kernel/drivers/net/ethernet/intel/e1000e/e1000e.ko.xz',
    needs: '',
    aliases: ['pci:v00008086d000010D3sv*sd*bc*sc*i*'],
  },
  vfio_pci: {
    file: 'kernel/drivers/vfio/pci/vfio-pci.ko.xz',
    needs: 'kernel/drivers/vfio/pci/vfio-pci-core.ko.xz kernel/drivers/vfio/vfio.ko.xz',
    aliases: ['vfio_pci:v*d*sv*sd*bc*sc*i*'],
  },
  vfio_pci_core: {
    file: 'kernel/drivers/vfio/pci/vfio-pci-core.ko.xz',
    needs: 'kernel/drivers/vfio/vfio.ko.xz',
    aliases: [],
  },
  vfio: { file: 'kernel/drivers/vfio/vfio.ko.xz', needs: '', aliases: [] },
};

/** The lists that depmod makes for some modules, and their files. */
export function modulesFiles(names: readonly string[]): Record<string, string> {
  const known = names.map((name) => [name, KNOWN[name]!] as const);
  return {
    ...Object.fromEntries(known.map(([, { file }]) => [`${MODULES}/${file}`, ''])),
    [`${MODULES}/modules.dep`]: known.map(([, { file, needs }]) => `${file}:${needs && ` ${needs}`}\n`).join(''),
    [`${MODULES}/modules.alias`]: known
      .flatMap(([name, { aliases }]) => aliases.map((alias) => `alias ${alias} ${name}\n`))
      .join(''),
    [`${MODULES}/modules.builtin`]: 'kernel/drivers/pci/pci-stub.ko\n',
    [`${MODULES}/modules.softdep`]: '# Soft dependencies extracted from modules themselves.\n',
  };
}

/** udev's own rule that loads modules, as systemd has it. */
const DRIVERS = `ACTION!="add", GOTO="drivers_end"

ENV{MODALIAS}=="?*", RUN{builtin}+="kmod load"

LABEL="drivers_end"
`;

const LIB = 'usr/lib/systemd/system';
const EARLY = '[Unit]\nDefaultDependencies=no\n';

/** The units of systemd that have a say, with the lines that order them (systemd 257). */
const SYSTEMD: Readonly<Record<string, string>> = {
  'usr/lib/systemd/systemd': '',
  [`${LIB}/multi-user.target`]: '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  [`${LIB}/initrd.target`]: '[Unit]\nRequires=basic.target\nAfter=basic.target\n',
  [`${LIB}/basic.target`]: '[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\n',
  [`${LIB}/sysinit.target`]:
    '[Unit]\nWants=systemd-modules-load.service systemd-udev-trigger.service systemd-udevd.service\n',
  [`${LIB}/systemd-modules-load.service`]: `${EARLY}Before=sysinit.target\n[Service]\nExecStart=/usr/lib/systemd/systemd-modules-load\n`,
  [`${LIB}/systemd-udevd.service`]: `${EARLY}Before=sysinit.target\n`,
  [`${LIB}/systemd-udev-trigger.service`]: `${EARLY}Wants=systemd-udevd.service\nBefore=sysinit.target\n[Service]\nExecStart=-udevadm trigger --type=all --action=add\n`,
  [`${LIB}/systemd-udev-settle.service`]: `${EARLY}Wants=systemd-udevd.service\nAfter=systemd-udev-trigger.service\nBefore=sysinit.target\n[Service]\nExecStart=udevadm settle\n`,
};

/** What initramfs-tools puts into each of its images. */
const IMAGE: Readonly<Record<string, CpioEntry>> = {
  conf: null,
  'conf/initramfs.conf': 'MODULES=most\n',
  'scripts/functions': '',
  'scripts/init-top/ORDER': '/scripts/init-top/udev "$@"\n[ -e /conf/param.conf ] && . /conf/param.conf\n',
  'scripts/init-top/udev': 'udevadm trigger --type=devices --action=add\nudevadm settle || true\n',
  lib: { link: 'usr/lib' },
  'usr/lib/udev/rules.d/80-drivers.rules': DRIVERS,
};

/** What dracut with systemd puts into each of its images. */
const DRACUT: Readonly<Record<string, CpioEntry>> = {
  ...SYSTEMD,
  lib: { link: 'usr/lib' },
  'usr/lib/dracut-lib.sh': '',
  [`${LIB}/default.target`]: { link: 'initrd.target' },
  [`${LIB}/initrd.target.wants/dracut-pre-udev.service`]: { link: '../dracut-pre-udev.service' },
  [`${LIB}/dracut-pre-udev.service`]: `${EARLY}Before=systemd-udevd.service dracut-pre-trigger.service\n`,
  [`${LIB}/initrd.target.wants/dracut-pre-trigger.service`]: { link: '../dracut-pre-trigger.service' },
  [`${LIB}/dracut-pre-trigger.service`]: `${EARLY}Before=systemd-udev-trigger.service\nAfter=dracut-pre-udev.service\n`,
  'usr/lib/udev/rules.d/80-drivers.rules': DRIVERS,
};

/** Two like NVMe disks and a network card, as a plain boot leaves them. */
export const TWINS: MachineDescription = {
  version: 1,
  name: 'twins',
  release: RELEASE,
  drivers: { pci: { nvme: 'nvme', e1000e: 'e1000e', pcieport: null } },
  devices: [
    ['0000:01:00.0', 'pci:v0000144Dd0000A80Csv0000144Dsd0000A801bc01sc08i02', 'nvme', '1'],
    ['0000:02:00.0', 'pci:v0000144Dd0000A80Csv0000144Dsd0000A801bc01sc08i02', 'nvme', '2'],
    ['0000:03:00.0', 'pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00', 'e1000e', '3'],
  ].map(([name, modalias, driver, group]) => ({
    path: `pci0000:00/${name}`,
    bus: 'pci',
    driver: driver!,
    group: group!,
    attributes: {
      modalias: modalias!,
      uevent: `PCI_SLOT_NAME=${name}\nMODALIAS=${modalias}`,
      vendor: `0x${modalias!.slice(9, 13).toLowerCase()}`,
      device: `0x${modalias!.slice(18, 22).toLowerCase()}`,
      subsystem_vendor: `0x${modalias!.slice(28, 32).toLowerCase()}`,
      subsystem_device: `0x${modalias!.slice(38, 42).toLowerCase()}`,
    },
  })),
  groups: { 1: { type: 'DMA' }, 2: { type: 'DMA' }, 3: { type: 'DMA' } },
};

/** Makes the root of a Debian system with an image of initramfs-tools; gone after the test. */
export function bootRoot(system: BootSystem): string {
  const { root = {}, image = {}, imageModules, maker, cmdline = '', machine = TWINS } = system;
  const { directory } = machineRoot({ ...machine, cmdline: `root=/dev/nvme0n1p2 ro ${cmdline}` });
  mkdirSync(join(directory, 'usr/lib'), { recursive: true });
  symlinkSync('usr/lib', join(directory, 'lib'));
  putFiles(directory, {
    ...modulesFiles(Object.keys(KNOWN)),
    'usr/lib/udev/rules.d/80-drivers.rules': DRIVERS,
    ...SYSTEMD,
    ...root,
  });
  symlinkSync('multi-user.target', join(directory, LIB, 'default.target'));
  const modules = modulesFiles(imageModules ?? ['nvme', 'nvme_core']);
  const file = join(directory, `boot/initrd.img-${RELEASE}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, cpioArchive({ ...(maker === 'dracut' ? DRACUT : IMAGE), ...modules, ...image }));
  return directory;
}
