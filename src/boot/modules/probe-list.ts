import type { ConfigDependency, ConfigPlace } from '../../config/modprobe-config.ts';
import { fnmatch } from '../../pattern/fnmatch.ts';
import type { Because } from '../because.ts';
import type { StageModules } from './stage-modules.ts';

/** A module that modprobe or udev would insert, or the command that runs in its place. */
export interface Insertion {
  readonly module: string;
  /** Built in: nothing is inserted. */
  readonly builtin: boolean;
  /** `install` line to run instead. */
  readonly command: (ConfigPlace & { readonly command: string }) | null;
  /** Its parameters with where each is written, in the order in which the kernel reads them. */
  readonly options: readonly (ConfigPlace & { readonly options: string })[];
  /** What made it part of the list, besides what asked for the whole list. */
  readonly because: readonly Because[];
}

/** How a name is loaded. */
export interface ProbeOptions {
  /** udev and `modprobe -b` leave out what is blacklisted (KMOD_PROBE_APPLY_BLACKLIST). */
  readonly applyBlacklist: boolean;
  /** `modprobe -i`: install lines are ignored for the module itself. */
  readonly ignoreCommands?: boolean;
}

/** Why nothing of a name is loaded. */
export interface Refused {
  readonly module: string;
  readonly because: Because;
}

export interface ProbeList {
  readonly insertions: readonly Insertion[];
  readonly refused: readonly Refused[];
}

/** Deepest chain of modules that need each other; the kernel's own are below ten. */
const DEEPEST = 200;

/**
 * What loading a name or an alias inserts, in order: each module's dependencies with their softdeps, its pre softdeps,
 * itself, its post softdeps (libkmod-module.c:kmod_module_get_probe_list). Only the first softdep line of a module
 * counts (kmod_module_get_softdeps). A blacklist is asked for what the name stands for, not for what comes along
 * (kmod_module_probe_insert_module).
 */
export function probeList(stage: StageModules, name: string, options: ProbeOptions): ProbeList {
  const insertions: Insertion[] = [];
  const refused: Refused[] = [];
  const matches = stage.lookup(name);
  for (const module of new Set(matches.map((match) => match.module))) {
    const blacklisted = options.applyBlacklist && stage.config.blacklist.find((one) => one.module === module);
    if (blacklisted) {
      const { file, line } = blacklisted;
      refused.push({ module, because: { file, line, rule: `blacklist ${module}` } });
      continue;
    }
    const visited = new Set<string>();
    addModule(stage, module, [], { insertions, visited, ignore: options.ignoreCommands === true, depth: 0 });
  }
  return { insertions, refused };
}

interface Walk {
  readonly insertions: Insertion[];
  readonly visited: Set<string>;
  readonly ignore: boolean;
  readonly depth: number;
}

function addModule(stage: StageModules, module: string, because: readonly Because[], walk: Walk): void {
  if (walk.visited.has(module) || walk.depth > DEEPEST) return;
  walk.visited.add(module);
  const inner = { ...walk, ignore: false, depth: walk.depth + 1 };
  for (const one of stage.dependencies(module) ?? []) {
    const why = [...because, { file: null, line: null, rule: `modules.dep: ${module} needs ${one}` }];
    if (walk.visited.has(one)) continue;
    walk.visited.add(one);
    withSoftdeps(stage, one, why, inner);
  }
  withSoftdeps(stage, module, because, { ...inner, ignore: walk.ignore });
}

/** libkmod-module.c:__kmod_module_fill_softdep. */
function withSoftdeps(stage: StageModules, module: string, because: readonly Because[], walk: Walk): void {
  const line = stage.config.dependencies.find((one) => one.weak.length === 0 && fnmatch(one.module, module));
  const soft = (names: readonly string[], kind: string) => {
    for (const name of names) {
      const why = [...because, softdep(line!, kind, name)];
      for (const { module: found } of stage.lookup(name)) addModule(stage, found, why, { ...walk, ignore: false });
    }
  };
  if (line) soft(line.pre, 'pre');
  const hasSoftdeps = line !== undefined && line.pre.length + line.post.length > 0;
  walk.insertions.push(insertion(stage, module, because, walk.ignore || hasSoftdeps));
  if (line) soft(line.post, 'post');
}

function softdep({ module, file, line }: ConfigDependency, kind: string, name: string): Because {
  return { file, line, rule: `softdep ${module} ${kind}: ${name}` };
}

function insertion(stage: StageModules, module: string, because: readonly Because[], ignore: boolean): Insertion {
  const { commands, options } = stage.config;
  const command = ignore ? undefined : commands.find((one) => one.kind === 'install' && one.module === module);
  return {
    module,
    builtin: stage.isBuiltin(module),
    command: command ?? null,
    options: options.filter((one) => one.module === module),
    because,
  };
}
