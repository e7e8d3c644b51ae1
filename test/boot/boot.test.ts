import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forecastBoot } from '../../src/boot/boot.ts';
import { type BootSystem, bootRoot, RELEASE, TWINS } from './boot-root.ts';

const IDS = '144d:a80c:144d:a801';
const ALL = ['vfio_pci', 'vfio_pci_core', 'vfio', 'nvme', 'nvme_core'];

/** `DRIVER certain` of a device, and the stage in which it got it. */
async function ends(system: BootSystem, device: string): Promise<string> {
  const { devices } = await forecastBoot([device], { root: bootRoot(system) });
  const { driver, certain, stages } = devices[0]!;
  const stage = stages.find((one) => one.driver === driver && driver !== null)?.stage;
  return `${driver} ${stage ?? '-'} ${certain ? 'certain' : 'open'}`;
}

test('forecastBoot: without configuration a device ends on its native driver, in the first stage that has the module', async () => {
  expect(await ends({}, '0000:01:00.0')).toBe('nvme initramfs certain');
  expect(await ends({}, '0000:03:00.0')).toBe('e1000e root certain');
});

test('forecastBoot: ids of modprobe.d count where the image holds them with a softdep and the module', async () => {
  const conf = `softdep nvme pre: vfio_pci\noptions vfio_pci ids=${IDS}\n`;
  const both = { root: { 'etc/modprobe.d/vfio.conf': conf }, image: { 'etc/modprobe.d/vfio.conf': conf } };
  expect(await ends({ ...both, imageModules: ALL }, '0000:01:00.0')).toBe('vfio-pci initramfs certain');
  // Both of the like disks.
  expect(await ends({ ...both, imageModules: ALL }, '0000:02:00.0')).toBe('vfio-pci initramfs certain');
  // The image was not built again.
  expect(await ends({ root: both.root }, '0000:01:00.0')).toBe('nvme initramfs certain');
  // It was, but without the module.
  expect(await ends({ ...both }, '0000:01:00.0')).toBe('nvme initramfs certain');
});

test('forecastBoot: ids without a softdep race with the native module', async () => {
  const system = {
    root: {
      'etc/modprobe.d/vfio.conf': 'options vfio_pci ids=8086:10d3\n',
      'etc/modules-load.d/vfio.conf': 'vfio_pci\n',
    },
  };
  const { devices } = await forecastBoot(['0000:03:00.0'], { root: bootRoot(system) });
  expect(devices[0]).toMatchObject({ certain: false, doubts: [] });
  expect([devices[0]!.driver, ...devices[0]!.others.map((one) => one.driver)].sort()).toEqual(['e1000e', 'vfio-pci']);
});

test('forecastBoot: vfio-pci.ids= of the command line counts as an option of the module', async () => {
  const softdep = { 'etc/modprobe.d/vfio.conf': 'softdep e1000e pre: vfio_pci\n' };
  const cmdline = 'quiet vfio-pci.ids=8086:10d3';
  expect(await ends({ root: softdep, cmdline }, '0000:03:00.0')).toBe('vfio-pci root certain');
  // Nothing loads the module.
  expect(await ends({ cmdline }, '0000:03:00.0')).toBe('e1000e root certain');
  // conf/modules comes after udev.
  const late = { image: { 'conf/modules': 'vfio_pci\n' }, cmdline: `vfio-pci.ids=${IDS}` };
  expect(await ends({ ...late, imageModules: ALL }, '0000:01:00.0')).toBe('nvme initramfs certain');
  const alone = { image: { 'conf/modules': 'vfio_pci\n' }, cmdline };
  expect(await ends({ ...alone, imageModules: ALL }, '0000:03:00.0')).toBe('vfio-pci initramfs certain');
});

/** What `vfio plan --format udev` prints for the second disk. */
const RULES = `ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:02:00.0", ATTR{vendor}=="0x144d", ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load vfio_pci", RUN{program}+="/bin/sh -c '[ ! -e /sys/bus/pci/devices/0000:02:00.0/driver ] || [ -e /sys/bus/pci/drivers/vfio-pci/0000:02:00.0 ] || echo 0000:02:00.0 > /sys/bus/pci/devices/0000:02:00.0/driver/unbind; echo 0000:02:00.0 > /sys/bus/pci/drivers_probe'"
`;

