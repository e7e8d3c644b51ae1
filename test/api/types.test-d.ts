/** What the public functions take and give, checked by tsc (`npm run typecheck`); nothing here runs. */
import { expectTypeOf } from 'vitest';
import * as core from '../../src/driver-core/index.ts';
import * as api from '../../src/index.ts';
import * as assertions from '../../src/matchers/assert.ts';
import { type AliasesLike, type ModaliasMatchers, matchers, type Verdict } from '../../src/matchers/matchers.ts';
import * as vfio from '../../src/vfio/index.ts';

const bus = api.busNamed('pci');
declare const row: api.Row;
declare const table: api.IdTable;
declare const index: api.AliasIndex;

// Releases
expectTypeOf(api.parseRelease).parameters.toEqualTypeOf<[text: string]>();
expectTypeOf(api.parseRelease).returns.toEqualTypeOf<api.Release>();
expectTypeOf(api.formatRelease).parameters.toEqualTypeOf<[release: api.Release]>();
expectTypeOf(api.compareReleases).parameters.toEqualTypeOf<[a: api.Release, b: api.Release]>();
expectTypeOf(api.formatRelease).returns.toEqualTypeOf<string>();
expectTypeOf(api.NEWEST_RELEASE).toEqualTypeOf<api.Release>();

// From JSON to rows: a row of JSON is not a Row.
expectTypeOf(api.busNamed).returns.toEqualTypeOf<api.Bus | undefined>();
expectTypeOf(api.completeRow).parameters.toEqualTypeOf<[bus: api.Bus, json: api.JsonRow, options: api.RowOptions]>();
expectTypeOf(api.completeRow).returns.toEqualTypeOf<api.Row>();
expectTypeOf(api.toJsonRow).parameters.toEqualTypeOf<[bus: api.Bus, row: api.Row]>();
expectTypeOf(api.toJsonRow).returns.toEqualTypeOf<api.JsonRow>();
expectTypeOf<{ vendor: number }>().not.toExtend<api.Row>();
expectTypeOf<api.JsonRow>().not.toExtend<api.Row>();
expectTypeOf(row.vendor).toEqualTypeOf<api.CValue | undefined>();
// @ts-expect-error A row of JSON goes through completeRow.
api.generateAliases([{ bus: bus!, name: 'ids', rows: [{ vendor: '0x8086' }] }], { release: api.NEWEST_RELEASE });
// @ts-expect-error The bus may not be there.
api.completeRow(bus, {}, { release: api.NEWEST_RELEASE });
// @ts-expect-error A row keeps the limits of some release.
api.completeRow(bus!, {}, {});
// @ts-expect-error Rows are read only.
row.vendor = 1;

// Id tables
expectTypeOf(api.parseTables).parameters.toEqualTypeOf<[text: string, options?: api.ParseTablesOptions | undefined]>();
expectTypeOf(api.parseTables).returns.toEqualTypeOf<api.Tables>();
expectTypeOf<api.Tables['modules'][number]>().toEqualTypeOf<api.ModuleTables>();
expectTypeOf(api.readTables).parameters.toEqualTypeOf<[path: string, options?: api.ReadTablesOptions | undefined]>();
expectTypeOf(api.readTables).returns.resolves.toEqualTypeOf<api.Tables>();
expectTypeOf(api.parseTablesPartial).returns.toEqualTypeOf<api.ReadModule[]>();
expectTypeOf(api.readTablesPartial).returns.toEqualTypeOf<AsyncGenerator<api.ReadModule>>();
expectTypeOf<api.ReadModule['tables']>().toEqualTypeOf<api.ModuleTables | undefined>();
expectTypeOf(api.formatModule).parameters.toEqualTypeOf<[module: api.ModuleToFormat]>();
expectTypeOf(api.formatModule).returns.toEqualTypeOf<string>();
expectTypeOf(api.formatModuleLine).returns.toEqualTypeOf<string>();
expectTypeOf<api.ExtractedModule>().toExtend<api.ModuleToFormat>();
// @ts-expect-error The name of the text is an option.
api.parseTables('{}', 'ids.json');
api.parseTables('{}', { release: '6.12' });
// @ts-expect-error 6.12 is the number 6.12, and 6.120 is the same.
api.parseTables('{}', { release: 6.12 });
// @ts-expect-error Likewise.
api.generateAliases([table], { release: 6.12 });
// @ts-expect-error Likewise.
api.completeRow(bus!, {}, { release: 6.12 });
// @ts-expect-error Likewise.
vfio.machineRoots({ release: 6.12 });
// @ts-expect-error Likewise.
core.makeKernel(6.12);

