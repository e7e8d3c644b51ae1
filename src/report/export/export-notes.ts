import type { Diagnostic } from '../../errors.ts';
import type { Chosen } from '../../packaging/export/choose.ts';
import type { Exported, Remarked } from '../../packaging/export/export.ts';
import { grouped } from '../../grouped.ts';
import { textOfBytes } from '../terminal.ts';

/** How many patterns are named for a reason that takes none away; `--json` has all. */
const NAMED = 5;

/** Characters that are shown of a pattern. */
const LONGEST = 100;

/** What there is to say about an export, a line per reason: what matches more, is not matched, or needs nothing. */
export function exportNotes({ wider, unmatched, entries }: Exported, { devices, blacklisted }: Chosen): Diagnostic[] {
  const notes: Diagnostic[] = [];
  for (const group of grouped(wider, ({ why }) => why).values()) {
    const message = `${counted(group, 'matches more', 'match more')}, ${group[0]!.why}: ${named(group)}`;
    notes.push({ code: 'wider-pattern', severity: 'warning', message });
  }
  for (const group of grouped(unmatched, ({ reader, why }) => `${reader} ${why}`).values()) {
    const { reader, why } = group[0]!;
    const what =
      reader === null
        ? counted(group, 'is left out', 'are left out')
        : counted(group, `is not matched by ${reader}`, `are not matched by ${reader}`);
    const severity = reader === null ? 'warning' : 'note';
    notes.push({
      code: 'unmatched-pattern',
      severity,
      message: `${what}, ${why}: ${named(group, reader === null ? group.length : NAMED)}`,
    });
  }
  if (blacklisted.length > 0 && entries.some((entry) => 'module' in entry)) {
    const message = `left out, as modprobe's configuration blacklists them: ${blacklisted.join(', ')}`;
    notes.push({ code: 'blacklisted', severity: 'note', message });
  }
  if (devices && devices.none.length > 0) {
    const message = `no module serves ${devices.none.length} of ${devices.all} devices: ${firstOf(devices.none)}`;
    notes.push({ code: 'no-match', severity: 'note', message });
  }
  return notes;
}

const counted = (group: readonly Remarked[], one: string, several: string) => {
  const thing = group[0]!.pattern === null ? 'module' : 'pattern';
  return group.length === 1 ? `1 ${thing} ${one}` : `${group.length} ${thing}s ${several}`;
};

const named = (group: readonly Remarked[], most = NAMED) =>
  firstOf(
    group.map(({ pattern, modules }) => pattern ?? modules.join(' ')),
    most,
  );

function firstOf(texts: readonly string[], most = NAMED): string {
  const more = texts.length - most;
  const shown = texts
    .slice(0, most)
    .map(textOfBytes)
    .map((text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text));
  return shown.join(', ') + (more > 0 ? ` and ${more} more (--json lists all)` : '');
}
