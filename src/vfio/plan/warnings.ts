import type { Code } from '../../codes.ts';
import { overrideEffect } from '../../driver-core/index.ts';
import { compareReleases, formatFirst, formatRelease, NEWEST_RELEASE, OLDEST_RELEASE } from '../../release.ts';
import { vfioBuses } from '../sysfs/buses.ts';
import type { Use } from '../uses/use.ts';
import { deviceWarnings } from './device-warnings.ts';
import { adviceOnStep, functionNotes } from './function-warnings.ts';
import { isMade } from './functions.ts';
import { groupWarnings } from './group-warnings.ts';
import type { Machine } from './machine.ts';
import type { Plan, PlannedDevice, Step, Warning } from './plan-types.ts';
import { removedWith } from './removed.ts';

/** Everything that prevents a plan or is worth a warning, blockers first. */
export function planWarnings(
  machine: Machine,
  devices: readonly PlannedDevice[],
  steps: readonly Step[],
  predicted: Plan['predicted'],
  { allowInUse, restoring }: { readonly allowInUse: boolean; readonly restoring: boolean },
): Warning[] {
  const moved = devices.filter((device) => !device.already);
  const given = moved.filter(isGiven);
  const firsts = given.filter((one) => one === given.find(({ physfn }) => physfn === one.physfn) || !isMade(one));
  const inUse = allowInUse ? null : 'in-use';
  const warnings = [
    ...given.flatMap((device) => impossible(machine, device)),
    ...given.flatMap((device) => removalWarnings(machine, moved, device)),
    ...given.flatMap((device) => useWarnings(machine, device, { inUse, restoring })),
    ...(restoring ? [] : given.flatMap((device) => displayWarnings(machine, device, inUse))),
    ...refusedSteps(machine, steps, predicted, inUse),
    ...(restoring
      ? []
      : groupWarnings(
          machine,
          devices.filter(({ after }) => !after.vfs),
          predicted,
        )),
    ...(restoring ? [] : firsts.flatMap((device) => deviceWarnings(machine, devices, device))),
    ...(restoring ? [] : moved.flatMap((device) => functionNotes(devices, device))),
    ...machineWarnings(machine, moved),
  ];
  return warnings.sort(heaviestFirst);
}

/** A physical function that only gains or loses virtual ones stays where it is. */
function isGiven({ before, after, physfn }: PlannedDevice): boolean {
  return physfn !== null || before.driver !== after.driver || before.override !== after.override;
}

function machineWarnings({ kernel, release, notes, unseen }: Machine, moved: readonly PlannedDevice[]): Warning[] {
  const warning = (code: Code, message: string): Warning => ({ code, about: 'machine', message, blocks: null });
  const warnings = notes.map((message) => warning('kernel-command-line', message));
  if (compareReleases(release, OLDEST_RELEASE) < 0 || compareReleases(release, NEWEST_RELEASE) > 0)
    warnings.push(
      warning(
        'release',
        `the rules of Linux ${kernel ?? formatRelease(release)} are not known, only those from ${formatFirst(OLDEST_RELEASE)} to ${formatRelease(NEWEST_RELEASE)}: it may behave differently from the prediction`,
      ),
    );
  if (unseen > 0 && moved.length > 0)
    warnings.push(
      warning('unseen', `${unseen} processes of other users hide what they have open; run as root to see it`),
    );
  return warnings;
}

/** A plan with the problems that its devices had before it was made. */
export function withProblems(plan: Plan, problems: readonly Warning[]): Plan {
  if (problems.length === 0) return plan;
  const warnings = [...problems, ...plan.warnings].sort(heaviestFirst);
  return { ...plan, warnings, runnable: warnings.every(({ blocks }) => blocks === null) };
}

const WEIGHTS = ['always', 'in-use', null] as const;

/** Problems that no option overrides come first. */
function heaviestFirst(a: Warning, b: Warning): number {
  return WEIGHTS.indexOf(a.blocks) - WEIGHTS.indexOf(b.blocks);
}

/** Problems that no option overrides. */
function impossible(machine: Machine, device: PlannedDevice): Warning[] {
  const always = (code: Code, message: string): Warning => ({ code, about: device.name, message, blocks: 'always' });
  const refusal = Object.hasOwn(vfioBuses, device.bus) ? vfioBuses[device.bus]!.refusal : undefined;
  if (refusal !== undefined) return [always('unsupported-bus', refusal)];
  if (overrideEffect(device.bus) === 'none')
    return [always('unsupported-bus', `devices of bus '${device.bus}' have no driver_override`)];
  if (machine.devices.find(({ path }) => path === device.path)?.unbinding) {
    const message = 'its unbind still waits for a process that holds it; end that process, then try again';
    return [always('unbinding', message)];
  }
  if (device.before.override === undefined && !isMade(device)) {
    return [
      always('no-override', 'sysfs shows no driver_override for it; the kernel is too old, or sysfs cannot be read'),
    ];
  }
  const driver = (name: string | null) => machine.drivers.find((one) => one.bus === device.bus && one.name === name);
  const warnings: Warning[] = [];
  if (driver(device.before.driver)?.bindable === false) {
    warnings.push(always('no-unbind', `its driver ${device.before.driver} has no unbind file (suppress_bind_attrs)`));
  }
  if (device.after.driver !== null && device.module === null && !driver(device.after.driver)) {
    warnings.push(
      always(
        'no-driver',
        `no driver '${device.after.driver}' is registered on bus '${device.bus}', and no module is known to contain it`,
      ),
    );
  }
  return warnings;
}

