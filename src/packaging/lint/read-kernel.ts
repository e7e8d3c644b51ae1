import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { readModprobeConfig } from '../../config/read-modprobe-config.ts';
import type { Diagnostic } from '../../errors.ts';
import { statOf } from '../../files/read-sync.ts';
import { parseBuiltinModinfo } from '../../modules-directory/builtin-modinfo.ts';
import { nameOf } from '../../modules-directory/module-task.ts';
import type { OpenedModules } from '../../modules-directory/open-modules.ts';
import { type AliasLines, readAliasLines } from '../verify/alias-lines.ts';
import type { LintInput, LintKernel } from './lint-input.ts';

/** What a modules directory has that holds no configuration. */
const MODULES = /^(?:kernel|lib|usr|modules\..+)$/;

/** Whether a path is one of modprobe.d: a file *.conf, or a directory of them. Throws `unreadable`. */
export function isModprobeConfig(path: string): boolean {
  if (!statOf(path).isDirectory()) return path.endsWith('.conf');
  if (basename(resolve(path)) === 'modprobe.d') return true;
  const names = readdirSync(path);
  return names.some((name) => name.endsWith('.conf')) && !names.some((name) => MODULES.test(name));
}

/** What lint looks at beside the modules of a kernel. Throws what reading its files and `modprobe` (paths) throws. */
export function readKernel(
  { directory, files }: Pick<OpenedModules<unknown>, 'directory' | 'files'>,
  modprobe: readonly string[],
  diagnose: (diagnostic: Diagnostic) => void,
): { readonly kernel: LintKernel; readonly text: LintInput['text'] } {
  const at = (name: string) => `${directory.root}/${name}`;
  const read = (name: string) => files.read(at(name))?.toString('latin1');
  const text = read('modules.alias');
  const content = parsedOnce(text ?? '');
  const index = files.read(at('modules.alias.bin'));
  const builtin = read('modules.builtin');
  const kernel: LintKernel = {
    loadable: new Set(directory.modules.map(({ name }) => name)),
    builtin: builtin === undefined ? undefined : new Set(builtin.split('\n').filter(Boolean).map(nameOf)),
    index: index === undefined ? undefined : { file: files.shown(at('modules.alias.bin')), content: index },
    knownAliases: function* () {
      for (const { alias } of parseBuiltinModinfo(read('modules.builtin.modinfo') ?? '')) yield alias;
      for (const { alias } of content().lines) yield alias;
    },
    modprobe: modprobe.length > 0 ? readModprobeConfig({ directories: modprobe, required: true, diagnose }) : undefined,
  };
  return { kernel, text: text === undefined ? undefined : { file: files.shown(at('modules.alias')), content } };
}

/** The lines of a modules.alias (latin1), read when they are first asked for. */
export function parsedOnce(text: string): () => AliasLines {
  let parsed: AliasLines | undefined;
  return () => {
    parsed ??= readAliasLines(text);
    return parsed;
  };
}
