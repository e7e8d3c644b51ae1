import { searchExact } from '../index-file/index-search.ts';
import { NO_MATCHES, type Source } from '../match/match.ts';
import { patternAt } from '../pattern-index/pattern-table.ts';
import { underscored } from '../pattern/normalize.ts';
import type { LazyIndex, Root } from './pattern-sources.ts';

/**
 * A source that answers with the module of exactly the key's name; a loadable module's name contains no colon.
 * libkmod-module.c:kmod_lookup_alias_from_moddep_file.
 */
export function nameSource(name: 'name' | 'builtin-name', root: Root): Source {
  return {
    name,
    find(key) {
      if ((name === 'name' && key.hasColon) || !searchExact(root(), key.text)) return NO_MATCHES;
      return oneModule(key.text, name);
    },
  };
}

/** The same for many keys: all names are read on first use. */
export function builtinNameSource(index: LazyIndex): Source {
  let names: ReadonlySet<string> | undefined;
  let longest = 0;
  return {
    name: 'builtin-name',
    find(key) {
      if (!names) {
        const table = index.table();
        names = new Set(Array.from({ length: table.size }, (_, row) => patternAt(table, row)));
        for (const name of names) longest = Math.max(longest, name.length);
      }
      return key.length <= longest && names.has(key.text) ? oneModule(key.text, 'builtin-name') : NO_MATCHES;
    },
  };
}

/** The module of this name as an answer, which ends at the first dot as in kmod_module_new_from_name. */
export function oneModule(name: string, source: 'name' | 'builtin-name' | 'command') {
  const dot = name.indexOf('.');
  const module = underscored(dot === -1 ? name : name.slice(0, dot));
  return Object.freeze([Object.freeze({ module, pattern: name, source, priority: 0 })]);
}
