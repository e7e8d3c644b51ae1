/**
 * A pure model of how Linux binds drivers. Build a `KernelState` with makeKernel (its parts with makeDriver, makeDevice
 * and pciFacts), then `step(state, event)` for each write, module load, hot-plug or /dev/vfio call: it gives the state
 * after, the result (ok, an errno, blocks, or unknown with what is missing) and the rules applied. Paths in events are
 * relative to the sysfs root.
 */
export { finishProbes, type PendingProbe, pendingProbes } from './async.ts';
export { type AttributeRead, parseOverride, readAttribute, showOverride, writeOverride } from './attributes.ts';
export { deviceId, PCI_ANY_ID } from './device-id.ts';
export {
  type KernelEvent,
  type Missing,
  type Result,
  resultWord,
  type TraceEntry,
  type Transition,
} from './event.ts';
export { featuresOf, KERNEL_FEATURES, type KernelFeatures } from './features.ts';
export { groupStatus, groupViability, type Viability } from './groups.ts';
export { makeDevice, makeDriver, makeKernel, pciFacts } from './known-drivers.ts';
export { findDevice, findDriver, findGroup, groupMembers, possibleDrivers } from './lookup.ts';
export { type Match, matchDevice, type OverrideEffect, overrideEffect } from './match.ts';
export type { Policy, Via } from './policy.ts';
export type * from './state.ts';
export { run, step } from './step.ts';
