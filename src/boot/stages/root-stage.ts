import type { Tree } from '../../vfio/sysfs/tree.ts';
import { runCommand } from '../run/commands.ts';
import { loadDoings } from '../run/load.ts';
import type { Stage } from '../run/stage.ts';
import { acting, type Task } from '../run/task.ts';
import { udevTasks } from '../run/udev-tasks.ts';

const MODULES_LOAD = [
  'etc/modules-load.d',
  'run/modules-load.d',
  'usr/local/lib/modules-load.d',
  'usr/lib/modules-load.d',
  'lib/modules-load.d',
];

/** systemd-modules-load: modules of the command line first, then those of modules-load.d (modules-load.c:run). */
function modulesLoadTask(stage: Stage, prefix: '' | 'rd.', after: readonly string[]): Task[] {
  const named = stage.parameters.flatMap(({ name, value }) =>
    (name === 'modules_load' ||
      name === 'modules-load' ||
      name === `${prefix}modules_load` ||
      name === `${prefix}modules-load`) &&
    value
      ? value.split(',').map((module) => ({ module, file: stage.commandLineFile, line: null as number | null }))
      : [],
  );
  const listed = stage.files.dropIns(MODULES_LOAD, '.conf').flatMap(({ path, text }) =>
    text.split('\n').flatMap((raw, index) => {
      const module = raw.trim();
      return module === '' || /^[#;]/.test(module) ? [] : { module, file: stage.files.label(path), line: index + 1 };
    }),
  );
  const doings = [...named, ...listed].flatMap(({ module, file, line }) =>
    loadDoings(stage, module, [{ file, line, rule: module }], { applyBlacklist: true }, runCommand),
  );
  return doings.length === 0 ? [] : [{ name: 'systemd-modules-load.service', after, steps: acting(doings) }];
}

/** What happens once the root file system is mounted. */
export function rootTasks(stage: Stage, sysfs: Tree): Task[] {
  const udev = udevTasks(stage, sysfs, []);
  return [...udev.tasks, ...modulesLoadTask(stage, '', [])];
}
