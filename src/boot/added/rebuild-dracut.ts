import { basename } from 'node:path';
import type { Files } from '../files/files.ts';
import type { NewContent, System } from './content.ts';
import { commandsOf } from './words.ts';

/**
 * What dracut takes of a root's configuration: drivers and files of dracut.conf, of a host-only image modprobe.d and
 * rules of udev, and what modules of dracut in modules.d install.
 */
export function dracutImage({ root }: System, { put, module }: NewContent): void {
  const settings = readSettings(root);
  const words = (name: string) => (settings.get(name) ?? '').split(/\s+/).filter(Boolean);
  for (const name of ['add_drivers', 'force_drivers', 'drivers']) for (const one of words(name)) module(one);
  const forced = words('force_drivers');
  // dracut.sh: rd.driver.pre for each.
  if (forced.length > 0)
    put('etc/cmdline.d/20-force_drivers.conf', forced.map((one) => `rd.driver.pre=${one}\n`).join(''), 'force_drivers');
  const given = settings.get('kernel_cmdline');
  if (given !== undefined) put('etc/cmdline.d/01-default.conf', `${given}\n`, 'kernel_cmdline');
  const copied = [...words('install_items'), ...(settings.get('hostonly') === 'yes' ? hostOnly(root) : [])];
  for (const path of copied) {
    const text = root.text(path);
    if (text !== undefined) put(path, text, root.label(path));
  }
  for (const name of root.list('usr/lib/dracut/modules.d')) {
    const directory = `usr/lib/dracut/modules.d/${name}`;
    // What comes with dracut is in the image already, or is left out for a reason.
    if (root.label(`${directory}/module-setup.sh`).includes(': /')) ownModule(root, directory, put, module);
  }
}

function hostOnly(root: Files): string[] {
  const inside = (directory: string, suffix: string) =>
    root.list(directory).flatMap((name) => (name.endsWith(suffix) ? `${directory}/${name}` : []));
  return [...inside('etc/modprobe.d', '.conf'), ...inside('etc/udev/rules.d', '.rules')];
}

/** Variables of dracut.conf(5), which is a script: assignments and additions to lists. */
function readSettings(root: Files): Map<string, string> {
  const settings = new Map<string, string>();
  const files = root.dropIns(['etc/dracut.conf.d', 'usr/lib/dracut/dracut.conf.d'], '.conf');
  for (const text of [root.text('etc/dracut.conf') ?? '', ...files.map((file) => file.text)])
    for (const [, name, plus, quoted, bare] of text.matchAll(/^[ \t]*(\w+)(\+?)=(?:["']([^"'\n]*)["']|(\S*))/gm)) {
      const value = quoted ?? bare ?? '';
      settings.set(name!, plus === '+' ? `${settings.get(name!) ?? ''} ${value}` : value);
    }
  return settings;
}

/** module-setup.sh: `instmods`, `inst_hook HOOK PRIORITY FILE` and `inst_rules`. */
function ownModule(root: Files, directory: string, put: NewContent['put'], module: NewContent['module']): void {
  for (const [command, ...words] of commandsOf(root.text(`${directory}/module-setup.sh`) ?? '')) {
    if (command === 'instmods') for (const name of words.filter((word) => !word.startsWith('-'))) module(name);
    if (command !== 'inst_hook') continue;
    const [hook, priority, file = ''] = words;
    const from = `${directory}/${basename(file)}`;
    const text = root.text(from);
    if (text !== undefined) put(`var/lib/dracut/hooks/${hook}/${priority}-${basename(file)}`, text, root.label(from));
  }
}
