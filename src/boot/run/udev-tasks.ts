import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Because } from '../because.ts';
import { udevDevice } from '../udev/device.ts';
import { eventSteps } from '../udev/event.ts';
import { readRules, type Rules } from '../udev/rules.ts';
import { ruleEffects } from './effects.ts';
import type { Stage } from './stage.ts';
import type { Task, TaskStep } from './task.ts';

/** A unit that a rule starts, after the event of the device. */
export interface StartedUnit {
  readonly unit: string;
  readonly because: Because;
  /** The task of the event. */
  readonly after: string;
}

export interface UdevTasks {
  readonly tasks: readonly Task[];
  readonly started: readonly StartedUnit[];
}

/** What may hide a rule that matters where its line cannot be read. */
const TOUCHY = /driver|vfio|modprobe|kmod|RUN/;

/**
 * What udev does once `udevadm trigger --action=add` has asked for every device: one task for each device of which the
 * event may matter to the subject. udevd handles devices side by side (udev-manager.c:event_queue_start), so their
 * steps may come in any order.
 */
export function udevTasks(stage: Stage, sysfs: Tree, after: readonly string[]): UdevTasks {
  const rules = readRules(stage.files);
  reportUnread(stage, rules);
  const { bus, name } = stage.subject;
  const tasks: Task[] = [];
  const started: StartedUnit[] = [];
  const seen = new Set<string>();
  for (const on of sysfs.list('bus'))
    for (const path of sysfs.realLinks(`bus/${on}/devices`)) {
      const device = udevDevice(sysfs, path);
      const isSubject = on === bus && device.name === name;
      const task = `udev: ${device.name}`;
      const units: StartedUnit[] = [];
      const effects = ruleEffects(stage, (unit, because) => units.push({ unit, because, after: task }));
      const steps = eventSteps(rules.rules, device, isSubject, stage.files, effects);
      started.push(...units);
      const key = signature(steps);
      // Many devices load the same modules; once is enough.
      if (steps.length === 0 || (key !== undefined && !isSubject && units.length === 0 && seen.has(key))) continue;
      if (key !== undefined && units.length === 0) seen.add(key);
      tasks.push({ name: task, after, steps });
    }
  const first = tasks.findIndex((task) => task.name === `udev: ${name}`);
  return { tasks: first < 0 ? tasks : [tasks[first]!, ...tasks.toSpliced(first, 1)], started };
}

/** What equal steps have in common; undefined where they depend on the device's own state. */
function signature(steps: readonly TaskStep[]): string | undefined {
  const events = steps.map((step) =>
    step.kind === 'act' && step.needs.length === 0 && typeof step.event !== 'function' ? step.event : undefined,
  );
  return events.includes(undefined) ? undefined : JSON.stringify(events);
}

function reportUnread(stage: Stage, { unread }: Rules): void {
  for (const { file, line, text } of unread.slice(0, 20)) {
    const message = `udev ignores this line: ${text}`;
    const say = TOUCHY.test(text) ? stage.doubt : stage.note;
    say({ code: 'boot-unread', severity: 'warning', message, file, line });
  }
}
