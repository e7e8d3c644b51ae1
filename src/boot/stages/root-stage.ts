import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Stage } from '../run/stage.ts';
import type { Task } from '../run/task.ts';
import { udevTasks } from '../run/udev-tasks.ts';
import { defaultTarget, systemdTasks } from './systemd.ts';

const SYSTEMD = ['usr/lib/systemd/systemd', 'lib/systemd/systemd'];

/** What happens once the root file system is mounted. */
export function rootTasks(stage: Stage, sysfs: Tree): Task[] {
  const given = stage.parameters.findLast((one) => one.name === 'init')?.value;
  const isSystemd = SYSTEMD.some((path) => stage.files.exists(path));
  if (isSystemd && (given == null || /systemd|\/sbin\/init$/.test(given)))
    return systemdTasks(stage, sysfs, defaultTarget(stage));
  const message = `init is ${given ?? 'not systemd'}: what it starts, and in which order, is not known`;
  stage.doubt({ code: 'boot-unread', severity: 'warning', message });
  return [...udevTasks(stage, sysfs, []).tasks];
}
