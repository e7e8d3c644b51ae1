import type { Diagnostic } from '../errors.ts';
import type { MachineRoots } from '../vfio/sysfs/roots.ts';
import type { CommandLine } from './command-line.ts';
import type { Added } from './added/added.ts';

/** The kernel command line of the next boot, and what is to say about it. */
export interface NextCommandLine {
  readonly commandLine: CommandLine | null;
  readonly doubts: readonly Diagnostic[];
  readonly notes: readonly Diagnostic[];
}

/** That of the boot loader, else the one that runs now, with the words that are added to it. */
export function nextCommandLine(
  roots: MachineRoots,
  ofLoader: CommandLine | null,
  words: Added['words'],
): NextCommandLine {
  const running = runningCommandLine(roots);
  const known = ofLoader ?? running;
  return {
    commandLine: withWords(known, words),
    doubts: known ? [] : [unknown(roots)],
    notes: ofLoader && running && isOther(ofLoader, running) ? [notRunning(ofLoader)] : [],
  };
}

function runningCommandLine({ proc }: MachineRoots): CommandLine | null {
  const text = proc.read('cmdline', 65_536);
  return text === undefined ? null : { text: text.split('\n', 1)[0]!, file: `${proc.root}/cmdline`, line: null };
}

function unknown({ proc }: MachineRoots): Diagnostic {
  const message = "the kernel command line is not known: it is neither here nor in a boot loader's configuration";
  return { code: 'boot-unread', severity: 'warning', message, file: `${proc.root}/cmdline` };
}

/** Words count as if they stood in the same place. */
function withWords(line: CommandLine | null, words: Added['words']): CommandLine | null {
  if (words.length === 0) return line;
  const text = [line?.text ?? '', ...words.map((one) => one.text)].join(' ').trim();
  return { text, file: words.at(-1)!.file, line: null };
}

/** Words that the boot loader adds by itself, and those that only say where the kernel lies. */
const BY_LOADER = /^(?:BOOT_IMAGE|initrd|root|rootflags)=/;

function isOther(next: CommandLine, running: CommandLine): boolean {
  const words = ({ text }: CommandLine) =>
    text
      .split(/\s+/)
      .filter((word) => word !== '' && !BY_LOADER.test(word))
      .join(' ');
  return words(next) !== words(running);
}

function notRunning({ file, line }: CommandLine): Diagnostic {
  const message = "the next boot's command line is taken from here; it is not the one that runs now";
  return { code: 'boot-loader', severity: 'note', message, file, ...(line === null ? {} : { line }) };
}
