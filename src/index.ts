/**
 * The library: id tables to aliases (`parseTables`, `moduleAliases`), modules to id tables (`extractModules`), the
 * index files of a modules directory (`buildIndexFiles`, `verifyModulesDirectory`) and lookups (`loadAliasIndex`).
 */

export { type AliasLine, formatAliasText, parseAliasText } from './alias/alias-text.ts';
export { type Generated, type GeneratedAlias, type GenerateOptions, generateAliases } from './alias/generate.ts';
export { type FileModule, type GeneratedFiles, generateFiles } from './alias/generate-files.ts';
export { type ModuleAlias, type ModuleAliases, moduleAliases } from './alias/module-aliases.ts';
export type { CValue } from './binary/ctype.ts';
export { buses, busNamed } from './bus/buses.ts';
export type { Bus, IdTable, Row, RowField } from './bus/define/bus.ts';
export { CODES, type Code } from './codes.ts';
export { type Diagnostic, ModaliasError, type Place } from './errors.ts';
export type {
  Candidate,
  ConfigRemark,
  ExplainedField,
  ExplainedMatch,
  Explanation,
  FieldVerdict,
} from './explain/explanation.ts';
export type { OutputFile } from './files/write.ts';
export type { IndexEntry, IndexLayout } from './index-file/index-format.ts';
export { readIndex } from './index-file/index-reader.ts';
export { writeIndex } from './index-file/index-writer.ts';
export type { KnownDevice } from './inventory/known-device.ts';
export { type Inventory, readInventory } from './inventory/read-inventory.ts';
export type { AliasIndex, Choice } from './lookup/alias-index.ts';
export { buildAliasIndex, type LoadOptions, parseAliases } from './lookup/load.ts';
export { MATCH_SOURCES, type Match, type MatchSource, RANKS, type Rank } from './match/match.ts';
export type { Best } from './match/ranking.ts';
export type { ExtractedModule } from './module/extract-module.ts';
export type { ExtractOptions } from './module/extract-tables.ts';
export { type ExtractModulesOptions, extractModuleBytes, extractModules } from './modules-directory/extract-modules.ts';
export { findModuleInputs, type ModuleInput, type ModuleInputs } from './modules-directory/module-inputs.ts';
export type { RepeatedLine } from './modules-directory/module-order.ts';
export {
  type ModulesDirectory,
  type ModulesDirectoryOptions,
  openModulesDirectory,
} from './modules-directory/modules-directory.ts';
export type { ModuleOutcome, ReadModulesOptions } from './modules-directory/read-modules.ts';
export type { Winner } from './modules-directory/same-name.ts';
export { type FoundModule, MODULE_COMPRESSIONS, type ModuleCompression } from './modules-directory/tree-scan.ts';
// Findings, baselines and reports.
export {
  type Baseline,
  type BaselineEntry,
  type BaselineMatch,
  formatBaseline,
  type ParseBaselineOptions,
  parseBaseline,
} from './packaging/baseline/baseline.ts';
export { type BuildOptions, buildIndexFiles, writeIndexFiles } from './packaging/build.ts';
export { type ChangeClass, CLASSES as CHANGE_CLASSES } from './packaging/change-classes.ts';
export type { Change, RowOrigin, Undecided } from './packaging/diff/change.ts';
export type { Difference } from './packaging/diff/diff.ts';
export { type DiffKernelsOptions, diffKernels } from './packaging/diff/diff-kernels.ts';
export type { Renamed } from './packaging/diff/renames.ts';
export type { Selection } from './packaging/diff/select.ts';
export type { Finding, Note } from './packaging/finding.ts';
export type { IndexFiles } from './packaging/index-files.ts';
export type { KernelFolderOptions } from './packaging/kernel-folder.ts';
export {
  type ConfiguredRule,
  type LintConfig,
  type LintConfigEntry,
  parseLintConfig,
} from './packaging/lint/config/lint-config.ts';
export {
  type LintFinding,
  type LintOptions,
  type LintResult,
  type LintSeverities,
  type LintSummary,
  lint,
} from './packaging/lint/lint.ts';
export type { LintReadOptions } from './packaging/lint/read-inputs.ts';
export type { LintRuleName } from './packaging/lint/rules.ts';
export { type LoadKernelOptions, loadAliasIndex } from './packaging/load-aliases.ts';
export { FINDING_RULES, type FindingRule, type RuleName, type Severity } from './packaging/rules.ts';
export type { Severities, SeverityChoice } from './packaging/severities.ts';
export {
  type AcceptedResult,
  type AcceptFindingsOptions,
  acceptFindings,
  type FindingsResult,
} from './packaging/verify/accept-findings.ts';
export type { BusSummary } from './packaging/verify/bus-summary.ts';
export {
  type VerifyOptions,
  type VerifyResult,
  type VerifySummary,
  verifyModulesDirectory,
} from './packaging/verify/verify.ts';
export type { VerifyReadOptions } from './packaging/verify/verify-read.ts';
export { normalizeAlias } from './pattern/normalize.ts';
export {
  compareReleases,
  formatRelease,
  NEWEST_RELEASE,
  OLDEST_RELEASE,
  parseRelease,
  type Release,
} from './release.ts';
export type { ByRelease } from './release-history.ts';
export { type DeviceNames, loadDeviceNames, type NamePlaces } from './report/device-names.ts';
export {
  type FormatOptions,
  REPORT_FORMATS,
  type ReportFormat,
  type ReportFormatName,
} from './report/formats/formats.ts';
export type { Accepted, Kind, Remark, Report, Result as ReportResult } from './report/report.ts';
export { type FindingsReportOptions, verifyReport } from './report/verify-report.ts';
export { completeRow, type JsonRow, type RowOptions, toJsonRow } from './tables/complete-row.ts';
export { formatModule, formatModuleLine, type ModuleToFormat } from './tables/format-tables.ts';
export type { ModuleTables } from './tables/module-tables.ts';
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
