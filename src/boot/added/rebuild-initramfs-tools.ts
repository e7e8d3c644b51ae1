import type { Files } from '../files/files.ts';
import type { NewContent, System } from './content.ts';
import { commandsOf } from './words.ts';

/**
 * What mkinitramfs copies of a root's configuration: modprobe.d, rules of udev that are the administrator's own, the
 * modules of its list and of hooks, boot scripts with their order.
 */
export function initramfsToolsImage({ root, image }: System, { put, module }: NewContent): void {
  for (const directory of ['etc/modprobe.d', 'usr/lib/modprobe.d'])
    for (const name of root.list(directory))
      if (name.endsWith('.conf')) copy(root, `${directory}/${name}`, `${directory}/${name}`, put);
  for (const name of root.list('etc/udev/rules.d'))
    if (name.endsWith('.rules') && !root.exists(`usr/lib/udev/rules.d/${name}`))
      copy(root, `etc/udev/rules.d/${name}`, `usr/lib/udev/rules.d/${name}`, put);
  const forced = [image.text('conf/modules') ?? ''];
  const listed = root.text('etc/initramfs-tools/modules') ?? '';
  for (const line of listed.split('\n')) {
    const [name = ''] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#')) continue;
    module(name);
    forced.push(line.trim());
  }
  for (const hook of root.list('etc/initramfs-tools/hooks'))
    for (const [command, ...words] of commandsOf(root.text(`etc/initramfs-tools/hooks/${hook}`) ?? '')) {
      if (command === 'manual_add_modules') for (const name of words) module(name);
      if (command !== 'force_load' || words[0] === undefined) continue;
      module(words[0]);
      forced.push(words.join(' '));
    }
  put('conf/modules', `${[...new Set(forced.join('\n').split('\n'))].filter(Boolean).join('\n')}\n`, 'conf/modules');
  for (const directory of root.list('etc/initramfs-tools/scripts')) scripts(root, image, directory, put);
}

function copy(root: Files, from: string, to: string, put: NewContent['put']): void {
  const text = root.text(from);
  if (text !== undefined) put(to, text, root.label(from));
}

function scripts(root: Files, image: Files, directory: string, put: NewContent['put']): void {
  const own = `etc/initramfs-tools/scripts/${directory}`;
  const names = root.list(own).filter((name) => /^[\w.-]+$/.test(name) && !root.isDirectory(`${own}/${name}`));
  if (names.length === 0) return;
  for (const name of names) copy(root, `${own}/${name}`, `scripts/${directory}/${name}`, put);
  const all = new Set([...image.list(`scripts/${directory}`), ...names]);
  all.delete('ORDER');
  const text = (name: string) => root.text(`${own}/${name}`) ?? image.text(`scripts/${directory}/${name}`) ?? '';
  const order = inOrder([...all].sort(), (name) => prerequisites(text(name)));
  put(`scripts/${directory}/ORDER`, order.map((name) => `/scripts/${directory}/${name} "$@"\n`).join(''), 'ORDER');
}

function prerequisites(script: string): string[] {
  return (/^\s*PREREQS?=["']?([^"'\n]*)/m.exec(script)?.[1] ?? '').split(/\s+/).filter(Boolean);
}

/** Each name after those that it needs, else as they stand (scripts/functions: tsort). */
function inOrder(names: readonly string[], needs: (name: string) => readonly string[]): string[] {
  const done = new Set<string>();
  const begun = new Set<string>();
  const visit = (name: string) => {
    if (begun.has(name) || !names.includes(name)) return;
    begun.add(name);
    for (const other of needs(name)) visit(other);
    done.add(name);
  };
  for (const name of names) visit(name);
  return [...done];
}
