import type { PersistenceFormat } from '../../../src/report/persist/persistence.ts';
import type { Maker } from './debian.ts';

/** What a format's text has its reader do. */
export interface Installation {
  /** By path. */
  readonly files: Readonly<Record<string, string>>;
  /** Shell lines that follow. */
  readonly commands: readonly string[];
  /** Words for the kernel's command line. */
  readonly words: string;
}

const none: Installation = { files: {}, commands: [], words: '' };

/** Does what the comments of a format say, to the letter: a comment that is wrong makes the boot fail. */
export function installation(format: PersistenceFormat, text: string, maker: Maker): Installation {
  if (/^# run this with sh as root/m.test(text))
    return { ...none, files: { '/usr/local/sbin/vfio.sh': text }, commands: ['sh /usr/local/sbin/vfio.sh'] };
  const own = forMaker(text, maker);
  if (format === 'cmdline') return { ...own, words: lastLine(text) };
  const [, at, then] = /^# (\/etc\/[^;\s]+)(?:; then (systemctl .*))?/m.exec(text) ?? [];
  if (at === undefined) throw new Error(`the ${format} format does not say where to put it:\n${text}`);
  return { ...own, files: { ...own.files, [at]: text }, commands: [...own.commands, ...(then ? [then] : [])] };
}

/**
 * What is said for one maker of initramfs only: `#   MAKER: COMMAND, after these lines in FILE:` and then the lines,
 * indented further.
 */
function forMaker(text: string, maker: Maker): Installation {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`#   ${maker}: `));
  if (start < 0) return none;
  const said = lines[start]!.slice(`#   ${maker}: `.length);
  const [, command, file] = /^(.*), after th(?:is line|ese lines) in (\S+):$/.exec(said) ?? [undefined, said];
  if (file === undefined) return { ...none, commands: [command!] };
  const more: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith('#     ')) break;
    more.push(`${line.slice('#     '.length)}\n`);
  }
  return { ...none, files: { [file]: more.join('') }, commands: [command!] };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)!;
}
