import type { BoundDevice, OpenJournal, Status, StrayOverride } from '../vfio/change/status.ts';
import { placementMember } from './vfio-plan-json.ts';

/** The JSON document of status, version 1: each member is listed, so that none is added by accident. */
export function statusDocument({ running, bound, stray, journals }: Status) {
  return {
    version: 1,
    running,
    bound: bound.map(boundMember),
    stray: stray.map(({ name, bus, override, driver }: StrayOverride) => ({ name, bus, override, driver })),
    journals: journals.map(journalMember),
  };
}

function boundMember({ name, bus, driver, override, group, journalled, heldBy }: BoundDevice) {
  return { name, bus, driver, override, group, journalled, heldBy: [...heldBy] };
}

function journalMember({ file, state, devices }: OpenJournal) {
  return {
    file,
    state,
    devices: devices.map(({ name, before, now, back, gone, unbinding }) => ({
      name,
      before: placementMember(before),
      now: placementMember(now),
      back,
      gone,
      unbinding,
    })),
  };
}
