import type { OpenJournal, Status } from '../vfio/change/status.ts';
import type { Placement } from '../vfio/plan/plan-types.ts';
import { fold, plain } from './terminal.ts';
import { vfsText } from './vfio-plan-text.ts';

/** Devices on VFIO drivers, stale overrides, and journals, for people. */
export function statusText(status: Status, width: number): string {
  const lines: string[] = [];
  if (status.running !== null) lines.push(`process ${status.running} is changing devices now; this may be out of date`);
  for (const { name, driver, override, group, journalled, heldBy } of status.bound) {
    const parts = [plain(driver)];
    if (group !== null) parts.push(`group ${plain(group)}`);
    if (override !== driver) parts.push(override === null ? 'no override' : `override ${plain(override)}`);
    parts.push(journalled ? 'bound here' : 'bound by others');
    lines.push(`${plain(name)}  ${parts.join(', ')}`);
    for (const text of heldBy) lines.push(...fold(plain(text), width, '   '));
  }
  if (status.bound.length === 0) lines.push('no device is bound to a VFIO driver');
  for (const { name, override, driver } of status.stray) {
    lines.push(
      ...fold(
        `left behind: driver_override of ${plain(name)} is '${plain(override)}', while ${driver === null ? 'it has no driver' : `${plain(driver)} has it`}`,
        width,
      ),
    );
  }
  for (const journal of status.journals) lines.push(...journalLines(journal, width));
  return lines.map((line) => `${line}\n`).join('');
}

const WORDS = {
  bound: 'can be restored',
  interrupted: 'the run was interrupted',
  incomplete: 'rolling back failed',
  stale: 'from an earlier boot, nothing to restore',
} as const;

function placement({ driver, override, vfs }: Placement): string {
  const parts = [driver === null ? 'no driver' : plain(driver)];
  if (override) parts.push(`override ${plain(override)}`);
  if (vfs) parts.push(vfsText(vfs));
  return parts.join(', ');
}

function journalLines({ file, state, devices }: OpenJournal, width: number): string[] {
  const lines = fold(`journal ${file}: ${WORDS[state]}`, width);
  for (const { name, before, now, back, gone, unbinding } of devices) {
    const was = placement(before);
    const is = placement(now);
    const waits = 'its unbind waits for a process that holds it';
    const text = gone
      ? `${plain(name)} was on ${was}; now it is gone`
      : back
        ? `${plain(name)} is back on ${was}`
        : `${plain(name)} was on ${was}; ${unbinding ? waits : `now ${is}`}`;
    lines.push(...fold(text, width, '   '));
  }
  if (state !== 'stale') lines.push(`   modalias vfio restore ${devices.map(({ name }) => plain(name)).join(' ')}`);
  return lines;
}
