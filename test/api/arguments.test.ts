import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as core from '../../src/driver-core/index.ts';
import * as api from '../../src/index.ts';
import * as assertions from '../../src/matchers/assert.ts';
import * as vfio from '../../src/vfio/index.ts';

type Any = (...args: readonly unknown[]) => unknown;

const nowhere = join(mkdtempSync(join(tmpdir(), 'modalias-arguments-')), 'none');
const roots = vfio.machineRoots({ sysfs: nowhere, proc: nowhere });
const options = { release: api.NEWEST_RELEASE };
const state = core.makeKernel('6.12');
const [driver, device] = [core.makeDriver('pci', 'a'), core.makeDevice('pci', 'b')];
const context = { roots, hands: {}, state: nowhere };
const machine = { devices: [], groups: [], drivers: [] };

const RESULT = { findings: [], summary: { severities: {}, notes: [] } };

/** Sound arguments of every function that there is; those from `?` on may be left out. */
const SOUND: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  modalias: {
    acceptFindings: [RESULT, { file: '', accepted: [] }, { today: '' }],
    buildAliasIndex: [[]],
    buildIndexFiles: [{ root: '/', modules: [] }, {}],
    busNamed: ['pci'],
    compareReleases: [api.NEWEST_RELEASE, api.OLDEST_RELEASE],
    completeRow: [api.busNamed('pci'), {}, options],
    diffKernels: [nowhere, nowhere, '?', {}],
    extractModuleBytes: [Buffer.from(''), 'a.ko', '?', {}],
    extractModules: [[], '?', {}],
    findModuleInputs: [[]],
    formatAliasText: [[]],
    formatBaseline: [[]],
    formatModule: [{ tables: [] }],
    formatModuleLine: [{ tables: [] }],
    formatRelease: [api.NEWEST_RELEASE],
    generateAliases: [[], options],
    generateFiles: [[], '?', {}],
    loadDeviceNames: ['?', {}],
    loadAliasIndex: [nowhere, '?', {}],
    moduleAliases: [{ tables: [] }],
    normalizeAlias: ['a'],
    openModulesDirectory: [nowhere, '?', {}],
    parseAliasText: [''],
    parseAliases: [''],
    parseBaseline: ['', '', '?', {}],
    parseLintConfig: ['', ''],
    parseRelease: ['6.12'],
    parseTables: ['', '?', {}],
    parseTablesPartial: ['', '?', {}],
    readIndex: [Buffer.from('')],
    readInventory: [nowhere],
    readTables: [nowhere, '?', {}],
    readTablesPartial: [nowhere, '?', {}],
    toJsonRow: [api.busNamed('pci'), {}],
    lint: [[nowhere], '?', {}],
    verifyReport: [RESULT, { inputs: [], failing: [], namesOf: () => ({}) }],
    verifyModulesDirectory: [nowhere, '?', {}],
    writeIndex: [[], 'post'],
    writeIndexFiles: [{}, nowhere],
  },
  'modalias/vfio': {
    bindDevices: [context, [], [], '?', {}],
    findDevice: [roots.sysfs, '0000:01:00.0'],
    machineRoots: ['?', {}],
    planBind: [machine, [], '?', {}],
    planBindDevices: [context, [], [], '?', {}],
    planRestore: [machine, [], '?', {}],
    planRestoreDevices: [context, 'all', async () => null, '?', {}],
    readGroups: [roots],
    readMachine: [roots, []],
    readStatus: [roots, nowhere],
    resolveVfio: [{ sysfs: roots.sysfs, aliases: async () => api.parseAliases('') }, ''],
    restoreDevices: [context, 'all', async () => null, '?', {}],
    sysfsHands: [roots.sysfs, {}],
  },
  'modalias/driver-core': {
    deviceId: [1, 2, '?', {}],
    featuresOf: ['6.12'],
    findDevice: [state, 'pci', 'x'],
    findDriver: [state, 'pci', 'x'],
    finishProbes: [state],
    findGroup: [state, '1'],
    groupMembers: [state, '1'],
    groupStatus: [state, '1'],
    groupViability: [state, '1'],
    makeDevice: ['pci', 'x', '?', {}],
    makeDriver: ['pci', 'x', '?', {}],
    makeKernel: ['6.12', '?', {}],
    matchDevice: [state, driver, device],
    overrideEffect: ['pci'],
    parseOverride: ['(null)\n'],
    pciFacts: [1, 2, '?', {}],
    pendingProbes: [state],
    possibleDrivers: ['e1000e'],
    readAttribute: [state, 'bus/pci/drivers/x/bind'],
    resultWord: [{ kind: 'ok' }],
    run: [state, []],
    showOverride: ['pci', null],
    step: [state, { kind: 'load', module: 'x' }],
    writeOverride: [null, 'x'],
  },
  'modalias/assert': {
    assertCovers: [[], []],
    assertMatchesModalias: [[], 'spi:x'],
    assertNotResolves: [[], 'spi:x', '?', {}],
    assertResolves: [[], 'spi:x', '?', 'x', {}],
    assertSameAliases: [[], []],
  },
};

