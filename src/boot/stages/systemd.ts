import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Because } from '../because.ts';
import { runCommand } from '../run/commands.ts';
import { loadDoings } from '../run/load.ts';
import type { Stage } from '../run/stage.ts';
import { acting, type Doing, type Task } from '../run/task.ts';
import { udevTasks } from '../run/udev-tasks.ts';
import { unitsOf } from '../units/order.ts';
import type { Unit } from '../units/unit.ts';

const TRIGGER = 'systemd-udev-trigger.service';
const SETTLE = 'systemd-udev-settle.service';
const MODULES_LOAD = 'systemd-modules-load.service';

const MODULES_LOAD_DIRECTORIES = [
  'etc/modules-load.d',
  'run/modules-load.d',
  'usr/local/lib/modules-load.d',
  'usr/lib/modules-load.d',
  'lib/modules-load.d',
];

/** What a unit of a program does that its files do not say; undefined for one that its commands explain. */
export type Special = (stage: Stage, unit: Unit) => readonly Doing[] | undefined;

/**
 * What systemd does from its start to a target: udev handles the devices while units are started, each unit once those
 * that it comes after are. `systemd-udev-trigger.service` is over before its events are handled; only
 * systemd-udev-settle.service waits for them (udevadm(8)).
 */
export function systemdTasks(stage: Stage, sysfs: Tree, target: string, special: Special = () => undefined): Task[] {
  const { tasks: events, started } = udevTasks(stage, sysfs, []);
  const pulledIn = new Map(started.map((one) => [one.unit, one]));
  const units = unitsOf(stage.files, target, [...pulledIn.keys()]);
  const acts = units.units.flatMap((unit): { unit: Unit; doings: readonly Doing[] }[] => {
    const why = pulledIn.get(unit.name)?.because;
    const doings = holds(stage, unit) ? (special(stage, unit) ?? unitDoings(stage, unit, why)) : [];
    return doings.length === 0 ? [] : [{ unit, doings }];
  });
  const names = events.map(({ name }) => name);
  const before = (name: string) =>
    acts.flatMap(({ unit }) => (unit.name !== name && units.isAfter(name, unit.name) ? unit.name : []));
  const triggered = units.has(TRIGGER) ? before(TRIGGER) : [];
  return [
    ...events.map((task) => ({ ...task, after: triggered })),
    ...acts.map(({ unit, doings }): Task => {
      const settled = units.has(SETTLE) && units.isAfter(unit.name, SETTLE);
      const event = pulledIn.get(unit.name)?.after;
      const after = [...before(unit.name), ...(settled ? names : event === undefined ? [] : [event])];
      return { name: unit.name, after, steps: acting(doings) };
    }),
  ];
}

function unitDoings(stage: Stage, unit: Unit, why: Because | undefined): Doing[] {
  if (unit.name === MODULES_LOAD) return modulesLoad(stage);
  return unit.commands.flatMap(({ command, file, line }) =>
    runCommand(stage, command, { file, line, rule: command }, 0).map((doing) =>
      why === undefined ? doing : { ...doing, because: [why, ...doing.because] },
    ),
  );
}

/** Conditions that depend on files and the command line; the others count as met. */
function holds({ files, parameters }: Stage, { conditions }: Unit): boolean {
  return conditions.every(({ key, value }) => {
    const [, not, text] = /^\|?(!?)(.*)$/.exec(value)!;
    // One of several with a bar is enough.
    if (value.startsWith('|')) return true;
    if (key === 'ConditionPathExists')
      return files.exists(text!) || /^\/(?:run|sys|proc|dev)\//.test(text!) ? not === '' : not !== '';
    if (key !== 'ConditionKernelCommandLine') return true;
    const found = parameters.some(({ name, value: given }) => text === name || text === `${name}=${given}`);
    return found === (not === '');
  });
}

/** systemd-modules-load: modules of the command line first, then those of modules-load.d (modules-load.c:run). */
function modulesLoad(stage: Stage): Doing[] {
  const isName = /^(?:rd\.)?modules[-_]load$/;
  const named = stage.parameters.flatMap(({ name, value }) => {
    if (!isName.test(name) || value === null || (name.startsWith('rd.') && stage.name !== 'initramfs')) return [];
    return value
      .split(',')
      .map((module) => ({ module, file: stage.commandLineFile, line: null, rule: `${name}=${value}` }));
  });
  const listed = stage.files.dropIns(MODULES_LOAD_DIRECTORIES, '.conf').flatMap(({ path, text }) =>
    text.split('\n').flatMap((raw, index) => {
      const module = raw.trim();
      if (module === '' || /^[#;]/.test(module)) return [];
      return { module, file: stage.files.label(path), line: index + 1, rule: module };
    }),
  );
  return [...named, ...listed].flatMap(({ module, ...because }) =>
    loadDoings(stage, module, [because], { applyBlacklist: true }, runCommand),
  );
}

/** The target that systemd boots into: of the command line, or the link default.target. */
export function defaultTarget({ parameters, name }: Stage): string {
  const key = name === 'initramfs' ? 'rd.systemd.unit' : 'systemd.unit';
  return parameters.findLast((one) => one.name === key)?.value ?? 'default.target';
}