test('forecastBoot: a udev rule of the root unbinds what the initramfs has bound, and leaves the twin alone', async () => {
  const root = { 'etc/udev/rules.d/90-vfio.rules': RULES };
  expect(await ends({ root }, '0000:02:00.0')).toBe('vfio-pci root certain');
  expect(await ends({ root }, '0000:01:00.0')).toBe('nvme initramfs certain');
});

test('forecastBoot: a udev rule in the image holds in whatever order its devices are handled', async () => {
  const file = { '/etc/udev/rules.d/90-vfio.rules': RULES };
  const system = { root: { 'etc/udev/rules.d/90-vfio.rules': RULES }, image: file };
  expect(await ends({ ...system, imageModules: ALL }, '0000:02:00.0')).toBe('vfio-pci initramfs certain');
  // Without the module the override keeps nvme away until the root has it.
  expect(await ends(system, '0000:02:00.0')).toBe('vfio-pci root certain');
});

/** The network card and one like it, of which the native module is in the root only. */
const CARDS = {
  ...TWINS,
  devices: TWINS.devices.flatMap((device) =>
    device.driver === 'e1000e' ? [device, { ...device, path: 'pci0000:00/0000:04:00.0' }] : [device],
  ),
};
const CARD_RULES = RULES.replaceAll('02:00.0', '03:00.0').replaceAll('0x144d', '0x8086');
const CARD = 'ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:03:00.0"';

test('forecastBoot: the event of a twin may load the native module before or after the override is set', async () => {
  const by = (rules: string, name = '90-vfio') => ({
    machine: CARDS,
    root: { [`etc/udev/rules.d/${name}.rules`]: rules },
  });
  expect(await ends(by(CARD_RULES), '0000:03:00.0')).toBe('vfio-pci root certain');
  expect(await ends(by(CARD_RULES), '0000:04:00.0')).toBe('e1000e root certain');
  const open = async (rules: string, name?: string) => {
    const { devices } = await forecastBoot(['0000:03:00.0'], { root: bootRoot(by(rules, name)) });
    expect(devices[0]).toMatchObject({ driver: 'vfio-pci', certain: false, doubts: [] });
    expect(devices[0]!.others).toMatchObject([
      { driver: 'e1000e', vfio: false, loads: ['pci_stub', 'e1000e', 'vfio_pci'] },
    ]);
  };
  const override = `${CARD}, ATTR{driver_override}="vfio-pci", RUN{builtin}+="kmod load vfio_pci"\n`;
  // Without an unbind the card stays with e1000e where the twin was quicker.
  await open(override);
  // While e1000e probes the twin, its file `unbind` is not there yet, neither for a rule nor for a program that runs
  // before the card's own load of e1000e has waited for it.
  await open(`${override}${CARD}, DRIVER=="?*", DRIVER!="vfio-pci", ATTR{driver/unbind}="0000:03:00.0"\n`);
  await open(CARD_RULES, '10-vfio');
  // Without a twin nothing but its own event loads e1000e, after the override.
  const alone = { root: { 'etc/udev/rules.d/90-vfio.rules': override } };
  expect(await ends(alone, '0000:03:00.0')).toBe('vfio-pci root certain');
});

test('forecastBoot: says which lines and which rule of the kernel decide', async () => {
  const plain = (await forecastBoot(['0000:01:00.0'], { root: bootRoot({}) })).devices[0]!.because;
  expect(plain.map(({ line, rule }) => [line, rule])).toEqual([
    [3, expect.stringContaining('RUN{builtin}+="kmod load"')],
    [null, 'drivers/pci/pci-driver.c:pci_match_device: nvme was seen to match 0000:01:00.0'],
  ]);
  const root = bootRoot({ root: { 'etc/udev/rules.d/90-vfio.rules': RULES } });
  const { devices } = await forecastBoot(['0000:02:00.0'], { root });
  expect(devices[0]!.because).toContainEqual({
    file: `${root}/etc/udev/rules.d/90-vfio.rules`,
    line: 1,
    rule: expect.stringContaining('ATTR{driver_override}="vfio-pci"'),
  });
});

/** What `vfio plan --format systemd` prints, wanted by multi-user.target. */
const UNIT = `[Unit]
DefaultDependencies=no
After=systemd-modules-load.service local-fs.target
Wants=network-pre.target
Before=network-pre.target display-manager.service libvirtd.service
[Service]
Type=oneshot
ExecStart=/usr/bin/env modalias vfio bind --id ${IDS} 0000:02:00.0
[Install]
WantedBy=multi-user.target
`;
const WANTED = 'etc/systemd/system/multi-user.target.wants/vfio-bind.service';