// Aliases
expectTypeOf(api.generateAliases).parameters.toEqualTypeOf<
  [tables: readonly api.IdTable[], options: api.GenerateOptions]
>();
expectTypeOf(api.generateAliases).returns.toEqualTypeOf<api.Generated>();
expectTypeOf(api.generateAliases([table], { release: api.NEWEST_RELEASE }).aliases[0]!.row).toEqualTypeOf<number>();
expectTypeOf(api.moduleAliases).parameters.toEqualTypeOf<[module: api.ModuleTables]>();
expectTypeOf(api.moduleAliases).returns.toEqualTypeOf<api.ModuleAliases>();
expectTypeOf(api.generateFiles).parameter(0).toEqualTypeOf<readonly string[]>();
expectTypeOf(api.generateFiles).returns.resolves.toEqualTypeOf<api.GeneratedFiles>();
expectTypeOf(api.parseAliasText).returns.toEqualTypeOf<api.AliasLine[]>();
expectTypeOf(api.formatAliasText).parameters.toEqualTypeOf<[lines: Iterable<api.AliasLine>]>();
expectTypeOf(api.formatAliasText).returns.toEqualTypeOf<string>();
expectTypeOf(api.normalizeAlias).returns.toEqualTypeOf<string | undefined>();

// Modules
expectTypeOf(api.findModuleInputs).returns.toEqualTypeOf<api.ModuleInputs>();
expectTypeOf(api.extractModules).parameters.toEqualTypeOf<
  [inputs: Iterable<api.ModuleInput>, options?: api.ExtractModulesOptions | undefined]
>();
expectTypeOf(api.extractModules).returns.toEqualTypeOf<AsyncGenerator<api.ModuleOutcome<api.ExtractedModule>>>();
expectTypeOf(api.extractModuleBytes).returns.resolves.toEqualTypeOf<api.ExtractedModule>();
expectTypeOf(api.openModulesDirectory).parameter(1).toEqualTypeOf<api.ModulesDirectoryOptions | undefined>();
expectTypeOf(api.openModulesDirectory).returns.toEqualTypeOf<api.ModulesDirectory>();

// The devices of machines
expectTypeOf(api.readInventory).parameters.toEqualTypeOf<[path: string]>();
expectTypeOf(api.readInventory).returns.toEqualTypeOf<Promise<api.Inventory>>();
expectTypeOf<api.Inventory['devices']>().toEqualTypeOf<readonly api.KnownDevice[]>();
expectTypeOf(api.buildIndexFiles).parameters.toEqualTypeOf<
  [directory: api.ModulesDirectory, options: api.BuildOptions]
>();
expectTypeOf(api.buildIndexFiles).returns.resolves.toEqualTypeOf<api.IndexFiles>();
expectTypeOf(api.writeIndexFiles).returns.resolves.toEqualTypeOf<api.OutputFile[]>();
expectTypeOf(api.lint).parameter(0).toEqualTypeOf<readonly string[]>();
expectTypeOf(api.lint).returns.resolves.toEqualTypeOf<api.LintResult>();
expectTypeOf(api.verifyModulesDirectory).parameters.toEqualTypeOf<
  [paths: string | readonly string[], options?: api.VerifyOptions | undefined]
>();
expectTypeOf(api.verifyModulesDirectory).returns.resolves.toEqualTypeOf<api.VerifyResult>();
// Options of one name are of one type.
expectTypeOf<api.BuildOptions['workers']>().toEqualTypeOf<api.ExtractModulesOptions['workers']>();
expectTypeOf<api.BuildOptions['workers']>().toEqualTypeOf<api.VerifyOptions['workers']>();
expectTypeOf<api.VerifyOptions['depmodConfig']>().toEqualTypeOf<api.ModulesDirectoryOptions['depmodConfig']>();

// Indexes
expectTypeOf(api.writeIndex).parameters.toEqualTypeOf<[entries: Iterable<api.IndexEntry>, layout: api.IndexLayout]>();
expectTypeOf(api.writeIndex).returns.toExtend<Uint8Array>();
expectTypeOf(api.readIndex).parameters.toEqualTypeOf<[bytes: Uint8Array, file?: string | undefined]>();
expectTypeOf(api.readIndex).returns.toExtend<Parameters<typeof api.writeIndex>[0]>();
expectTypeOf(api.loadAliasIndex).parameters.toEqualTypeOf<
  [paths: string | readonly string[], options?: api.LoadKernelOptions | undefined]
>();
expectTypeOf(api.loadAliasIndex).returns.resolves.toEqualTypeOf<api.AliasIndex>();
expectTypeOf(api.diffKernels).parameters.toEqualTypeOf<
  [old: string | readonly string[], now: string | readonly string[], options?: api.DiffKernelsOptions | undefined]
