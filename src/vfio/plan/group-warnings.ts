import { makeDriver } from '../../driver-core/index.ts';
import type { Machine } from './machine.ts';
import type { Plan, PlannedDevice, Warning } from './plan-types.ts';

/** What keeps the groups of a plan's devices from a guest, and what to do about it. */
export function groupWarnings(
  machine: Machine,
  devices: readonly PlannedDevice[],
  predicted: Plan['predicted'],
): Warning[] {
  return machine.groups.flatMap((group): Warning[] => {
    if (!devices.some((device) => device.group === group.id)) return [];
    const about = `group ${group.id}`;
    const after = predicted.groups.find(({ id }) => id === group.id);
    const warnings: Warning[] = [];
    if (after && after.viable !== 'yes') {
      const who = after.blockers.map(({ device, driver }) => `${device} is bound to ${driver}`).join(', ');
      const perhaps = after.viable === 'unknown' ? 'may not' : 'will not';
      const advice = [...new Set(after.blockers.map((blocker) => adviceOn(machine, devices, blocker)))].join('; ');
      warnings.push({
        code: 'not-viable',
        about,
        message: `it ${perhaps} open for a guest: ${who}; ${advice}`,
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

/** What to do about a member that keeps its group from a guest. */
function adviceOn(
  machine: Machine,
  devices: readonly PlannedDevice[],
  { device: name, driver }: Plan['predicted']['groups'][number]['blockers'][number],
): string {
  if (devices.some(({ physfn }) => physfn === name))
    return `no bridge above ${name} has ACS, which would give its virtual functions groups of their own: use another slot, or another machine`;
  const member = machine.devices.find((one) => one.name === name);
  const bus = member?.bus ?? 'pci';
  const registered = machine.drivers.find((one) => one.bus === bus && one.name === driver);
  if (registered?.bindable === false) return `${driver} cannot be unbound (it has no unbind file)`;
  if (member?.bridge)
    return `VFIO does not take bridges, so unbind ${name}: echo ${name} > /sys/bus/${bus}/drivers/${driver}/unbind`;
  if (
    member &&
    makeDriver(bus, driver).removes === 'children' &&
    devices.some(({ path }) => path.startsWith(`${member.path}/`))
  )
    return `${name} is the controller that the device is behind: pass that, and what is behind it comes along`;
  return 'move it too (--whole-group), or unbind it';
}
