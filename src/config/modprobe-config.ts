import type { Diagnostic } from '../errors.ts';
import { normalizeAlias } from '../pattern/normalize.ts';
import { configLines } from './config-lines.ts';

/** Where a line of modprobe.d is. */
export interface ConfigPlace {
  readonly file: string;
  readonly line: number;
}

/** `alias PATTERN MODULE`. The pattern is one of fnmatch(3) from its first character on. */
export interface ConfigAlias extends ConfigPlace {
  readonly pattern: string;
  readonly module: string;
}

/** `install MODULE COMMAND` and `remove MODULE COMMAND`. */
export interface ConfigCommand extends ConfigPlace {
  readonly kind: 'install' | 'remove';
  readonly module: string;
  readonly command: string;
}

export interface ConfigBlacklist extends ConfigPlace {
  readonly module: string;
}

/** `softdep MODULE pre: A B post: C` and `weakdep MODULE A B`. */
export interface ConfigDependency extends ConfigPlace {
  readonly module: string;
  readonly pre: readonly string[];
  readonly post: readonly string[];
  readonly weak: readonly string[];
}

/** `options MODULE OPTIONS`. The name is that of a module or of an alias. */
export interface ConfigOptions extends ConfigPlace {
  readonly module: string;
  readonly options: string;
}

/** What modprobe's configuration says, each list in the order in which libkmod reads it. */
export interface ModprobeConfig {
  readonly aliases: readonly ConfigAlias[];
  readonly commands: readonly ConfigCommand[];
  readonly blacklist: readonly ConfigBlacklist[];
  readonly dependencies: readonly ConfigDependency[];
  readonly options: readonly ConfigOptions[];
}

/** A configuration file's text, latin1. */
export interface ConfigText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads configuration texts in the order given. Lines that libkmod ignores are skipped with a warning.
 * libkmod-config.c:kmod_config_parse.
 */
export function parseModprobeConfig(texts: Iterable<ConfigText>, diagnose: (d: Diagnostic) => void): ModprobeConfig {
  const aliases: ConfigAlias[] = [];
  const commands: ConfigCommand[] = [];
  const blacklist: ConfigBlacklist[] = [];
  const dependencies: ConfigDependency[] = [];
  const options: ConfigOptions[] = [];
  for (const { file, text } of texts) {
    for (const { line, text: words } of configLines(text)) {
      const at = { file, line };
      const [keyword, afterKeyword] = token(words);
      const [name, rest] = token(afterKeyword);
      const module = name === '' ? undefined : normalizeAlias(name);
      if (keyword === '') continue;
      if (keyword === 'options') {
        if (module !== undefined && rest !== '') options.push({ module, options: rest, ...at });
        continue;
      }
      if (words.endsWith('\r')) diagnose(carriageReturn(at));
      if (keyword === 'alias') {
        const target = token(rest)[0];
        const to = target === '' ? undefined : normalizeAlias(target);
        if (module !== undefined && to !== undefined) aliases.push({ pattern: module, module: to, ...at });
        else diagnose(badLine(at, keyword));
      } else if (keyword === 'blacklist' && module !== undefined) blacklist.push({ module, ...at });
      else if ((keyword === 'install' || keyword === 'remove') && module !== undefined && rest !== '') {
        commands.push({ kind: keyword, module, command: rest, ...at });
      } else if (keyword === 'softdep' && module !== undefined && rest !== '') {
        dependencies.push({ module, ...softdeps(rest), weak: [], ...at });
      } else if (keyword === 'weakdep' && module !== undefined && rest !== '') {
        dependencies.push({ module, pre: [], post: [], weak: spaced(rest), ...at });
      } else diagnose(badLine(at, keyword));
    }
  }
  return { aliases, commands, blacklist, dependencies, options };
}

/** The first word and what follows the one blank after it, as strtok_r splits them. */
function token(text: string): [word: string, rest: string] {
  const m = /^[\t ]*([^\t ]*)[\t ]?(.*)$/s.exec(text)!;
  return [m[1]!, m[2]!];
}

function spaced(text: string): string[] {
  return text.split(/[ \t\n\v\f\r]+/).filter(Boolean);
}

/** libkmod-config.c:kmod_config_add_softdep: words before the first `pre:` or `post:` are ignored. */
function softdeps(text: string): { pre: string[]; post: string[] } {
  const lists = { pre: [] as string[], post: [] as string[] };
  let list: string[] | undefined;
  for (const word of spaced(text)) {
    if (word === 'pre:' || word === 'post:') list = word === 'pre:' ? lists.pre : lists.post;
    else list?.push(word);
  }
  return lists;
}

function badLine(at: ConfigPlace, keyword: string): Diagnostic {
  return {
    code: 'bad-config-line',
    severity: 'warning',
    message: `libkmod ignores this line, which starts with '${keyword}'; see modprobe.d(5)`,
    ...at,
  };
}

/** A file from Windows: libkmod's words end at spaces and tabs only. */
function carriageReturn(at: ConfigPlace): Diagnostic {
  return {
    code: 'carriage-return',
    severity: 'warning',
    message:
      'the line ends with a carriage return, which libkmod reads as part of the last word; save the file with Unix line endings',
    ...at,
  };
}

/**
 * Modules that the kernel command line forbids (`modprobe.blacklist=a,b`), as written. A quoted value never counts as
 * one for modprobe. libkmod-config.c:kmod_config_parse_kcmdline.
 */
export function blacklistOfCommandLine(commandLine: string, file: string): ConfigBlacklist[] {
  const [text = ''] = commandLine.slice(0, 4095).split('\n');
  const found: ConfigBlacklist[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"?|[^ "])+/g)) {
    const m = /^modprobe\.blacklist=([^"]*)$/.exec(word);
    for (const module of m?.[1]?.split(',') ?? []) if (module !== '') found.push({ module, file, line: 1 });
  }
  return found;
}