>();
expectTypeOf(api.diffKernels).returns.resolves.toEqualTypeOf<api.Difference>();
expectTypeOf(api.parseAliases).returns.toEqualTypeOf<api.AliasIndex>();
expectTypeOf(api.buildAliasIndex).parameters.toEqualTypeOf<[lines: Iterable<api.AliasLine>]>();
expectTypeOf(api.buildAliasIndex).returns.toEqualTypeOf<api.AliasIndex>();
expectTypeOf(index.lookup).returns.toEqualTypeOf<readonly api.Match[]>();
expectTypeOf(index.best).returns.toEqualTypeOf<api.Best | undefined>();
expectTypeOf(index.patterns).returns.toEqualTypeOf<Iterable<api.Match>>();
expectTypeOf(index.explain).returns.toEqualTypeOf<api.Explanation>();
// @ts-expect-error There are three rules.
index.best('pci:v1', { rank: 'newest' });

// VFIO
expectTypeOf(vfio.machineRoots).parameters.toEqualTypeOf<[paths?: vfio.RootPaths | undefined]>();
expectTypeOf(vfio.machineRoots).returns.toEqualTypeOf<vfio.MachineRoots>();
expectTypeOf(vfio.findDevice).parameters.toEqualTypeOf<[tree: vfio.Tree, asked: string]>();
expectTypeOf(vfio.findDevice).returns.toEqualTypeOf<vfio.Found>();
expectTypeOf(vfio.readGroups).returns.toEqualTypeOf<vfio.IommuView>();
expectTypeOf(vfio.readMachine).returns.toEqualTypeOf<vfio.Machine>();
expectTypeOf(vfio.readStatus).returns.toEqualTypeOf<vfio.Status>();
expectTypeOf(vfio.resolveVfio).returns.resolves.toEqualTypeOf<vfio.Resolution>();
expectTypeOf(vfio.planBind).returns.toEqualTypeOf<vfio.Plan>();
expectTypeOf(vfio.planRestore).returns.toEqualTypeOf<vfio.Plan>();
expectTypeOf(vfio.planBindDevices).returns.toEqualTypeOf<vfio.Change>();
expectTypeOf(vfio.bindDevices).parameter(0).toEqualTypeOf<vfio.ChangeContext>();
expectTypeOf(vfio.bindDevices).returns.resolves.toEqualTypeOf<vfio.Change>();
expectTypeOf(vfio.planRestoreDevices).returns.resolves.toEqualTypeOf<vfio.Restored>();
expectTypeOf(vfio.restoreDevices).returns.resolves.toEqualTypeOf<vfio.Restored>();
expectTypeOf(vfio.sysfsHands).returns.toEqualTypeOf<vfio.Hands>();

// Driver core
expectTypeOf(core.deviceId).returns.toEqualTypeOf<core.DeviceId>();
expectTypeOf(core.featuresOf).parameters.toEqualTypeOf<[of: string | api.Release]>();
expectTypeOf(core.featuresOf).returns.toEqualTypeOf<core.KernelFeatures>();
expectTypeOf(core.makeKernel).returns.toEqualTypeOf<core.KernelState>();
expectTypeOf(core.makeDevice).returns.toEqualTypeOf<core.Device>();
expectTypeOf(core.makeDriver).returns.toEqualTypeOf<core.Driver>();
expectTypeOf(core.pciFacts).returns.toEqualTypeOf<core.PciFacts>();
expectTypeOf(core.findDevice).returns.toEqualTypeOf<core.Device | undefined>();
expectTypeOf(core.findDriver).returns.toEqualTypeOf<core.Driver | undefined>();
expectTypeOf(core.findGroup).returns.toEqualTypeOf<core.IommuGroup | undefined>();
expectTypeOf(core.groupMembers).returns.toEqualTypeOf<core.Device[]>();
expectTypeOf(core.groupStatus).returns.toEqualTypeOf<number | null>();
expectTypeOf(core.groupViability).returns.toEqualTypeOf<core.Viability>();
expectTypeOf(core.matchDevice).returns.toEqualTypeOf<core.Match>();
expectTypeOf(core.overrideEffect).returns.toEqualTypeOf<core.OverrideEffect>();
expectTypeOf(core.pendingProbes).returns.toEqualTypeOf<core.PendingProbe[]>();
expectTypeOf(core.finishProbes).returns.toEqualTypeOf<Pick<core.Transition, 'state' | 'trace'>>();
expectTypeOf(core.possibleDrivers).returns.toEqualTypeOf<readonly (string | null)[]>();
expectTypeOf(core.parseOverride).returns.toEqualTypeOf<string | null>();
expectTypeOf(core.showOverride).returns.toEqualTypeOf<string>();
expectTypeOf(core.writeOverride).returns.toHaveProperty('result');
expectTypeOf(core.readAttribute).returns.toEqualTypeOf<core.AttributeRead>();
expectTypeOf(core.resultWord).parameters.toEqualTypeOf<[result: core.Result]>();
expectTypeOf(core.run).parameters.toEqualTypeOf<[state: core.KernelState, events: readonly core.KernelEvent[]]>();
expectTypeOf(core.run).returns.toEqualTypeOf<core.Transition[]>();
expectTypeOf(core.step).parameters.toEqualTypeOf<[state: core.KernelState, event: core.KernelEvent]>();
expectTypeOf(core.step).returns.toEqualTypeOf<core.Transition>();