/** Where null says that there is none. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  findGroup: ['1 null'],
  showOverride: ['1 null'],
  writeOverride: ['0 null'],
  possibleDrivers: ['0 null'],
};

const WRONG: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['an empty object', {}],
  ['a number', 7],
  ['a symbol', Symbol('x')],
];

async function outcome(call: () => unknown): Promise<unknown> {
  try {
    const result = (await call()) as AsyncGenerator | undefined;
    if (typeof result?.next === 'function' && Symbol.asyncIterator in result) for await (const _ of result) break;
    return 'no error';
  } catch (error) {
    return error;
  }
}

const ENTRIES = {
  modalias: api,
  'modalias/vfio': vfio,
  'modalias/driver-core': core,
  'modalias/assert': assertions,
};
const cases = Object.entries(ENTRIES).flatMap(([entry, exported]) =>
  Object.entries(exported)
    .filter(([, value]) => typeof value === 'function' && value !== api.ModaliasError)
    .map(([name, value]) => [entry, name, value as Any] as const),
);

test.each(cases)('ModaliasError: %s: %s refuses arguments of another kind', async (entry, name, call) => {
  const sound = SOUND[entry]?.[name];
  expect(sound, 'its arguments are in the table').toBeDefined();
  const optionalFrom = sound!.indexOf('?') === -1 ? sound!.length : sound!.indexOf('?');
  const args = sound!.filter((arg) => arg !== '?');
  for (const [i, arg] of args.entries())
    for (const [kind, value] of WRONG) {
      const fits = i >= optionalFrom && value === undefined;
      const alike = typeof arg === typeof value && (typeof value !== 'object' || (value !== null && isEmpty(arg)));
      if (fits || alike || ALLOWED[name]?.includes(`${i} ${kind}`)) continue;
      const found = await outcome(() => call(...args.with(i, value)));
      expect(found, `argument ${i} is ${kind}`).toBeInstanceOf(api.ModaliasError);
      expect((found as Error).message, `argument ${i} is ${kind}`).toMatch(/found .*expected /s);
    }
});

/** Whether an empty object is a sound argument too. */
function isEmpty(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && !Array.isArray(arg) && Object.keys(arg).length === 0;
}

test('needList looks into lists: an element of another kind is named', async () => {
  const refused = async (call: () => unknown) => String((await outcome(call)) as Error);
  const any = api as unknown as Record<string, Any>;
  expect(await refused(() => any.formatAliasText!([{ alias: 'a', module: 'm' }, null]))).toContain(
    'lines[1]: found null, expected an object with alias, module',
  );
  expect(await refused(() => any.generateFiles!(['a', 7]))).toContain('paths[1]: found a number, expected a string');
  expect(await refused(() => any.moduleAliases!({}))).toContain(
    'module: found an object, expected an object with tables; tables is missing',
  );
  const index = api.parseAliases('') as unknown as Record<string, Any>;
  for (const method of ['lookup', 'lookupAll', 'modules', 'best', 'explain'])
    expect(await refused(() => index[method]!(undefined))).toContain('modalias: found undefined, expected a string');
  expect(await refused(() => any.parseTables!(undefined))).toContain('text: found undefined, expected a string');
});

test('needOptionalText refuses a number, such as 6.12 for a release', async () => {
  const tree = mkdtempSync(join(tmpdir(), 'modalias-options-'));
  mkdirSync(join(tree, 'kernel'));
  writeFileSync(join(tree, 'kernel/a.ko'), '');
  const number = 6.12 as unknown as string;
  const refused = {
    code: 'bad-argument',
    message: expect.stringMatching(/^options\.\w+: found a number, expected a string/),
  };
  expect(() => api.openModulesDirectory(tree, { depmodRelease: number })).toThrow(expect.objectContaining(refused));
  expect(() => api.openModulesDirectory(tree, { depmodConfig: number })).toThrow(expect.objectContaining(refused));
  await expect(api.verifyModulesDirectory(tree, { packagedRelease: number })).rejects.toMatchObject(refused);
  await expect(api.loadAliasIndex(tree, { packagedRelease: number })).rejects.toMatchObject(refused);
  rmSync(tree, { recursive: true });
});
