import type { ModprobeConfig } from '../config/modprobe-config.ts';
import { type Match, NO_MATCHES, type Source } from '../match/match.ts';
import { fnmatchBytes } from '../pattern/fnmatch.ts';
import { oneModule } from './name-source.ts';
import { checkLength } from './pattern-sources.ts';

/**
 * `alias` lines of modprobe.d: every line that matches, in the order of the files.
 * libkmod-module.c:kmod_lookup_alias_from_config.
 */
export function configSource({ aliases }: ModprobeConfig): Source {
  const rows = aliases.map(({ pattern, module }) => ({
    bytes: Buffer.from(pattern, 'latin1'),
    match: Object.freeze<Match>({ module, pattern, source: 'config', priority: 0 }),
  }));
  return {
    name: 'config',
    find(key) {
      const found = rows.filter((row) => fnmatchBytes(row.bytes, 0, row.bytes.length, key.bytes, 0, key.length));
      for (const { bytes, match } of found) checkLength(match.module, bytes.length);
      return found.length === 0 ? NO_MATCHES : Object.freeze(found.map((row) => row.match));
    },
  };
}

/**
 * `install` and `remove` lines: a module of exactly that name, whether it exists or not.
 * libkmod-module.c:kmod_lookup_alias_from_commands.
 */
export function commandSource({ commands }: ModprobeConfig): Source {
  const names = new Set(commands.map((c) => c.module));
  return {
    name: 'command',
    find: (key) => (names.size > 0 && names.has(key.text) ? oneModule(key.text, 'command') : NO_MATCHES),
  };
}