// Baselines and reports
expectTypeOf(api.parseBaseline).parameters.toEqualTypeOf<
  [text: string, file: string, options?: api.ParseBaselineOptions | undefined]
>();
expectTypeOf(api.parseBaseline).returns.toEqualTypeOf<api.Baseline>();
expectTypeOf(api.parseLintConfig).parameters.toEqualTypeOf<[text: string, file: string]>();
expectTypeOf(api.parseLintConfig).returns.toEqualTypeOf<api.LintConfig>();
expectTypeOf(api.formatBaseline).parameters.toEqualTypeOf<[accepted: readonly api.BaselineEntry[]]>();
expectTypeOf(api.acceptFindings).returns.toHaveProperty('accepted');
expectTypeOf(api.acceptFindings<api.VerifyResult>).returns.toEqualTypeOf<api.AcceptedResult>();
expectTypeOf(api.loadDeviceNames).returns.toEqualTypeOf<(pattern: string) => api.DeviceNames>();
expectTypeOf(api.verifyReport).parameters.toEqualTypeOf<
  [found: api.VerifyResult, options: api.FindingsReportOptions]
>();
expectTypeOf(api.verifyReport).returns.toEqualTypeOf<api.Report>();
expectTypeOf(api.REPORT_FORMATS.junit).toExtend<api.ReportFormat>();
expectTypeOf<api.Report['results'][number]>().toEqualTypeOf<api.ReportResult>();

// Matchers: what they take is what the library gives.
expectTypeOf(matchers).toExtend<Record<keyof ModaliasMatchers, (...args: never[]) => Verdict>>();
expectTypeOf(matchers.toResolve).parameters.toEqualTypeOf<
  [received: unknown, ...Parameters<ModaliasMatchers['toResolve']>]
>();
expectTypeOf<ModaliasMatchers<Promise<void>>['toCover']>().returns.toEqualTypeOf<Promise<void>>();
expectTypeOf<api.AliasIndex>().toExtend<AliasesLike>();
expectTypeOf<api.Tables>().toExtend<AliasesLike>();
expectTypeOf<api.ModuleTables>().toExtend<AliasesLike>();
expectTypeOf<api.ModuleAliases>().toExtend<AliasesLike>();
expectTypeOf<api.Generated>().toExtend<AliasesLike>();
expectTypeOf<api.GeneratedFiles>().toExtend<AliasesLike>();
expectTypeOf<api.ReadModule[]>().toExtend<AliasesLike>();
expectTypeOf<api.ExtractedModule>().toExtend<AliasesLike>();
expectTypeOf<api.ModuleOutcome<api.ExtractedModule>[]>().toExtend<AliasesLike>();
expectTypeOf<api.AliasLine[]>().toExtend<AliasesLike>();
expectTypeOf<readonly string[]>().toExtend<AliasesLike>();
expectTypeOf<{ module: string; tables: { bus: string; rows: { vendor: string }[] }[] }>().toExtend<AliasesLike>();
expectTypeOf<number>().not.toExtend<AliasesLike>();
expectTypeOf<Promise<api.AliasIndex>>().not.toExtend<AliasesLike>();
expectTypeOf(assertions.assertResolves).parameters.toEqualTypeOf<
  [aliases: AliasesLike, ...Parameters<ModaliasMatchers['toResolve']>]
>();
expectTypeOf(assertions.assertNotResolves).parameter(1).toEqualTypeOf<string>();
expectTypeOf(assertions.assertMatchesModalias).parameters.toEqualTypeOf<[patterns: AliasesLike, modalias: string]>();
expectTypeOf(assertions.assertCovers).parameters.toEqualTypeOf<[aliases: AliasesLike, expected: AliasesLike]>();
expectTypeOf(assertions.assertSameAliases).returns.toEqualTypeOf<void>();
