/**
 * From a device to its VFIO driver and back. `findDevice` and `readGroups` read a machine, `resolveVfio` names the
 * driver, `readMachine` and `planBind` say what would be written, `bindDevices` and `restoreDevices` do it as one
 * transaction.
 */

export type { ApplyResult } from './change/apply.ts';
export { bindDevices, type Change, type ChangeContext, planBindDevices } from './change/bind.ts';
export type { Hands, Outcome } from './change/hands.ts';
export type { Leftover } from './change/placements.ts';
export { planRestore, type RestoreRequest } from './change/restore.ts';
export { planRestoreDevices, type Restored, restoreDevices } from './change/restore-devices.ts';
export type { Native, NativePlacement } from './change/restore-plan.ts';
export { type BoundDevice, type OpenJournal, readStatus, type Status, type StrayOverride } from './change/status.ts';
export { type HandsOptions, sysfsHands } from './change/sysfs-hands.ts';
export type { Failure } from './change/take-step.ts';
export type { JournalState } from './journal/journal-format.ts';
export { type Machine, type MachineBus, type MachineDriver, readMachine } from './plan/machine.ts';
export { type BindRequest, type PlanOptions, planBind } from './plan/plan.ts';
export type {
  MoveStep,
  Placement,
  Plan,
  PlannedDevice,
  PredictedGroup,
  Prediction,
  Step,
  Warning,
} from './plan/plan-types.ts';
export type { DriverSource } from './resolve/driver-name.ts';
export { type Resolution, type ResolveContext, resolveVfio } from './resolve/resolve.ts';
export type { Availability } from './sysfs/availability.ts';
export type { Card, Reset } from './sysfs/card.ts';
export type { Device, GroupMember, MachineDevice, Sriov } from './sysfs/device.ts';
export { type Found, findDevice } from './sysfs/find-device.ts';
export { type IommuGroup, type IommuView, type ReservedRegion, readGroups } from './sysfs/groups.ts';
export type { Blocker, Viability } from './sysfs/model.ts';
export type { Platform } from './sysfs/platform.ts';
export { type MachineRoots, machineRoots, type RootPaths } from './sysfs/roots.ts';
export type { Vfs } from './sysfs/sriov.ts';
export type { Tree } from './sysfs/tree.ts';
export type { GroupHolder } from './uses/group-holders.ts';
export type { Use } from './uses/use.ts';
