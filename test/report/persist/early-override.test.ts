import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { machineRoot } from '../../vfio/machine-root.ts';
import { persistence, said } from './persistence-text.ts';

const DEVICE = '0000:01:00.0';
const IDS = { vendor: '0x8086', device: '0x10d3', subsystem_vendor: '0x8086', subsystem_device: '0x0000' };

/** Programs that are not here, or not to be run: what they are called with is in `log`. */
function stubs(directory: string): { readonly env: NodeJS.ProcessEnv; readonly log: () => string } {
  const bin = path.join(directory, 'bin');
  fs.mkdirSync(bin);
  for (const name of ['modprobe', 'update-initramfs', 'dracut'])
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\necho ${name} "$@" >> ${directory}/log\n`, { mode: 0o755 });
  const log = path.join(directory, 'log');
  return {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    log: () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : ''),
  };
}

/** Runs what a format prints, with the files below a directory in place of the machine's own. */
function install(format: 'initramfs-tools' | 'dracut', names: readonly string[] = [DEVICE]) {
  const { directory, sysfs } = machineRoot('viommu-guest');
  const kmsg = path.join(directory, 'kmsg');
  const text = persistence(format, 'viommu-guest', names)
    .replaceAll('/etc/', `${directory}/etc/`)
    .replaceAll('/usr/lib/', `${directory}/usr/lib/`)
    .replaceAll('/sys/bus', `${sysfs}/bus`)
    .replaceAll('/dev/kmsg', kmsg);
  const { env, log } = stubs(directory);
  const sh = (script: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  expect(sh(text)).toEqual({ status: 0, stdout: '', stderr: '' });
  const files = () =>
    ['etc', 'usr'].flatMap((top) =>
      fs.existsSync(path.join(directory, top))
        ? fs
            .readdirSync(path.join(directory, top), { recursive: true, encoding: 'utf8' })
            .map((one) => `/${top}/${one}`)
        : [],
    );
  const attribute = (name: string) => path.join(sysfs, 'bus/pci/devices', DEVICE, name);
  for (const [name, value] of Object.entries(IDS)) fs.writeFileSync(attribute(name), `${value}\n`);
  return { text, directory, sysfs, kmsg, sh, log, files, attribute };
}

const SCRIPTS = {
  'initramfs-tools': '/etc/initramfs-tools/scripts/init-top/00-vfio',
  dracut: '/usr/lib/dracut/modules.d/90vfio-override/vfio-override.sh',
} as const;
const REBUILDS = { 'initramfs-tools': 'update-initramfs -u -k all\n', dracut: 'dracut --force --regenerate-all\n' };
const FORMATS = ['initramfs-tools', 'dracut'] as const;

test.each(FORMATS)('earlyOverride: %s gives the device its override before the module is loaded', (format) => {
  const { directory, sysfs, sh, log, attribute } = install(format);
  expect(log()).toBe(REBUILDS[format]);
  expect(sh(directory + SCRIPTS[format])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(fs.readFileSync(attribute('driver_override'), 'utf8')).toBe('vfio-pci\n');
  expect(fs.readFileSync(path.join(sysfs, 'bus/pci/drivers_probe'), 'utf8')).toBe(`${DEVICE}\n`);
  // a driver that was quicker, as one that is built in, lets go
  expect(fs.readFileSync(path.join(sysfs, 'bus/pci/drivers/e1000e/unbind'), 'utf8')).toBe(`${DEVICE}\n`);
  expect(log()).toBe(`${REBUILDS[format]}modprobe vfio_pci\n`);
});

test.each(
  FORMATS.flatMap((format) =>
    ['vendor', 'device', 'subsystem_vendor', 'subsystem_device'].map((one) => [format, one] as const),
  ),
)('earlyOverride: %s leaves another device at the address alone: its %s differs', (format, differs) => {
  const { directory, sh, log, attribute, kmsg } = install(format);
  fs.writeFileSync(attribute(differs), '0xffff\n');
  expect(sh(directory + SCRIPTS[format])).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(fs.readFileSync(attribute('driver_override'), 'utf8')).toBe('(null)\n');
  expect(log()).toBe(REBUILDS[format]);
  expect(fs.readFileSync(kmsg, 'utf8')).toBe(`<4>vfio: no 8086:10d3 (subsystem 8086:0000) at ${DEVICE}: left alone\n`);
});

test.each(FORMATS)('earlyOverride: %s is undone by the command that it names', (format) => {
  const { text, sh, files, log } = install(format);
  const ours = () => files().filter((file) => file.includes('vfio'));
  expect(ours()).toContain(SCRIPTS[format]);
  expect(sh(/^# undo: (.*)$/m.exec(text)![1]!)).toMatchObject({ status: 0, stderr: '' });
  expect(ours()).toEqual([]);
  expect(log()).toBe(REBUILDS[format].repeat(2));
});

test('initramfsTools has a hook for the modules, and scripts that answer what must run before them', () => {
  const { directory, sh } = install('initramfs-tools', [DEVICE, '0000:04:01.0']);
  const hook = path.join(directory, 'etc/initramfs-tools/hooks/vfio');
  for (const file of [hook, directory + SCRIPTS['initramfs-tools']])
    expect(sh(`${file} prereqs`)).toEqual({ status: 0, stdout: '\n', stderr: '' });
  expect(said(fs.readFileSync(hook, 'utf8')).at(-1)).toBe('manual_add_modules vfio_pci');
  // tsort(1) puts it before udev, whose script names nothing that must run before it either
  expect(sh(`printf 'all_generic_ide all_generic_ide\\nudev udev\\n00-vfio 00-vfio\\n' | tsort`).stdout).toMatch(
    /^00-vfio\n/,
  );
});

test('dracut has a module that installs the hook and the modules of the drivers', () => {
  const { directory, sh } = install('dracut');
  const setup = path.join(directory, 'usr/lib/dracut/modules.d/90vfio-override/module-setup.sh');
  const functions =
    'instmods() { echo instmods "$@"; }; inst_multiple() { echo inst_multiple "$@"; }; inst_hook() { echo inst_hook "$@"; }';
  const run = sh(`${functions}; moddir=/m; . ${setup}; check && depends && installkernel && install`);
  expect(run).toEqual({
    status: 0,
    stdout: 'instmods vfio_pci\ninst_multiple cat modprobe\ninst_hook pre-udev 00 /m/vfio-override.sh\n',
    stderr: '',
  });
});

test('cmdline has the words in its last line, and in comments what loads vfio_pci before the native modules', () => {
  const text = persistence('cmdline', 'intel-desktop', ['0000:00:1f.4', '0000:01:00.0']);
  expect(said(text)).toEqual(['vfio-pci.ids=10de:2704:1043:88b6,8086:7aa3:1043:8882 rd.driver.pre=vfio_pci']);
  expect(text).toContain('\n#     softdep i2c_i801 pre: vfio_pci\n#     softdep nouveau pre: vfio_pci\n');
  expect(text).toContain('\n#     add_drivers+=" vfio_pci "\n');
  const variant = persistence('cmdline', 'sriov-server', ['0000:81:00.2'], { driver: 'mlx5_vfio_pci' });
  expect(said(variant)).toEqual([]);
  expect(variant).toMatch(/0000:81:00.2 is left out: this format is for PCI devices on vfio-pci/);
});
