export {
  type Binding,
  type Decision,
  type Device as KernelDevice,
  type Driver as KernelDriver,
  type Errno,
  type Evidence,
  featuresOf,
  groupViability,
  type KernelEvent,
  type KernelState,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  type Result as KernelResult,
  run,
  step,
  type Transition,
} from './driver-core/index.ts';
export { type Diagnostic, ModaliasError, type Place } from './errors.ts';
export type { AliasIndex } from './match/alias-index.ts';
export { type LoadOptions, loadAliasIndex } from './match/load.ts';
export type { Match, MatchSource } from './match/match.ts';
