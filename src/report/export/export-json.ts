import type { Chosen } from '../../packaging/export/choose.ts';
import type { Exported } from '../../packaging/export/export.ts';

/** The document of `export --json`: what was written from what, and all that differs from what libkmod matches. */
export function exportJson(
  format: string,
  inputs: readonly string[],
  { patterns, modules, blacklisted, noDevice, devices }: Chosen,
  { entries, wider, unmatched }: Exported,
) {
  const written = new Set(entries.flatMap((entry) => ('written' in entry ? entry.written : [entry.module])));
  return {
    version: 1,
    format,
    inputs,
    entries,
    wider,
    unmatched,
    blacklisted,
    devices: devices ?? null,
    summary: {
      modules: modules.length,
      patterns: patterns.length,
      written: written.size,
      wider: wider.length,
      unmatched: unmatched.length,
      noDevice,
    },
  };
}