test('forecastBoot: a unit that runs vfio bind takes the device from its driver, whenever it runs', async () => {
  expect(await ends({ root: { [WANTED]: UNIT, 'etc/systemd/system/vfio-bind.service': UNIT } }, '0000:02:00.0')).toBe(
    'vfio-pci root certain',
  );
  // Another device is at the address.
  const other = UNIT.replace(IDS, '144d:ffff');
  expect(await ends({ root: { [WANTED]: other, 'etc/systemd/system/vfio-bind.service': other } }, '0000:02:00.0')).toBe(
    'nvme initramfs certain',
  );
  // Not enabled.
  expect(await ends({ root: { 'etc/systemd/system/vfio-bind.service': UNIT } }, '0000:02:00.0')).toBe(
    'nvme initramfs certain',
  );
});

test('forecastBoot: a unit that runs vfio bind waits for a native module that still probes a twin', async () => {
  const unit = UNIT.replace(IDS, '8086:10d3').replace('02:00.0', '03:00.0');
  const root = { [WANTED]: unit, 'etc/systemd/system/vfio-bind.service': unit };
  expect(await ends({ machine: CARDS, root }, '0000:03:00.0')).toBe('vfio-pci root certain');
  // A script does not wait.
  const script = unit.replace(
    /ExecStart=.*/,
    "ExecStart=/bin/sh -c 'modprobe vfio-pci; cd /; echo vfio-pci > /sys/bus/pci/devices/0000:03:00.0/driver_override; echo 0000:03:00.0 > /sys/bus/pci/devices/0000:03:00.0/driver/unbind; echo 0000:03:00.0 > /sys/bus/pci/drivers_probe'",
  );
  const scripts = { [WANTED]: script, 'etc/systemd/system/vfio-bind.service': script };
  expect(await ends({ machine: CARDS, root: scripts }, '0000:03:00.0')).toMatch(/ open$/);
});

test('forecastBoot: a unit that makes virtual functions of a device leaves it with its driver', async () => {
  const unit = UNIT.replace('vfio bind', 'vfio bind --vfs 2');
  expect(await ends({ root: { [WANTED]: unit, 'etc/systemd/system/vfio-bind.service': unit } }, '0000:02:00.0')).toBe(
    'nvme initramfs certain',
  );
});

/** The parts of driverctl that have a say. */
const DRIVERCTL = {
  'usr/lib/udev/rules.d/05-driverctl.rules':
    'ACTION=="add", TEST=="/etc/driverctl.d/$env{SUBSYSTEM}-$kernel", TAG+="systemd", ENV{SYSTEMD_WANTS}="driverctl@$env{SUBSYSTEM}-$kernel.service"\n',
  'usr/lib/systemd/system/driverctl@.service':
    '[Unit]\nDefaultDependencies=no\nBefore=basic.target\nConditionPathExists=/etc/driverctl.d/%i\n[Service]\nType=oneshot\nExecStart=/usr/sbin/driverctl load-override %I\n',
};

