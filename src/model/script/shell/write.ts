import type { KernelEvent } from '../../../driver-core/index.ts';
import { capture } from './control.ts';
import type { Files } from './files.ts';
import { type Descriptor, type Thread, UNKNOWN_TEXT } from './thread.ts';
import { Unreadable } from './unreadable.ts';

/**
 * Writes a text to where a descriptor leads: for a file of sysfs, the events that it makes. bash writes line by line
 * (its standard output is line-buffered), dash and other programs all at once. No text makes no write.
 */
export function writeTo(
  t: Thread,
  to: Descriptor | undefined,
  text: string,
  lines: boolean,
  files: Files,
): KernelEvent[] {
  if (to === undefined || to.kind === 'terminal' || to.kind === 'text') return [];
  if (to.kind === 'capture') {
    capture(t, to.depth, text);
    return [];
  }
  if (to.path.includes(UNKNOWN_TEXT)) throw new Unreadable('a write to a file whose name is not known');
  const below = files.inSysfs(to.path);
  if (below === null) {
    t.change(to.path, (t.files.get(to.path) ?? '') + text);
    return [];
  }
  return sysfsWrites(below, text, lines);
}

/** The writes of a text to a file of sysfs; one of nothing where only the file is opened. */
function sysfsWrites(path: string, text: string, lines: boolean): KernelEvent[] {
  if (text.includes(UNKNOWN_TEXT)) throw new Unreadable(`a write to /sys/${path} of a text that is not known`);
  const parts = lines ? (text.match(/[^\n]*\n|[^\n]+$/g) ?? ['']) : [text];
  if (parts.length > MOST_WRITES) throw new Unreadable(`a text of ${parts.length} lines for /sys/${path}`);
  return parts.map((data) => ({ kind: 'write', path, data }));
}

const MOST_WRITES = 1000;
