import { basename } from 'node:path';
import { type ModprobeConfig, parseModprobeConfig } from '../../config/modprobe-config.ts';
import { MODPROBE_DIRECTORIES } from '../../config/read-modprobe-config.ts';
import type { Diagnostic } from '../../errors.ts';
import { underscored } from '../../pattern/normalize.ts';
import { type CommandLine, listOf, parameters } from '../command-line.ts';
import type { Files } from '../files/files.ts';

/** Largest file of modprobe.d that is read; libkmod has no limit, people write none of this size. */
const LONGEST = 16 * 1024 * 1024;

/**
 * What modprobe would read in a file system: modprobe.d, the lists of the modules directory, in the order of their
 * names, then the kernel's command line (libkmod-config.c:kmod_config_new, kmod_config_parse_kcmdline).
 */
export function stageConfig(
  files: Files,
  modules: string,
  commandLine: CommandLine | null,
  diagnose: (diagnostic: Diagnostic) => void,
): ModprobeConfig {
  const directories = MODPROBE_DIRECTORIES.map((path) => path.slice(1));
  const named = ['modules.softdep', 'modules.weakdep'].flatMap((name) => {
    const text = files.text(`${modules}/${name}`);
    return text === undefined ? [] : { path: `${modules}/${name}`, text };
  });
  const texts = [...files.dropIns(directories, '.conf'), ...named]
    .sort((a, b) => (basename(a.path) < basename(b.path) ? -1 : 1))
    .flatMap(({ path, text }) => {
      const file = files.label(path);
      if (text.length <= LONGEST) return { file, text };
      const message = `skipped: ${text.length} bytes are more than the limit of ${LONGEST}`;
      diagnose({ code: 'too-big', severity: 'warning', message, file });
      return [];
    });
  const config = parseModprobeConfig(texts, diagnose);
  return commandLine === null ? config : withCommandLine(config, commandLine);
}

function withCommandLine(config: ModprobeConfig, { text, file, line }: CommandLine): ModprobeConfig {
  const all = parameters(text);
  const at = { file, line: line ?? 1 };
  const blacklist = listOf(all, 'modprobe.blacklist').map((module) => ({ module: underscored(module), ...at }));
  const options = all.flatMap(({ name, value }) => {
    const dot = name.indexOf('.');
    if (dot <= 0 || name.startsWith('modprobe.')) return [];
    const parameter = value === null ? name.slice(dot + 1) : `${name.slice(dot + 1)}=${value}`;
    return { module: underscored(name.slice(0, dot)), options: parameter, ...at };
  });
  return {
    ...config,
    blacklist: [...config.blacklist, ...blacklist],
    options: [...config.options, ...options],
  };
}
