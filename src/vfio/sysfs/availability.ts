import { type GroupMember, pciBridge } from './device.ts';
import type { Viability } from './model.ts';

/** Whether a group can be given to a guest. */
export interface Availability {
  /** `now`; `after-moving` what the host uses of it; or `no`, whatever is moved. */
  readonly state: 'now' | 'after-moving' | 'no';
  /** Names of the endpoints that have to be moved to VFIO. */
  readonly move: readonly string[];
  /** Names of the bridges that have to be unbound, as VFIO does not take them. */
  readonly unbind: readonly string[];
  /** Why it cannot be given at all; null if it can. */
  readonly why: string | null;
}

/**
 * Whether a group with these members, as they are bound now, can be given; `direct` where it has a direct region. How a
 * release counts drivers is in the viability.
 */
export function availabilityOf(members: readonly GroupMember[], direct: boolean, viability: Viability): Availability {
  const no = (why: string): Availability => ({ state: 'no', move: [], unbind: [], why });
  // iommu.c:__iommu_device_set_domain
  if (direct) return no('the firmware uses its memory (RMRR, IVMD)');
  if (members.length > 0 && members.every((member) => pciBridge(member) !== 'none')) return no('only bridges');
  if (viability.viable) return { state: 'now', move: [], unbind: [], why: null };
  const blocking = members.filter(({ name }) => viability.blockers.some(({ device }) => device === name));
  const isBus = (member: GroupMember) => pciBridge(member) === 'bus';
  return {
    state: 'after-moving',
    move: blocking.flatMap((member) => (isBus(member) ? [] : member.name)),
    unbind: blocking.flatMap((member) => (isBus(member) ? member.name : [])),
    why: null,
  };
}
