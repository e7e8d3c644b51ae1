import { type ConfigPlace, type ModprobeConfig, parseModprobeConfig } from '../../config/modprobe-config.ts';
import type { LoadParameters } from '../../driver-core/index.ts';
import { ModaliasError } from '../../errors.ts';
import { underscored } from '../../pattern/normalize.ts';
import type { Program, Unread } from './program.ts';
import { shellQuoted, translated } from './translated.ts';

/** Most lines that say how modules are loaded; each loads one with all its options. */
const MOST_LINES = 1000;

/**
 * A file of modprobe.d as a program: each module that it speaks of is loaded once, as modprobe does it with this file
 * alone: what softdep names before and after it, its options, or its install command instead. A blacklist keeps no
 * module from being loaded by its name. Parameters come with the first load only; a module that is loaded is left
 * alone.
 */
export function modprobeLines(text: string, file: string): Program {
  const unread: Unread[] = [];
  const config = parseModprobeConfig([{ file, text }], ({ line = 1, message }) =>
    unread.push({ place: { file, line }, text: message }),
  );
  const count = [config.options, config.dependencies, config.commands].flat().length;
  if (count > MOST_LINES)
    throw new ModaliasError('bad-script', `found ${count} lines about modules, expected at most ${MOST_LINES}`, {
      file,
    });
  const optionsOf = (module: string) =>
    config.options
      .filter((one) => one.module === module)
      .map(({ options }) => words(options))
      .join(' ');
  const commands = new Map<number, string[]>();
  const add = ({ line }: ConfigPlace, command: string) => commands.set(line, [...(commands.get(line) ?? []), command]);
  const load = (at: ConfigPlace, module: string) => {
    const install = config.commands.find((one) => one.kind === 'install' && one.module === module);
    if (install)
      add(at, `export CMDLINE_OPTS=${shellQuoted(optionsOf(module))}; sh -c ${shellQuoted(install.command)}`);
    else add(at, `modprobe ${shellQuoted(module)} ${optionsOf(module)}`);
  };
  for (const { command, file, line } of config.commands)
    if (
      config.options.some(({ module }) =>
        new RegExp(`modprobe\\b.*\\b${module.replaceAll('_', '[-_]')}\\b`).test(command),
      )
    )
      unread.push({ place: { file, line }, text: `${command}: it loads a module that has options here` });
  for (const one of config.dependencies) {
    for (const module of one.pre) load(one, module);
    load(one, one.module);
    for (const module of one.post) load(one, module);
  }
  for (const one of config.commands) if (one.kind === 'install') load(one, one.module);
  for (const one of config.options) load(one, one.module);
  const shown = text.split('\n');
  const program = translated(commands, { file, shown: (line) => shown[line - 1] ?? '', unread });
  return { ...program, options: parametersByModule(config.options), softdeps: softdepsByModule(config.dependencies) };
}

/** Of several lines about a module the first counts; weakdep has nothing loaded. */
function softdepsByModule(all: ModprobeConfig['dependencies']): NonNullable<Program['softdeps']> {
  const found = all.filter(({ weak }) => weak.length === 0).toReversed();
  return Object.fromEntries(found.map(({ module, pre, post }) => [module, { before: pre, after: post }]));
}

/** What the options of each module come to; the last of a name counts. */
function parametersByModule(all: ModprobeConfig['options']): Record<string, LoadParameters> {
  const found: Record<string, Record<string, string | null>> = {};
  for (const { module, options } of all)
    for (const [, name = '', value] of options.matchAll(/([^\s="]+)(?:=((?:[^\s"]|"[^"]*")*))?/g)) {
      found[module] ??= {};
      found[module][underscored(name)] = value?.replaceAll('"', '') ?? null;
    }
  return found;
}

/** Parameters as words of a shell. */
function words(options: string): string {
  return (options.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map(shellQuoted).join(' ');
}
