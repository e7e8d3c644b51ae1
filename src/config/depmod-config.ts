import type { Code } from '../codes.ts';
import type { Diagnostic } from '../errors.ts';
import { configLines, configWords } from './config-lines.ts';
import { ereMatches } from './posix-ere.ts';

/** What depmod.d(5) files say, each list in the order in which depmod walks it: the last line read comes first. */
export interface DepmodConfig {
  /**
   * Words of `search` lines: directories below the modules directory, `built-in`, `external`. The last one has the
   * highest priority.
   */
  readonly searches: readonly string[];
  /** `SUBDIR/NAME` of each override that is in force. */
  readonly overrides: readonly string[];
  /** Directories outside, searched as well. */
  readonly externals: readonly string[];
  /** Names that are skipped wherever they occur. */
  readonly excludes: ReadonlySet<string>;
}

/** A configuration file's text (latin1) with its path. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads configuration files in the order given, for the kernel `release` that overrides and externals name by an
 * unanchored regular expression or `*`. Without any `search` word, `updates` is searched first. A line that depmod
 * skips is a warning here as well. Throws EreUnsupportedError where an expression is not supported. kmod
 * tools/depmod.c:cfg_file_parse, cfg_load.
 */
export function parseDepmodConfig(
  files: readonly ConfigFile[],
  release: string,
): { config: DepmodConfig; diagnostics: Diagnostic[] } {
  const searches: string[] = [];
  const overrides: string[] = [];
  const externals: string[] = [];
  const excludes = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const { path, text } of files)
    for (const { text: content, line } of configLines(text)) {
      const warn = (code: Code, message: string) =>
        diagnostics.push({ code, severity: 'warning', message, file: path, line });
      const inForce = (pattern: string) => {
        const answer = pattern === '*' || ereMatches(pattern, release);
        if (answer === undefined)
          warn('bad-regex', `'${pattern}' is not an extended regular expression; depmod ignores the line`);
        return answer === true;
      };
      const [command, ...words] = configWords(content);
      if (command === undefined) continue;
      const [first, second, third] = words;
      if (command === 'search') searches.unshift(...words.toReversed());
      else if (command === 'exclude') for (const word of words) excludes.add(word);
      else if (command === 'override' && third !== undefined) {
        if (inForce(second!)) overrides.unshift(`${third}/${first}`);
      } else if (command === 'external' && second !== undefined) {
        if (inForce(first!)) externals.unshift(second);
      } else if (command !== 'include' && command !== 'make_map_files')
        warn(
          'bad-config-line',
          `'${content}' is ignored; expected search, override, external or exclude with their arguments`,
        );
    }
  if (searches.length === 0) searches.push('updates');
  return { config: { searches, overrides, externals, excludes }, diagnostics };
}
