import type { CommandLine } from './command-line.ts';
import type { Files } from './files/files.ts';

/** What a boot loader starts by itself next time. */
export interface LoaderEntry {
  readonly commandLine: CommandLine;
  /** Path of the kernel as the boot loader has it, such as `/boot/vmlinuz-6.12.1`. */
  readonly kernel: string;
  /** Paths of the images that it loads one after the other. */
  readonly initrds: readonly string[];
}

const GRUB = [
  'boot/grub/grub.cfg',
  'boot/grub2/grub.cfg',
  'boot/efi/EFI/debian/grub.cfg',
  'boot/efi/EFI/fedora/grub.cfg',
];
const EXTLINUX = ['boot/extlinux/extlinux.conf', 'boot/syslinux/syslinux.cfg', 'boot/extlinux.conf'];
const LOADERS = ['boot/loader', 'efi/loader', 'boot/efi/loader'];

const LONGEST = 4 * 1024 * 1024;

/**
 * The entry that is booted next, where the configuration of a boot loader says so: GRUB's, entries by the Boot Loader
 * Specification, extlinux's. Null where there is none that can be read.
 */
export function nextEntry(files: Files): LoaderEntry | null {
  return specified(files) ?? grub(files) ?? extlinux(files);
}

/** A file's lines with their numbers. */
function linesOf(files: Files, path: string): { readonly line: number; readonly text: string }[] {
  const text = (files.text(path) ?? '').slice(0, LONGEST);
  return text.split('\n').map((one, index) => ({ line: index + 1, text: one.trim() }));
}

/** grub.cfg: `set default=` and the environment block choose a menuentry; its `linux` and `initrd` lines count. */
function grub(files: Files): LoaderEntry | null {
  const path = GRUB.find((one) => files.exists(one));
  if (path === undefined) return null;
  const entries: {
    title: string;
    id: string | undefined;
    linux?: { text: string; line: number };
    initrds: string[];
  }[] = [];
  let fallback: string | undefined;
  for (const { line, text } of linesOf(files, path)) {
    const title = /^menuentry\s+(?:'([^']*)'|"([^"]*)")/.exec(text);
    if (title) {
      const id = /--id\s+'?([^'\s{]+)|\$menuentry_id_option\s+'([^']+)'/.exec(text);
      entries.push({ title: title[1] ?? title[2] ?? '', id: id?.[1] ?? id?.[2], initrds: [] });
    }
    fallback ??= /^set default="?([^"$]*)"?$/.exec(text)?.[1];
    const entry = entries.at(-1);
    const linux = /^linux(?:16|efi)?\s+(.*)$/.exec(text)?.[1];
    if (entry && linux !== undefined) entry.linux ??= { text: linux, line };
    const initrd = /^initrd(?:16|efi)?\s+(.*)$/.exec(text)?.[1];
    if (entry && initrd !== undefined) entry.initrds.push(...initrd.split(/\s+/));
  }
  const environment = files.text(`${path.slice(0, path.lastIndexOf('/'))}/grubenv`) ?? '';
  const value = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(environment)?.[1];
  const named = (value('next_entry') ?? value('saved_entry') ?? fallback ?? '0').split('>').at(-1)!;
  const chosen = /^\d+$/.test(named)
    ? entries[Number(named)]
    : entries.find(({ title, id }) => title === named || id === named);
  const entry = chosen?.linux ? chosen : entries.find(({ linux }) => linux);
  return entry?.linux ? ofWords(files, path, entry.linux, entry.initrds) : null;
}

function ofWords(
  files: Files,
  path: string,
  { text, line }: { readonly text: string; readonly line: number },
  initrds: readonly string[],
): LoaderEntry {
  const [, kernel = '', words = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
  return { kernel, initrds, commandLine: { text: words, file: files.label(path), line } };
}

/** loader/loader.conf and loader/entries/*.conf (uapi-group.org, Boot Loader Specification, type 1). */
function specified(files: Files): LoaderEntry | null {
  for (const loader of LOADERS) {
    const names = files.list(`${loader}/entries`).filter((name) => name.endsWith('.conf'));
    if (names.length === 0) continue;
    const pattern = /^\s*default\s+(\S+)/m.exec(files.text(`${loader}/loader.conf`) ?? '')?.[1];
    const isDefault = (name: string) =>
      pattern !== undefined &&
      (name === pattern || name === `${pattern}.conf` || name.startsWith(pattern.replace(/\*.*$/, '\0')));
    // The newest version comes first.
    const sorted = [...names].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    const path = `${loader}/entries/${sorted.find(isDefault) ?? sorted[0]}`;
    const lines = linesOf(files, path);
    const all = (key: string) =>
      lines.flatMap(({ line, text }) => {
        const value = new RegExp(`^${key}\\s+(.*)$`).exec(text)?.[1];
        return value === undefined ? [] : { line, value };
      });
    const options = all('options');
    const [linux] = all('linux');
    if (!linux) continue;
    return {
      kernel: linux.value,
      initrds: all('initrd').map(({ value }) => value),
      commandLine: {
        text: options.map(({ value }) => value).join(' '),
        ...{ file: files.label(path), line: options[0]?.line ?? null },
      },
    };
  }
  return null;
}

/** extlinux.conf: the label that `default` names, or the first. */
function extlinux(files: Files): LoaderEntry | null {
  const path = EXTLINUX.find((one) => files.exists(one));
  if (path === undefined) return null;
  const labels: { name: string; kernel: string; initrds: string[]; append: string; line: number | null }[] = [];
  let chosen: string | undefined;
  for (const { line, text } of linesOf(files, path)) {
    const [, key = '', value = ''] = /^(\w+)\s+(.*)$/.exec(text) ?? [];
    const label = labels.at(-1);
    switch (key.toLowerCase()) {
      case 'default':
        chosen ??= value;
        break;
      case 'label':
        labels.push({ name: value, kernel: '', initrds: [], append: '', line: null });
        break;
      case 'kernel':
      case 'linux':
        if (label) label.kernel = value;
        break;
      case 'initrd':
        label?.initrds.push(...value.split(','));
        break;
      case 'append':
        if (label) Object.assign(label, { append: value, line });
    }
  }
  const label =
    labels.find(({ name, kernel }) => name === chosen && kernel !== '') ?? labels.find(({ kernel }) => kernel !== '');
  if (!label) return null;
  const { kernel, initrds, append, line } = label;
  return { kernel, initrds, commandLine: { text: append, file: files.label(path), line } };
}
