import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Because } from '../because.ts';
import { parameters } from '../command-line.ts';
import type { Files } from '../files/files.ts';
import { runCommand } from '../run/commands.ts';
import { loadDoings } from '../run/load.ts';
import type { Stage } from '../run/stage.ts';
import { acting, type Doing, type Task } from '../run/task.ts';
import { udevTasks } from '../run/udev-tasks.ts';
import { defaultTarget, systemdTasks } from './systemd.ts';

/** Whether an image is made by dracut. */
export function isDracut(files: Files): boolean {
  return files.exists('usr/lib/dracut-lib.sh') || files.exists('lib/dracut-lib.sh');
}

/** Units of dracut, with the hooks that each runs; the one before udev loads the modules of rd.driver.pre as well. */
const HOOKS: Readonly<Record<string, readonly string[]>> = {
  'dracut-cmdline.service': ['cmdline'],
  'dracut-pre-udev.service': ['pre-udev'],
  'dracut-pre-trigger.service': ['pre-trigger'],
  'dracut-initqueue.service': ['initqueue', 'initqueue/settled', 'initqueue/finished', 'initqueue/online'],
  'dracut-pre-mount.service': ['pre-mount'],
  'dracut-mount.service': ['mount'],
  'dracut-pre-pivot.service': ['pre-pivot', 'cleanup'],
};

const PRE_UDEV = 'dracut-pre-udev.service';
const PRE_TRIGGER = 'dracut-pre-trigger.service';

/**
 * What an image of dracut does: with systemd its units in their order, without it the same hooks one after the other
 * (modules.d/98dracut-systemd, modules.d/99base/init.sh).
 */
export function dracutTasks(stage: Stage, sysfs: Tree): Task[] {
  if (stage.files.exists('usr/lib/systemd/systemd') || stage.files.exists('lib/systemd/systemd'))
    return systemdTasks(stage, sysfs, defaultTarget(stage), (_, { name }) => hooksOf(stage, name));
  const tasks: Task[] = [];
  for (const unit of Object.keys(HOOKS)) {
    const after = tasks.map(({ name }) => name);
    const doings = hooksOf(stage, unit) ?? [];
    if (doings.length > 0) tasks.push({ name: unit, after, steps: acting(doings) });
    if (unit === PRE_TRIGGER)
      tasks.push(
        ...udevTasks(
          stage,
          sysfs,
          tasks.map(({ name }) => name),
        ).tasks,
      );
  }
  return tasks;
}

function hooksOf(stage: Stage, unit: string): Doing[] | undefined {
  const hooks = Object.hasOwn(HOOKS, unit) ? HOOKS[unit]! : undefined;
  const run = hooks?.flatMap((hook) => hookDoings(stage, hook));
  return unit === PRE_UDEV ? [...run!, ...driversFirst(stage)] : run;
}

/** The scripts of a hook, which are sourced in the order of their names (dracut-lib.sh: source_hook). */
function hookDoings(stage: Stage, hook: string): Doing[] {
  const directory = ['lib/dracut/hooks', 'var/lib/dracut/hooks', 'usr/lib/dracut/hooks']
    .map((at) => stage.files.real(`${at}/${hook}`))
    .find((at) => at !== undefined);
  if (directory === undefined) return [];
  return stage.files.list(directory).flatMap((name) => {
    const path = `${directory}/${name}`;
    const text = name.endsWith('.sh') ? stage.files.text(path) : undefined;
    return text === undefined
      ? []
      : runCommand(stage, text, { file: stage.files.label(path), line: null, rule: name }, 0);
  });
}

/** `rd.driver.pre=`, of the kernel's command line and of the image's; force_drivers of dracut.conf becomes one. */
function driversFirst(stage: Stage): Doing[] {
  return dracutLists(stage, 'rd.driver.pre').flatMap(({ value, because }) =>
    loadDoings(stage, value, [because], { applyBlacklist: false }, runCommand),
  );
}

/** The values of a list in the command line and in the files that an image adds to it (dracut-lib.sh: getargs). */
export function dracutLists(
  { parameters: given, commandLineFile, files }: Pick<Stage, 'parameters' | 'commandLineFile' | 'files'>,
  name: string,
): { readonly value: string; readonly because: Because }[] {
  const own = [
    'etc/cmdline',
    ...['etc/cmdline.d', 'usr/lib/dracut/cmdline.d'].flatMap((at) => files.list(at).map((one) => `${at}/${one}`)),
  ];
  const places = [
    ...given.map((one) => ({ ...one, file: commandLineFile, line: null as number | null })),
    ...own.flatMap((path) =>
      (files.text(path) ?? '')
        .split('\n')
        .flatMap((text, index) =>
          parameters(text).map((one) => ({ ...one, file: files.label(path), line: index + 1 })),
        ),
    ),
  ];
  return places.flatMap(({ name: its, value, file, line }) =>
    its !== name || value === null
      ? []
      : value
          .split(',')
          .filter(Boolean)
          .map((one) => ({ value: one, because: { file, line, rule: `${its}=${value}` } })),
  );
}
