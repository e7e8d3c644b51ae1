import { basename } from 'node:path';
import { ModaliasError } from '../../errors.ts';
import { readIfThere } from '../../files/read-sync.ts';
import { latin1 } from '../../binary/reader.ts';
import { parseShell, type What } from '../shell/parse.ts';
import { type Maker, sectionFor } from './sections.ts';

/** A file as though it were installed. */
export interface AddedFile {
  readonly bytes: Buffer;
  /** What messages call it. */
  readonly label: string;
}

/** What is there besides the files of the root. */
export interface Added {
  /** By path below the root, without a leading slash. */
  readonly files: ReadonlyMap<string, AddedFile>;
  /** Words that are added to the kernel's command line, with where they come from. */
  readonly words: readonly { readonly text: string; readonly file: string }[];
  /** The initramfs is made again with them. */
  readonly rebuilt: boolean;
}

const REBUILDS = /\bupdate-initramfs\b|\bdracut\s+(?:--force|-f)\b|update the initramfs/;

/**
 * Reads what is to be installed, each `FILE` or `/DEST=FILE`. What `vfio plan --format` prints says itself where it
 * belongs: a path in a comment, a script that writes files, or words for the kernel's command line. `maker` is the
 * program that makes the initramfs, for what a format says to one of them only. Throws `unreadable`, and `usage` for a
 * file that does not say where it belongs.
 */
export function readAdded(given: readonly string[], maker: Maker | undefined): Added {
  const files = new Map<string, AddedFile>();
  const words: { text: string; file: string }[] = [];
  let rebuilt = false;
  const put = (path: string, text: string, label: string) =>
    files.set(path.replace(/^\/+/, ''), { bytes: Buffer.from(text, 'latin1'), label });
  for (const one of given) {
    const [, dest, named = one] = /^(\/[^=]*)=(.+)$/s.exec(one) ?? [];
    const bytes = readIfThere(named);
    if (!bytes) throw new ModaliasError('unreadable', 'no such file or directory', { file: named });
    const text = latin1(bytes);
    if (dest !== undefined) {
      put(dest, text, named);
      rebuilt ||= /^\/etc\/(?:initramfs-tools|dracut\.conf\.d)\//.test(dest);
      continue;
    }
    if (/^# run this with sh as root/m.test(text)) {
      for (const [path, content] of written(text)) put(path, content, `${named}: ${path}`);
      rebuilt ||= REBUILDS.test(withoutComments(text));
      continue;
    }
    const section = sectionFor(text, maker);
    for (const [path, content] of section.files) put(path, content, `${named}: ${path}`);
    const place = /^# (\/etc\/[^;:\s]+)(?:; then (.*))?/m.exec(text);
    const line = text.trimEnd().split('\n').at(-1) ?? '';
    if (place) {
      put(place[1]!, text, named);
      enable(place[1]!, place[2], text, named, put);
      rebuilt ||= REBUILDS.test(place[2] ?? '') || section.rebuilds;
    } else if (/GRUB_CMDLINE_LINUX/.test(text) && !line.startsWith('#')) {
      words.push({ text: line, file: named });
      rebuilt ||= section.rebuilds;
    } else
      throw new ModaliasError(
        'usage',
        'does not say where it belongs; expected a comment with the path that it is installed to, or --add /DEST=FILE',
        { file: named },
      );
  }
  return { files, words, rebuilt };
}

/** `systemctl enable`: the target that [Install] names wants the unit. */
function enable(
  path: string,
  then: string | undefined,
  text: string,
  label: string,
  put: (path: string, text: string, label: string) => void,
): void {
  if (!/\bsystemctl (?:--now )?enable\b/.test(then ?? '')) return;
  for (const [, kind, targets] of text.matchAll(/^(Want|Requir)edBy=(.*)$/gm))
    for (const target of targets!.split(/\s+/).filter(Boolean))
      put(`/etc/systemd/system/${target}.${kind === 'Want' ? 'wants' : 'requires'}/${basename(path)}`, text, label);
}

/** The files that a script writes with here-documents, `printf` and `echo`. */
function written(script: string): Map<string, string> {
  const files = new Map<string, string>();
  const commands = parseShell(script).flatMap(({ what }) => (what.kind === 'command' ? what : []));
  for (const { words, into } of commands as Extract<What, { kind: 'command' }>[]) {
    const plain = [...words, ...(into.output ? [into.output] : [])].map(({ parts }) =>
      parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
    );
    if (!into.output) continue;
    const path = plain.pop()!;
    const [name, ...rest] = plain;
    const text =
      into.input ?? (name === 'printf' ? formatted(rest) : name === 'echo' ? `${rest.join(' ')}\n` : undefined);
    if (text === undefined || !path.startsWith('/') || path.startsWith('/dev/')) continue;
    files.set(path, into.appends ? (files.get(path) ?? '') + text : text);
  }
  return files;
}

function formatted([format = '', ...values]: readonly string[]): string {
  let next = 0;
  return format.replaceAll('\\n', '\n').replaceAll(/%s/g, () => values[next++] ?? '');
}

function withoutComments(text: string): string {
  return text.replaceAll(/^#.*$/gm, '');
}
