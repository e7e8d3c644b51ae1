import { generateAliases } from '../../src/alias/generate.ts';
import { busNamed } from '../../src/bus/buses.ts';
import { NEWEST_RELEASE, parseRelease } from '../../src/release.ts';
import { completeRow, type JsonRow } from '../../src/tables/complete-row.ts';

/** What JSON rows of one table come to: the aliases, and the codes of what was remarked. */
export function aliasesOf(busName: string, rows: readonly JsonRow[], kernel?: string) {
  const { aliases, diagnostics } = generated(busName, rows, kernel);
  return { aliases: aliases.map(({ alias }) => alias), codes: diagnostics.map(({ code }) => code) };
}

/** What was remarked about them: severity and message. */
export function remarksOf(busName: string, rows: readonly JsonRow[]): [severity: string, message: string][] {
  return generated(busName, rows).diagnostics.map(({ severity, message }) => [severity, message]);
}

function generated(busName: string, rows: readonly JsonRow[], kernel?: string) {
  const bus = busNamed(busName);
  if (!bus) throw new Error(`no bus ${busName}`);
  const release = kernel === undefined ? NEWEST_RELEASE : parseRelease(kernel);
  const table = { bus, name: 'ids', rows: rows.map((row) => completeRow(bus, row, { release })) };
  return generateAliases([table], { release });
}
