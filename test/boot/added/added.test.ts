import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAdded } from '../../../src/boot/added/added.ts';
import { initramfsToolsImage } from '../../../src/boot/added/rebuild-initramfs-tools.ts';
import { memoryFiles, memoryModules } from '../memory-stage.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'added-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
const put = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const added = (...given: readonly string[]) => {
  const { files, words, rebuilt } = readAdded(given, 'initramfs-tools');
  return [[...files].map(([path, { bytes }]) => `${path}=${bytes}`), words.map(({ text }) => text), rebuilt];
};

test('readAdded: the files that a script writes, replaced or added to, and whether it makes the initramfs again', () => {
  const script = (line: string) =>
    put(
      's',
      `# run this with sh as root\ncat > /etc/a <<E\nx\nE\necho y >> /etc/a\nprintf '%s=%s\\n' k v > /etc/b\necho 1 > /dev/null\n${line}\n`,
    );
  expect(added(script(''))).toEqual([['etc/a=x\ny\n', 'etc/b=k=v\n'], [], false]);
  expect(added(script('echo z > /etc/a'))[0]).toEqual(['etc/a=z\n', 'etc/b=k=v\n']);
  expect([added(script('update-initramfs -u'))[2], added(script('# update-initramfs -u'))[2]]).toEqual([true, false]);
});

test('readAdded: a file belongs where its comment or the user says, and a unit is enabled where it is to be', () => {
  const unit = '[Install]\nWantedBy=a.target b.target\nRequiredBy=c.target\n';
  const named = put('u', `# /etc/systemd/system/x.service; then systemctl enable x\n${unit}`);
  const paths = (...given: readonly string[]) => [...readAdded(given, undefined).files.keys()];
  expect(paths(named)).toEqual([
    'etc/systemd/system/x.service',
    'etc/systemd/system/a.target.wants/x.service',
    'etc/systemd/system/b.target.wants/x.service',
    'etc/systemd/system/c.target.requires/x.service',
  ]);
  expect(paths(put('u', `# /etc/systemd/system/x.service\n${unit}`))).toHaveLength(1);
  expect(added(`/etc/x=${put('f', 'text')}`)).toEqual([['etc/x=text'], [], false]);
  expect(added(`/etc/initramfs-tools/modules=${put('f', 'text')}`)[2]).toBe(true);
});

test('readAdded: words of a boot loader, and nothing that does not say where it belongs', () => {
  expect(added(put('g', '# for GRUB_CMDLINE_LINUX\nvfio-pci.ids=1:2\n'))).toEqual([[], ['vfio-pci.ids=1:2'], false]);
  expect(() => added(put('g', '# GRUB_CMDLINE_LINUX\n'))).toThrow('does not say where it belongs');
  expect(() => added(put('x', 'text'))).toThrow('does not say where it belongs');
  expect(() => added(join(dir, 'none'))).toThrow('no such file or directory');
});

test('initramfsToolsImage: scripts run after those that they need, else in the order of their names', () => {
  const own = 'etc/initramfs-tools/scripts/init-top';
  const root = memoryFiles({
    [`${own}/a`]: 'PREREQ="z udev"\n',
    [`${own}/b`]: "PREREQS=''\n",
    [`${own}/z`]: 'PREREQ="b none"\n',
    [`${own}/odd name`]: '',
    'etc/initramfs-tools/modules': '# note\nvfio_pci ids=1:2\n\n',
    'etc/initramfs-tools/hooks/h': 'force_load vfio disable=1\nmanual_add_modules nvme igb\n',
    'etc/modprobe.d/a.conf': 'x',
    'etc/modprobe.d/README': 'y',
    'etc/udev/rules.d/1.rules': 'own',
    'etc/udev/rules.d/2.rules': 'hides',
    'usr/lib/udev/rules.d/2.rules': 'theirs',
  });
  const image = memoryFiles({
    'scripts/init-top/udev': 'PREREQ=""',
    'scripts/init-top/ORDER': 'old',
    'conf/modules': 'old\n',
  });
  const texts = new Map<string, string>();
  const modules: string[] = [];
  initramfsToolsImage(
    { root, image, modules: memoryModules({}) },
    { put: (path, text) => texts.set(path, text), module: (name) => modules.push(name) },
  );
  expect(texts.get('scripts/init-top/ORDER')!.match(/[a-z]+(?= "\$@")/g)).toEqual(['b', 'z', 'udev', 'a']);
  expect(texts.get('conf/modules')).toBe('old\nvfio_pci ids=1:2\nvfio disable=1\n');
  expect(modules).toEqual(['vfio_pci', 'vfio', 'nvme', 'igb']);
  expect([...texts.keys()].filter((path) => !path.startsWith('scripts/'))).toEqual([
    'etc/modprobe.d/a.conf',
    'usr/lib/udev/rules.d/1.rules',
    'conf/modules',
  ]);
  expect([...texts.keys()].filter((path) => path.startsWith('scripts/'))).not.toContain('scripts/init-top/odd name');
});
