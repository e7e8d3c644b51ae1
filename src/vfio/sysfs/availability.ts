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
  // iommu.c:__iommu_device_set_domain
  if (direct) return DIRECT;
  if (members.length > 0 && !hasEndpoint(members)) return BRIDGES;
  if (viability.viable) return NOW;
  const move: string[] = [];
  const unbind: string[] = [];
  for (const member of members)
    for (const { device } of viability.blockers)
      if (device === member.name) (pciBridge(member) === 'bus' ? unbind : move).push(device);
  return { state: 'after-moving', move, unbind, why: null };
}

// Plain loops: a machine may have thousands of groups, and each is looked at once.
function hasEndpoint(members: readonly GroupMember[]): boolean {
  for (const member of members) if (pciBridge(member) === 'none') return true;
  return false;
}

const NOW: Availability = { state: 'now', move: [], unbind: [], why: null };
const DIRECT: Availability = { ...NOW, state: 'no', why: 'the firmware uses its memory (RMRR, IVMD)' };
const BRIDGES: Availability = { ...NOW, state: 'no', why: 'only bridges' };
