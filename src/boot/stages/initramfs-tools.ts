import { underscored } from '../../pattern/normalize.ts';
import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Files } from '../files/files.ts';
import { runCommand } from '../run/commands.ts';
import { loadDoings } from '../run/load.ts';
import type { Stage } from '../run/stage.ts';
import { acting, type Doing, type Task } from '../run/task.ts';
import { udevTasks } from '../run/udev-tasks.ts';

/** Whether an image is made by initramfs-tools. */
export function isInitramfsTools(files: Files): boolean {
  return files.exists('scripts/functions') && files.exists('conf');
}

/** Directories of scripts that /init runs after it has loaded the modules of conf/modules, in this order. */
const LATER = ['init-premount', 'local-top', 'local-block', 'local-premount', 'local-bottom', 'init-bottom'];

/**
 * What /init of initramfs-tools does, one thing after the other: scripts/init-top, of which one starts udev, triggers
 * and settles; the modules of conf/modules; the other scripts (init, scripts/functions: run_scripts, load_modules).
 */
export function initramfsToolsTasks(stage: Stage, sysfs: Tree): Task[] {
  const tasks: Task[] = [];
  const add = (more: readonly Task[]) => tasks.push(...more.map((task) => ({ ...task, after: [...task.after] })));
  const before = () => tasks.map((task) => task.name);
  for (const script of scriptsOf(stage.files, 'init-top')) addScript(stage, sysfs, script, before(), add);
  add(modulesTask(stage, before()));
  for (const directory of LATER)
    for (const script of scriptsOf(stage.files, directory)) addScript(stage, sysfs, script, before(), add);
  return tasks;
}

/** The scripts of a directory in the order that mkinitramfs has written down. */
function scriptsOf(files: Files, directory: string): string[] {
  const order = files.text(`scripts/${directory}/ORDER`);
  if (order === undefined) return files.list(`scripts/${directory}`).map((name) => `scripts/${directory}/${name}`);
  return order.split('\n').flatMap((line) => /^\/?(scripts\/\S+)/.exec(line)?.[1] ?? []);
}

function addScript(
  stage: Stage,
  sysfs: Tree,
  path: string,
  after: readonly string[],
  add: (tasks: readonly Task[]) => void,
): void {
  const text = stage.files.text(path);
  if (text === undefined) return;
  if (/^\s*udevadm trigger/m.test(text)) {
    add(udevTasks(stage, sysfs, after).tasks);
    return;
  }
  const file = stage.files.label(path);
  const doings = runCommand(stage, text, { file, line: null, rule: path }, 0);
  if (doings.length > 0) add([{ name: path, after, steps: acting(doings) }]);
}

/** scripts/functions: load_modules; MODPROBE_OPTIONS is -qb. */
function modulesTask(stage: Stage, after: readonly string[]): Task[] {
  const text = stage.files.text('conf/modules');
  if (text === undefined) return [];
  const file = stage.files.label('conf/modules');
  const doings = text.split('\n').flatMap((raw, index) => {
    const [name, ...words] = raw.trim().split(/\s+/);
    if (name === undefined || name === '' || name.startsWith('#')) return [];
    const because = { file, line: index + 1, rule: raw.trim() };
    const ids = words.findLast((word) => word.startsWith('ids='))?.slice(4);
    return loadDoings(stage, name, [because], { applyBlacklist: true }, runCommand).map((doing): Doing => {
      const { event } = doing;
      const own = typeof event !== 'function' && event.kind === 'load' && event.module === underscored(name);
      return own && ids !== undefined ? { ...doing, event: { ...event, ids } } : doing;
    });
  });
  return doings.length === 0 ? [] : [{ name: 'conf/modules', after, steps: acting(doings) }];
}
