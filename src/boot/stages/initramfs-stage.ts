import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Maker } from '../added/sections.ts';
import type { Files } from '../files/files.ts';
import type { Stage } from '../run/stage.ts';
import type { Task } from '../run/task.ts';
import { dracutTasks, isDracut } from './dracut.ts';
import { initramfsToolsTasks, isInitramfsTools } from './initramfs-tools.ts';

/** Programs that make an initramfs, and what their images do. */
const MAKERS: readonly {
  readonly name: Maker;
  readonly made: (files: Files) => boolean;
  readonly tasks: (stage: Stage, sysfs: Tree) => Task[];
}[] = [
  { name: 'initramfs-tools', made: isInitramfsTools, tasks: initramfsToolsTasks },
  { name: 'dracut', made: isDracut, tasks: dracutTasks },
];

/** What made an image, by what is in it; undefined where that is not known. */
export function makerOf(files: Files): Maker | undefined {
  return MAKERS.find(({ made }) => made(files))?.name;
}

/** What an image does until it leaves for the real root. */
export function initramfsTasks(stage: Stage, sysfs: Tree): Task[] {
  const maker = MAKERS.find(({ made }) => made(stage.files));
  if (maker) return maker.tasks(stage, sysfs);
  const message = 'it is not known what this initramfs does; expected one of initramfs-tools or dracut';
  stage.doubt({ code: 'boot-unread', severity: 'warning', message });
  return [];
}
