import { expect, test } from 'vitest';
import { nextEntry } from '../../src/boot/boot-loader.ts';
import { Files } from '../../src/boot/files/files.ts';
import { memoryLayer } from '../../src/boot/files/layers.ts';

function entry(texts: Record<string, string>) {
  const files = Object.entries(texts).map(([path, text]) => [path, { bytes: Buffer.from(text), label: path }] as const);
  return nextEntry(new Files([memoryLayer(new Map(files))]));
}

/** As grub-mkconfig writes it. */
const GRUB = `if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
else
   set default="0"
fi
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1' {
	echo	'Loading Linux 6.12.1 ...'
	linux	/boot/vmlinuz-6.12.1 root=UUID=1 ro  quiet vfio-pci.ids=8086:10d3
	initrd	/boot/initrd.img-6.12.1
}
submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-1' {
	menuentry 'Debian GNU/Linux, with Linux 6.1.5' --class debian $menuentry_id_option 'gnulinux-6.1.5-advanced-1' {
		linux	/vmlinuz-6.1.5 root=UUID=1 ro
		initrd	/ucode.img /initrd.img-6.1.5
	}
}
`;

test('nextEntry: reads the default of grub.cfg, and of its environment block what is booted next', () => {
  expect(entry({ 'boot/grub/grub.cfg': GRUB })).toEqual({
    kernel: '/boot/vmlinuz-6.12.1',
    initrds: ['/boot/initrd.img-6.12.1'],
    commandLine: { text: 'root=UUID=1 ro  quiet vfio-pci.ids=8086:10d3', file: 'boot/grub/grub.cfg', line: 8 },
  });
  const saved = {
    'boot/grub/grub.cfg': GRUB,
    'boot/grub/grubenv': 'next_entry=gnulinux-advanced-1>gnulinux-6.1.5-advanced-1\n',
  };
  expect(entry(saved)).toMatchObject({ kernel: '/vmlinuz-6.1.5', initrds: ['/ucode.img', '/initrd.img-6.1.5'] });
});

test('nextEntry: reads entries of the Boot Loader Specification, the default or the newest', () => {
  const file = (version: string) =>
    `title Fedora\nversion ${version}\nlinux /vmlinuz-${version}\ninitrd /initramfs-${version}.img\noptions root=UUID=1 ro\noptions rhgb\n`;
  const entries = {
    'boot/loader/entries/a-6.9.1.conf': file('6.9.1'),
    'boot/loader/entries/a-6.12.1.conf': file('6.12.1'),
  };
  expect(entry(entries)).toEqual({
    kernel: '/vmlinuz-6.12.1',
    initrds: ['/initramfs-6.12.1.img'],
    commandLine: { text: 'root=UUID=1 ro rhgb', file: 'boot/loader/entries/a-6.12.1.conf', line: 5 },
  });
  const chosen = { ...entries, 'boot/loader/loader.conf': 'timeout 3\ndefault a-6.9.1.conf\n' };
  expect(entry(chosen)).toMatchObject({ kernel: '/vmlinuz-6.9.1' });
});

test('nextEntry: reads the default label of extlinux.conf', () => {
  const text = `DEFAULT two\nLABEL one\n  LINUX /one\n  APPEND a\nLABEL two\n  KERNEL /two\n  INITRD /x,/y\n  APPEND root=/dev/sda1 ro\n`;
  expect(entry({ 'boot/extlinux/extlinux.conf': text })).toEqual({
    kernel: '/two',
    initrds: ['/x', '/y'],
    commandLine: { text: 'root=/dev/sda1 ro', file: 'boot/extlinux/extlinux.conf', line: 8 },
  });
  expect(entry({})).toBeNull();
  expect(entry({ 'boot/grub/grub.cfg': '' })).toBeNull();
});

test('nextEntry: prefers entries of the Boot Loader Specification to grub.cfg, and that to extlinux.conf', () => {
  const all = {
    'boot/loader/entries/a.conf': 'linux /specified\n',
    'boot/grub/grub.cfg': GRUB,
    'boot/extlinux/extlinux.conf': 'LABEL one\n  LINUX /extlinux\n',
  };
  const { 'boot/loader/entries/a.conf': _, ...two } = all;
  const { 'boot/grub/grub.cfg': __, ...last } = two;
  expect([all, two, last].map((texts) => entry(texts)?.kernel)).toEqual([
    '/specified',
    '/boot/vmlinuz-6.12.1',
    '/extlinux',
  ]);
});

test('nextEntry: what is booted once comes before what is saved, and that before the default of grub.cfg', () => {
  const older = 'gnulinux-advanced-1>gnulinux-6.1.5-advanced-1';
  const booted = (environment: string) =>
    entry({ 'boot/grub/grub.cfg': GRUB, 'boot/grub/grubenv': environment })?.kernel;
  expect(booted(`saved_entry=0\nnext_entry=${older}\n`)).toBe('/vmlinuz-6.1.5');
  expect(booted(`saved_entry=${older}\nnext_entry=\n`)).toBe('/vmlinuz-6.1.5');
  expect(booted('# GRUB Environment Block\n')).toBe('/boot/vmlinuz-6.12.1');
});

test('nextEntry: reads 4 MiB of a file', () => {
  const text = "menuentry 'a' {\nlinux /vmlinuz 12";
  const start = `#${'x'.repeat(4 * 1024 * 1024 - text.length - 1)}\n`;
  expect(entry({ 'boot/grub/grub.cfg': start + text })!.commandLine.text).toBe('1');
});

test('nextEntry: what is booted once comes before what was saved, and the first default before none', () => {
  const menu = ['a', 'b', 'c'].map((name) => `menuentry '${name}' {\nlinux /${name}\n}\n`).join('');
  const kernel = (cfg: string, env = '') => entry({ 'boot/grub/grub.cfg': cfg, 'boot/grub/grubenv': env })!.kernel;
  expect(kernel(menu)).toBe('/a');
  expect(kernel(`set default="1"\n${menu}set timeout=5\n`)).toBe('/b');
  expect(kernel(`set default="1"\nset default="2"\n${menu}`)).toBe('/b');
  expect(kernel(menu, 'saved_entry=b\n')).toBe('/b');
  expect(kernel(menu, 'saved_entry=b\nnext_entry=c\n')).toBe('/c');
});
