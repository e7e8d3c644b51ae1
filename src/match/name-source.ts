import { searchExact } from '../alias/index-search.ts';
import { NO_MATCHES, type Source } from './match.ts';
import type { Root } from './pattern-sources.ts';

/** A source that answers with the module of exactly the key's name; a loadable module's name holds no colon. libkmod-module.c:kmod_lookup_alias_from_moddep_file. */
export function nameSource(name: 'name' | 'builtin-name', root: Root): Source {
  return {
    name,
    find(key) {
      if ((name === 'name' && key.hasColon) || !searchExact(root(), key.text)) return NO_MATCHES;
      return oneModule(key.text, name);
    },
  };
}

/** The answer that is a module of this name, which ends at the first dot as in kmod_module_new_from_name. */
export function oneModule(name: string, source: 'name' | 'builtin-name' | 'command') {
  const dot = name.indexOf('.');
  const module = (dot === -1 ? name : name.slice(0, dot)).replaceAll('-', '_');
  return Object.freeze([Object.freeze({ module, pattern: name, source, priority: 0 })]);
}
