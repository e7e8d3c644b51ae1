export { type Generated, type GeneratedAlias, type GenerateOptions, generateAliases } from './alias/generate.ts';
export { type ModuleAlias, type ModuleAliases, moduleAliases } from './alias/module-aliases.ts';
export { buses, busNamed } from './bus/buses.ts';
export type { Bus, Row, RowField } from './bus/define/bus.ts';
export { completeRow, type JsonRow, toJsonRow } from './tables/complete-row.ts';
export type { RowOptions } from './tables/row-values.ts';
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
export type {
  Candidate,
  ConfigRemark,
  ExplainedField,
  ExplainedMatch,
  Explanation,
  FieldVerdict,
} from './explain/explanation.ts';
export type { IndexEntry, IndexLayout } from './index-file/index-format.ts';
export { writeIndex } from './index-file/index-writer.ts';
export type { AliasIndex, Choice } from './lookup/alias-index.ts';
export { buildAliasIndex, type LoadOptions, loadAliasIndex, parseAliases } from './lookup/load.ts';
export { type Match, type MatchSource, RANKS, type Rank } from './match/match.ts';
export type { Best } from './match/ranking.ts';
export type { ExtractedModule } from './module/extract-module.ts';
export { type ExtractModulesOptions, extractModuleBytes, extractModules } from './modules-directory/extract-modules.ts';
export { findModuleInputs, type ModuleInput, type ModuleInputs } from './modules-directory/module-inputs.ts';
export {
  type ModulesDirectory,
  type ModulesDirectoryOptions,
  openModulesDirectory,
} from './modules-directory/modules-directory.ts';
export type { ModuleOutcome } from './modules-directory/read-modules.ts';
export type { FoundModule } from './modules-directory/tree-scan.ts';
export { type BuildOptions, buildIndexFiles, writeIndexFiles } from './packaging/build.ts';
export type { Finding, FindingRule, Note } from './packaging/finding.ts';
export type { IndexFiles } from './packaging/index-files.ts';
export {
  type VerifyOptions,
  type VerifyResult,
  type VerifySummary,
  verifyModulesDirectory,
} from './packaging/verify/verify.ts';
export { normalizeAlias } from './pattern/normalize.ts';
export { formatRelease, NEWEST_RELEASE, OLDEST_RELEASE, parseRelease, type Release } from './release.ts';
export { formatModule, formatModuleLine, type ModuleToFormat } from './tables/format-tables.ts';
export type { IdTable, ModuleTables } from './tables/module-tables.ts';
export type { ReadModule } from './tables/read-modules.ts';
export {
  type ParseTablesOptions,
  parseTables,
  parseTablesPartial,
  type ReadTablesOptions,
  readTables,
  readTablesPartial,
  type Tables,
} from './tables/read-tables.ts';
export { type ApplyResult, applyPlan } from './vfio/change/apply.ts';
export { bindDevices, type Change, type ChangeContext, planBindDevices } from './vfio/change/bind.ts';
export type { Hands, Outcome } from './vfio/change/hands.ts';
export { planRestore, type RestoreRequest } from './vfio/change/restore.ts';
export { planRestoreDevices, restoreDevices } from './vfio/change/restore-devices.ts';
export type { NativePlacement } from './vfio/change/restore-plan.ts';
export { readStatus, type Status } from './vfio/change/status.ts';
export { sysfsHands } from './vfio/change/sysfs-hands.ts';
export { beginJournal, type Journal } from './vfio/journal/journal.ts';
export { type Machine, readMachine } from './vfio/plan/machine.ts';
export { type BindRequest, planBind } from './vfio/plan/plan.ts';
export type { Placement, Plan, Step, Warning } from './vfio/plan/plan-types.ts';
export { type Resolution, type ResolveContext, resolveVfio } from './vfio/resolve/resolve.ts';
export type { Device } from './vfio/sysfs/device.ts';
export { findDevice } from './vfio/sysfs/find-device.ts';
export { type IommuGroup, type IommuView, readGroups } from './vfio/sysfs/groups.ts';
export type { MachineRoots } from './vfio/sysfs/roots.ts';
export { Tree } from './vfio/sysfs/tree.ts';