test('forecastBoot: driverctl moves the device that it has an override for', async () => {
  const root = { ...DRIVERCTL, 'etc/driverctl.d/pci-0000:02:00.0': 'vfio-pci\n' };
  expect(await ends({ root }, '0000:02:00.0')).toBe('vfio-pci root certain');
  expect(await ends({ root }, '0000:01:00.0')).toBe('nvme initramfs certain');
  const { devices } = await forecastBoot(['0000:02:00.0'], { root: bootRoot({ root }) });
  expect(devices[0]!.because.map(({ file }) => file?.replace(/.*modalias-machine-\w+\//, ''))).toEqual([
    'usr/lib/udev/rules.d/05-driverctl.rules',
    'usr/lib/systemd/system/driverctl@.service',
    'etc/driverctl.d/pci-0000:02:00.0',
    undefined,
  ]);
});

test('forecastBoot: the new_id of a driverctl that writes one takes like devices that have no driver', async () => {
  const script = 'echo -n $(< "$syspath/vendor") > "/sys/module/vfio_pci/drivers/pci:vfio-pci/new_id"\n';
  const root = { ...DRIVERCTL, 'usr/sbin/driverctl': script, 'etc/driverctl.d/pci-0000:02:00.0': 'vfio-pci\n' };
  expect(await ends({ root }, '0000:01:00.0')).toBe('nvme initramfs certain');
  // Its unit follows the event that loads nvme.
  expect(await ends({ root, imageModules: ['vfio'] }, '0000:01:00.0')).toBe('nvme root certain');
  const without = { ...root, 'etc/modprobe.d/x.conf': 'blacklist nvme\n' };
  expect(await ends({ root: without, imageModules: ['vfio'] }, '0000:01:00.0')).toBe('vfio-pci root certain');
});

test('forecastBoot: a service after systemd-udev-settle comes after the native driver, one before the trigger before', async () => {
  const load = (order: string) => ({
    root: {
      'etc/modprobe.d/vfio.conf': 'options vfio_pci ids=8086:10d3\n',
      'etc/systemd/system/early.service': `[Unit]\nDefaultDependencies=no\n${order}\n[Service]\nExecStart=/sbin/modprobe vfio-pci\n`,
      'usr/lib/systemd/system/sysinit.target.wants/early.service': `[Unit]\n`,
    },
  });
  expect(await ends(load('Before=systemd-udev-trigger.service'), '0000:03:00.0')).toBe('vfio-pci root certain');
  expect(await ends(load('Wants=systemd-udev-settle.service\nAfter=systemd-udev-settle.service'), '0000:03:00.0')).toBe(
    'e1000e root certain',
  );
  expect(await ends(load('After=systemd-udev-trigger.service'), '0000:03:00.0')).toMatch(/ open$/);
});

test('forecastBoot: an image of dracut loads rd.driver.pre before udev, and what modules-load.d names beside it', async () => {
  const image = { 'etc/modprobe.d/vfio.conf': `options vfio_pci ids=${IDS}\n` };
  const system = { maker: 'dracut' as const, imageModules: ALL };
  expect(await ends({ ...system, image, cmdline: 'rd.driver.pre=vfio-pci' }, '0000:01:00.0')).toBe(
    'vfio-pci initramfs certain',
  );
  const forced = { ...image, 'etc/cmdline.d/20-force_drivers.conf': 'rd.driver.pre=vfio_pci\n' };
  expect(await ends({ ...system, image: forced }, '0000:01:00.0')).toBe('vfio-pci initramfs certain');
  const listed = { ...image, 'etc/modules-load.d/vfio.conf': 'vfio_pci\n' };
  expect(await ends({ ...system, image: listed }, '0000:01:00.0')).toMatch(/ open$/);
  expect(await ends({ ...system, image }, '0000:01:00.0')).toBe('nvme initramfs certain');
  // It is written to /run, which the root has too.
  expect(await ends({ ...system, image, cmdline: 'rd.driver.blacklist=nvme' }, '0000:01:00.0')).toBe('null - certain');
});

test('forecastBoot: a script of initramfs-tools that runs before udev sets overrides in time', async () => {
  const script = `#!/bin/sh
PREREQ=""
prereqs() { echo "$PREREQ"; }
case "$1" in
  prereqs) prereqs; exit 0 ;;
esac
DEVICES="0000:02:00.0"
for device in $DEVICES; do
  echo vfio-pci > /sys/bus/pci/devices/$device/driver_override
done
modprobe -i vfio-pci
`;
  const image = {
    'scripts/init-top/vfio': script,
    'scripts/init-top/ORDER': '/scripts/init-top/vfio "$@"\n/scripts/init-top/udev "$@"\n',
  };
  expect(await ends({ image, imageModules: ALL }, '0000:02:00.0')).toBe('vfio-pci initramfs certain');
  expect(await ends({ image, imageModules: ALL }, '0000:01:00.0')).toBe('nvme initramfs certain');
  const late = { ...image, 'scripts/init-top/ORDER': '/scripts/init-top/udev "$@"\n/scripts/init-top/vfio "$@"\n' };
  expect(await ends({ image: late, imageModules: ALL }, '0000:02:00.0')).toBe('nvme initramfs certain');
});

test('forecastBoot: blacklists, install lines and module_blacklist= keep a native module away', async () => {
  const blacklist = { 'etc/modprobe.d/x.conf': 'blacklist e1000e\n' };
  expect(await ends({ root: blacklist }, '0000:03:00.0')).toBe('null - certain');
  const install = { 'etc/modprobe.d/x.conf': 'install e1000e /bin/false\n' };
  expect(await ends({ root: install }, '0000:03:00.0')).toBe('null - certain');
  expect(await ends({ cmdline: 'module_blacklist=e1000e' }, '0000:03:00.0')).toBe('null - certain');
  expect(await ends({ cmdline: 'modprobe.blacklist=e1000e' }, '0000:03:00.0')).toBe('null - certain');
  const first = {
    'etc/modprobe.d/x.conf':
      'options vfio_pci ids=8086:10d3\ninstall e1000e /sbin/modprobe vfio-pci; /sbin/modprobe --ignore-install e1000e\n',
  };
  expect(await ends({ root: first }, '0000:03:00.0')).toBe('vfio-pci root certain');
});

test('forecastBoot: built-in pci-stub takes the ids of the command line before any module is loaded', async () => {
  expect(await ends({ cmdline: 'pci-stub.ids=8086:10d3' }, '0000:03:00.0')).toBe('pci-stub kernel certain');
});

/** Runs the forecast with files that are only to be installed, written beside the root. */
async function withAdded(system: BootSystem, text: string, device: string, dest = ''): Promise<string> {
  const root = bootRoot(system);
  const file = join(root, 'added');
  writeFileSync(file, text);
  const { devices } = await forecastBoot([device], { root, add: [dest + file] });
  const { driver, certain, stages } = devices[0]!;
  return `${driver} ${stages.find((one) => one.driver === driver && driver !== null)?.stage ?? '-'} ${certain ? 'certain' : 'open'}`;
}

test('forecastBoot: takes what is added as installed where its comment says, and the initramfs as made again', async () => {
  const rules = `# stage: root file system\n# /etc/udev/rules.d/90-vfio.rules\n${RULES}`;
  expect(await withAdded({}, rules, '0000:02:00.0')).toBe('vfio-pci root certain');
  const ids = `# /etc/modprobe.d/vfio.conf; then update the initramfs:
#   initramfs-tools: update-initramfs -u -k all
#   dracut: dracut --force --regenerate-all, after these lines in /etc/dracut.conf.d/vfio.conf:
#     force_drivers+=" vfio_pci "
#     install_items+=" /etc/modprobe.d/vfio.conf "
softdep nvme pre: vfio_pci
options vfio_pci ids=${IDS}
`;
  expect(await withAdded({}, ids, '0000:01:00.0')).toBe('vfio-pci initramfs certain');
  expect(await withAdded({ maker: 'dracut' }, ids, '0000:01:00.0')).toBe('vfio-pci initramfs certain');
  // By its place alone it is not in the initramfs.
  expect(await withAdded({}, ids, '0000:01:00.0', '/etc/modprobe.d/vfio.conf=')).toBe('nvme initramfs certain');
  const unit = `# /etc/systemd/system/vfio-bind.service; then systemctl enable vfio-bind\n${UNIT}`;
  expect(await withAdded({}, unit, '0000:02:00.0')).toBe('vfio-pci root certain');
  const driverctl = `# run this with sh as root\nmkdir -p /etc/driverctl.d\nprintf '%s\\n' 'vfio-pci' > '/etc/driverctl.d/pci-0000:02:00.0'\n`;
  expect(await withAdded({ root: DRIVERCTL }, driverctl, '0000:02:00.0')).toBe('vfio-pci root certain');
  const words = '# with GRUB: add the words to GRUB_CMDLINE_LINUX in /etc/default/grub\nvfio-pci.ids=8086:10d3\n';
  const softdep = { 'etc/modprobe.d/x.conf': 'softdep e1000e pre: vfio_pci\n' };
  expect(await withAdded({ root: softdep }, words, '0000:03:00.0')).toBe('vfio-pci root certain');
});

/** Lines as `vfio plan --format initramfs-tools` and `dracut` print them for the second disk. */
const EARLY = `holds() { [ "$(cat "$1" 2> /dev/null)" = "$2" ]; }
if [ -e /sys/bus/pci/devices/0000:02:00.0/driver_override ] \\
  && holds /sys/bus/pci/devices/0000:02:00.0/vendor 0x144d; then
  echo vfio-pci > /sys/bus/pci/devices/0000:02:00.0/driver_override
  if [ -e /sys/bus/pci/devices/0000:02:00.0/driver ] && ! [ -e /sys/bus/pci/drivers/vfio-pci/0000:02:00.0 ]; then
    echo 0000:02:00.0 > /sys/bus/pci/devices/0000:02:00.0/driver/unbind
  fi
  modprobe vfio_pci
  echo 0000:02:00.0 > /sys/bus/pci/drivers_probe
else
  echo '<4>vfio: left alone' > /dev/kmsg
fi`;
const FOR_TOOLS = `# run this with sh as root; it writes two files and rebuilds every initramfs
set -e
cat > /etc/initramfs-tools/hooks/vfio << 'EOF'
. /usr/share/initramfs-tools/hook-functions
manual_add_modules vfio_pci
EOF
cat > /etc/initramfs-tools/scripts/init-top/00-vfio << 'EOF'
#!/bin/sh
PREREQ=""
case "$1" in prereqs) echo "$PREREQ"; exit 0 ;; esac
${EARLY}
EOF
update-initramfs -u -k all
`;
const FOR_DRACUT = `# run this with sh as root; it writes a module of dracut and rebuilds every initramfs
cat > /usr/lib/dracut/modules.d/90vfio-override/module-setup.sh << 'EOF'
installkernel() { hostonly='' instmods vfio_pci; }
install() { inst_multiple cat modprobe; inst_hook pre-udev 00 "$moddir/vfio-override.sh"; }
EOF
cat > /usr/lib/dracut/modules.d/90vfio-override/vfio-override.sh << 'EOF'
#!/bin/sh
(
${EARLY}
)
EOF
dracut --force --regenerate-all
`;

test('forecastBoot: follows scripts of an initramfs that are to be installed, with their conditions', async () => {
  for (const [system, text] of [
    [{}, FOR_TOOLS],
    [{ maker: 'dracut' }, FOR_DRACUT],
  ] as const) {
    expect(await withAdded(system, text, '0000:02:00.0')).toBe('vfio-pci initramfs certain');
    expect(await withAdded(system, text, '0000:01:00.0')).toBe('nvme initramfs certain');
    // Another device has the address.
    const other = text.replaceAll('/vendor 0x144d', '/vendor 0x1234');
    expect(await withAdded(system, other, '0000:02:00.0')).toBe('nvme initramfs certain');
  }
});

test('forecastBoot: refuses a file that does not say where it belongs', async () => {
  await expect(withAdded({}, 'options vfio_pci ids=1:2\n', '0000:01:00.0')).rejects.toThrow(/does not say where/);
});

test("forecastBoot: takes the boot loader's next command line where there is one, and says so", async () => {
  const grub = `menuentry 'Debian' {\n\tlinux /boot/vmlinuz-${RELEASE} root=/dev/nvme0n1p2 ro pci-stub.ids=8086:10d3\n\tinitrd /boot/initrd.img-${RELEASE}\n}\n`;
  const root = bootRoot({ root: { 'boot/grub/grub.cfg': grub } });
  const { devices, notes } = await forecastBoot(['0000:03:00.0'], { root });
  expect(devices[0]).toMatchObject({ driver: 'pci-stub', vfio: false, certain: true });
  expect(devices[0]!.because).toContainEqual({
    file: `${root}/boot/grub/grub.cfg`,
    line: null,
    rule: 'pci-stub.ids=8086:10d3',
  });
  expect(notes).toMatchObject([{ code: 'boot-loader', line: 2 }]);
});

test('forecastBoot: a driver that was never seen on the device, nor on one like it, leaves the answer open', async () => {
  const machine = { ...TWINS, devices: TWINS.devices.map(({ driver: _, ...device }) => device) };
  const { devices } = await forecastBoot(['0000:03:00.0'], { root: bootRoot({ machine }) });
  expect(devices[0]).toMatchObject({ driver: 'e1000e', vfio: false, certain: false });
  expect(devices[0]!.others).toMatchObject([{ driver: null, vfio: false }]);
  expect(devices[0]!.doubts).toMatchObject([{ code: 'boot-assumed' }]);
});

test('forecastBoot: a virtual function is not there from the start', async () => {
  const [first, ...others] = TWINS.devices;
  const machine = {
    ...TWINS,
    devices: [first!, ...others],
    sysfsLinks: { 'devices/pci0000:00/0000:02:00.0/physfn': '../0000:01:00.0' },
  };
  const { devices } = await forecastBoot(['0000:02:00.0'], { root: bootRoot({ machine }) });
  expect(devices[0]).toMatchObject({ certain: false, doubts: [{ code: 'boot-assumed' }] });
});
