import { underscored } from '../../pattern/normalize.ts';
import type { Because } from '../because.ts';
import { listOf } from '../command-line.ts';
import { type Insertion, type ProbeOptions, probeList } from '../modules/probe-list.ts';
import type { Stage } from './stage.ts';
import type { Doing } from './task.ts';

/** Runs the command of an `install` line. */
export type RunCommand = (stage: Stage, script: string, because: Because, depth: number) => readonly Doing[];

/**
 * What loading a name or an alias does to the subject: one event for each module with a driver for it, with what made
 * it part of the list. `module_blacklist=` is asked by the kernel itself (kernel/module/main.c:blacklisted).
 */
export function loadDoings(
  stage: Stage,
  name: string,
  because: readonly Because[],
  options: ProbeOptions,
  run: RunCommand,
  depth = 0,
): Doing[] {
  const { insertions, refused } = probeList(stage.modules, name, options);
  for (const { module, because: why } of refused) {
    if (!stage.relevant.has(module)) continue;
    const message = `${module} is not loaded in the ${stage.name}: ${why.rule}`;
    stage.note({ code: 'boot-refused', severity: 'note', message, ...place(why) });
  }
  return insertions.flatMap((one) => inserted(stage, one, because, run, depth));
}

function inserted(
  stage: Stage,
  { module, builtin, command, options, because: own }: Insertion,
  because: readonly Because[],
  run: RunCommand,
  depth: number,
): Doing[] {
  const why = [...because, ...own];
  if (command) {
    const { file, line } = command;
    return [...run(stage, command.command, { file, line, rule: `install ${module} ${command.command}` }, depth + 1)];
  }
  if (builtin || !stage.relevant.has(module) || stage.modules.dependencies(module) === undefined) return [];
  const at = { file: stage.commandLineFile, line: null };
  if (listOf(stage.parameters, 'module_blacklist').some((one) => underscored(one) === module)) {
    const message = `the kernel refuses ${module}: module_blacklist= on its command line`;
    stage.note({ code: 'boot-refused', severity: 'note', message, file: at.file });
    return [];
  }
  const ids = options.findLast((one) => idsIn(one.options) !== undefined);
  if (!ids) return [{ event: { kind: 'load', module }, because: why }];
  const rule = `options ${module} ${ids.options}`;
  const withIds = { kind: 'load' as const, module, ids: idsIn(ids.options)! };
  return [{ event: withIds, because: [...why, { file: ids.file, line: ids.line, rule }] }];
}

/** The last `ids=` of a module's parameters; the kernel takes `"ids=.."` too. */
export function idsIn(options: string): string | undefined {
  return [...options.matchAll(/(?:^|\s)"?ids="?([^\s"]*)/g)].at(-1)?.[1];
}

function place({ file, line }: Because) {
  return { ...(file === null ? {} : { file }), ...(line === null ? {} : { line }) };
}