/** How each kind of use is reported; a note does not prevent the plan. */
const USES: Readonly<Record<Use['kind'], { readonly code: Code; readonly note?: true }>> = {
  mounted: { code: 'mounted' },
  swap: { code: 'swap' },
  stacked: { code: 'stacked' },
  pool: { code: 'zfs-pool' },
  'network-disk': { code: 'network-disk' },
  route: { code: 'default-route' },
  connection: { code: 'connection' },
  address: { code: 'route', note: true },
  framebuffer: { code: 'framebuffer' },
  keyboard: { code: 'only-keyboard' },
  process: { code: 'held' },
};

function useWarnings(
  machine: Machine,
  device: PlannedDevice,
  { inUse, restoring }: { readonly inUse: Warning['blocks']; readonly restoring: boolean },
): Warning[] {
  const gone = removedWith(machine, device.path).map(({ name }) => name);
  return machine.uses.flatMap(({ device: name, kind, text }): Warning[] => {
    // A framebuffer of the firmware makes way for the native driver.
    if ((name !== device.name && !gone.includes(name)) || (restoring && kind === 'framebuffer')) return [];
    const { code, note } = USES[kind];
    const message = name === device.name ? text : `${text}, on ${name}, which goes away with it`;
    return [{ code, about: device.name, message, blocks: note ? null : inUse }];
  });
}

/** What goes away with the device's driver, and what of it the plan is for: by then it is gone. */
function removalWarnings(machine: Machine, moved: readonly PlannedDevice[], device: PlannedDevice): Warning[] {
  const { name, path, before } = device;
  const gone = removedWith(machine, path);
  const planned = gone.filter((one) => moved.some((other) => other.path === one.path));
  if (planned.length > 0)
    return planned.map((one) => ({
      code: 'goes-away',
      about: one.name,
      message: `it goes away when ${before.driver} lets go of ${name}: plan for one of the two`,
      blocks: 'always',
    }));
  const others = gone.filter(({ bridge }) => bridge !== true);
  if (others.length === 0) return [];
  const list = others.map((one) => `${one.name} (${one.driver ?? 'no driver'})`).join(', ');
  const message = `${list} ${others.length === 1 ? 'goes' : 'go'} away when ${before.driver} lets go of it`;
  return [{ code: 'goes-away', about: name, message, blocks: null }];
}

function displayWarnings(machine: Machine, device: PlannedDevice, inUse: Warning['blocks']): Warning[] {
  if (!machine.devices.find(({ path }) => path === device.path)?.bootDisplay) return [];
  const display = (message: string, blocks: Warning['blocks']): Warning[] => [
    { code: 'boot-display', about: device.name, message, blocks },
  ];
  if (device.before.driver !== null) return display('it is the boot display: the console goes dark', inUse);
  // What shows the console without a native driver is said as a use.
  if (machine.uses.some((use) => use.device === device.name && use.kind === 'framebuffer')) return [];
  return display(
    'it is the boot display: firmware and boot loader show on it, and its ROM may be changed by them',
    null,
  );
}

/** Steps that the kernel will refuse, or delay until a process lets go. */
function refusedSteps(
  machine: Machine,
  steps: readonly Step[],
  predicted: Plan['predicted'],
  inUse: Warning['blocks'],
): Warning[] {
  return predicted.steps.flatMap(({ step: index, result, text, rule }): Warning[] => {
    const step = steps[index]!;
    if (['ok', 'unknown', 'not-taken'].includes(result) || step.op === 'verify' || step.op === 'functions') return [];
    const about = step.op === 'modprobe' ? step.module : step.device;
    const what = step.op === 'write' ? `writing ${step.path}` : `modprobe ${step.module}`;
    if (result === 'blocks') {
      const message = `${what} ${text}; the run gives up after --timeout, while the kernel keeps waiting`;
      return [{ code: 'waits', about, message, blocks: inUse }];
    }
    return [
      {
        code: 'refused',
        about,
        message: `${what} will end with ${result}: ${text}${rule === null ? '' : ` (${rule})`}${adviceOnStep(machine, step)}`,
        blocks: 'always',
      },
    ];
  });
}
