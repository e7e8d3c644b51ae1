import type { Code } from '../../codes.ts';
import { overrideEffect } from '../../driver-core/index.ts';
import { compareReleases, formatFirst, formatRelease, NEWEST_RELEASE, OLDEST_RELEASE } from '../../release.ts';
import { isVfioByFact, vfioBuses } from '../sysfs/buses.ts';
import { driverLike } from '../sysfs/model.ts';
import type { Use } from '../uses/use.ts';
import type { Machine } from './machine.ts';
import type { Plan, PlannedDevice, Step, Warning } from './plan-types.ts';

/** Everything that prevents a plan or is worth a warning, blockers first. */
export function planWarnings(
  machine: Machine,
  devices: readonly PlannedDevice[],
  steps: readonly Step[],
  predicted: Plan['predicted'],
  { allowInUse, restoring }: { readonly allowInUse: boolean; readonly restoring: boolean },
): Warning[] {
  const moved = devices.filter((device) => !device.already);
  const inUse = allowInUse ? null : 'in-use';
  const warnings = [
    ...moved.flatMap((device) => impossible(machine, device)),
    ...moved.flatMap((device) => useWarnings(machine, device, { inUse, restoring })),
    ...(restoring ? [] : moved.flatMap((device) => displayWarnings(machine, device, inUse))),
    ...refusedSteps(steps, predicted, inUse),
    ...(restoring ? [] : groupWarnings(machine, devices, predicted)),
    ...(restoring ? [] : moved.flatMap((device) => deviceWarnings(machine, device))),
    ...machineWarnings(machine, moved),
  ];
  return warnings.sort(heaviestFirst);
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
  if (device.before.override === undefined) {
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
  const uses = machine.uses.filter((use) => use.device === device.name);
  // A framebuffer of the firmware makes way for the native driver.
  return uses
    .filter(({ kind }) => !(restoring && kind === 'framebuffer'))
    .map(({ kind, text }): Warning => {
      const { code, note } = USES[kind];
      return { code, about: device.name, message: text, blocks: note ? null : inUse };
    });
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
function refusedSteps(steps: readonly Step[], predicted: Plan['predicted'], inUse: Warning['blocks']): Warning[] {
  return predicted.steps.flatMap(({ step: index, result, text, rule }): Warning[] => {
    const step = steps[index]!;
    if (['ok', 'unknown', 'not-taken'].includes(result) || step.op === 'verify') return [];
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
        message: `${what} will end with ${result}: ${text}${rule === null ? '' : ` (${rule})`}`,
        blocks: 'always',
      },
    ];
  });
}

function groupWarnings(machine: Machine, devices: readonly PlannedDevice[], predicted: Plan['predicted']): Warning[] {
  return machine.groups.flatMap((group): Warning[] => {
    if (!devices.some((device) => device.group === group.id)) return [];
    const about = `group ${group.id}`;
    const after = predicted.groups.find(({ id }) => id === group.id);
    const warnings: Warning[] = [];
    if (after && after.viable !== 'yes') {
      const who = after.blockers.map(({ device, driver }) => `${device} is bound to ${driver}`).join(', ');
      const perhaps = after.viable === 'unknown' ? 'may not' : 'will not';
      warnings.push({
        code: 'not-viable',
        about,
        message: `it ${perhaps} open for a guest: ${who}; move it too (--whole-group), or unbind it`,
        blocks: null,
      });
    }
    const direct = group.reserved.filter((region) => region.type === 'direct');
    if (direct.length > 0) {
      const ranges = direct.map(({ from, to }) => `${from}-${to}`).join(', ');
      warnings.push({
        code: 'direct-region',
        about,
        message: `the firmware reserves ${ranges} for direct access (RMRR, IVMD): the kernel will refuse to give the group to a guest`,
        blocks: null,
      });
    }
    return warnings;
  });
}

function takesForVfio({ drivers }: Machine, { bus, vfio }: PlannedDevice, driver: string): boolean {
  const registered = drivers.find((one) => one.bus === bus && one.name === driver);
  return isVfioByFact(bus, driver) || driverLike(bus, driver, vfio || registered?.vfio === true).vfio;
}

function deviceWarnings(machine: Machine, device: PlannedDevice): Warning[] {
  const note = (code: Code, message: string): Warning => ({ code, about: device.name, message, blocks: null });
  const warnings: Warning[] = [];
  if (device.after.driver !== null && !takesForVfio(machine, device, device.after.driver))
    warnings.push(
      note(
        'not-vfio',
        `${device.after.driver} is not known as a VFIO driver: it may not be possible to pass the device to a guest`,
      ),
    );
  const sriov = machine.devices.find(({ path }) => path === device.path)?.sriov;
  if (sriov && sriov.numVfs > 0) {
    warnings.push(
      note(
        'vfs-enabled',
        `${sriov.numVfs} virtual functions are enabled; VFIO requires a physical function without any: write 0 to its sriov_numvfs first, or pass a virtual function through`,
      ),
    );
  }
  const needsGroup = !['css', 'ap'].includes(device.bus) && device.after.driver !== null;
  if (device.group === null && needsGroup) {
    warnings.push(
      machine.noiommu
        ? note(
            'noiommu',
            'it has no IOMMU: with enable_unsafe_noiommu_mode it can access all memory and taints the kernel',
          )
        : note(
            'no-iommu',
            `${machine.iommu ? 'it has no IOMMU group' : 'this machine has no active IOMMU'}: turn on VT-d, AMD-Vi or SMMU in the firmware and intel_iommu=on, or set vfio.enable_unsafe_noiommu_mode=1 and run without protection`,
          ),
    );
  }
  if (typeof device.before.override === 'string' && device.before.override !== device.after.override) {
    warnings.push(
      note('override-set', `driver_override is '${device.before.override}' already; restore sets it again`),
    );
  }
  return warnings;
}
