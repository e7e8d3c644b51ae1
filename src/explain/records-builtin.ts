import { parseFields } from '../match/fields.ts';
import type { Source } from '../match/match.ts';

/**
 * Whether the kernel records what the id tables of its built-in drivers match. Before 6.18, modules.builtin.modinfo has
 * only their hand-written aliases (scripts/mod/file2alias.c handles modules only).
 */
export function recordsBuiltin(sources: readonly Source[]): boolean {
  for (const { pattern } of sources.find((s) => s.name === 'builtin')?.patterns?.() ?? [])
    if (pattern.includes('*') && parseFields(pattern)) return true;
  return false;
}
