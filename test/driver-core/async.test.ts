import { expect, test } from 'vitest';
import {
  deviceId,
  type KernelEvent,
  type KernelModule,
  type KernelState,
  type LoadParameters,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  pendingProbes,
  readAttribute,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';

const NAME = '0000:01:00.0';
const OTHER = '0000:02:00.0';
const row = [deviceId(0x8086, 0x10d3)];
const native = makeDriver('pci', 'e1000e', { module: 'e1000e', ids: row });
const stub = makeDriver('pci', 'pci-stub', { module: 'pci_stub', ids: row });
const moduleOf = (name: string, driver: typeof native): KernelModule => ({
  name,
  loaded: false,
  depends: [],
  drivers: [driver],
});

function kernel(rest: Partial<KernelState> = {}, release = '6.12'): KernelState {
  const devices = [NAME, OTHER].map((name, i) =>
    makeDevice('pci', name, { pci: pciFacts(0x8086, 0x10d3), group: String(i) }),
  );
  return makeKernel(release, {
    buses: [{ name: 'pci', autoprobe: true }],
    modules: [moduleOf('e1000e', native), moduleOf('pci_stub', stub)],
    devices,
    groups: ['0', '1'].map((id) => ({ id, bus: 'pci', type: 'DMA', direct: false, file: null })),
    evidence: [NAME, OTHER].map((device) => ({ bus: 'pci', driver: 'e1000e', device, probe: 'ok' })),
    ...rest,
  });
}

const load = (parameters: LoadParameters, module = 'e1000e'): KernelEvent => ({ kind: 'load', module, parameters });
const probe = (device = NAME, driver: string | null = 'e1000e'): KernelEvent => ({
  kind: 'asyncProbe',
  bus: 'pci',
  device,
  driver,
});
const bind = (driver: string, device = NAME): KernelEvent => ({
  kind: 'write',
  path: `bus/pci/drivers/${driver}/bind`,
  data: device,
});
const after = (start: KernelState, ...events: KernelEvent[]) =>
  events.reduce((state, event) => step(state, event).state, start);
const driverOf = ({ devices }: KernelState, name = NAME) => devices.find((one) => one.name === name)?.driver;

test.each<[string, LoadParameters, boolean]>([
  ['alone', { async_probe: null }, true],
  ['as a yes', { async_probe: '1' }, true],
  ['as something else', { async_probe: 'perhaps' }, true],
  ['with a dash', { 'async-probe': 'Y' }, true],
  ['as a no', { async_probe: 'N' }, false],
  ['not at all', {}, false],
])('loadModule: async_probe given %s has the probes done later: %s', (_, parameters, later) => {
  const { state, result } = step(kernel(), load(parameters));
  expect(result.kind).toBe('ok');
  expect(pendingProbes(state).map(({ device, driver }) => `${device} ${driver}`)).toEqual(
    later ? [`${NAME} e1000e`, `${OTHER} e1000e`] : [],
  );
  expect(driverOf(state)).toBe(later ? null : 'e1000e');
  expect(driverOf(after(state, probe()))).toBe('e1000e');
});

test('loadModule: module.async_probe is what modules do without a parameter, from 6.0 on', () => {
  const file = 'module/module/parameters/async_probe';
  const write = (data: string): KernelEvent => ({ kind: 'write', path: file, data });
  const due = (start: KernelState, ...events: KernelEvent[]) => pendingProbes(after(start, ...events)).length;
  const word = (start: KernelState, event: KernelEvent) => resultWord(step(start, event).result);
  expect(['Y', 'N', 'x', ''].map((data) => word(kernel(), write(data)))).toEqual(['ok', 'ok', 'EINVAL', 'ok']);
  expect(readAttribute(kernel(), file).data).toBe('N\n');
  expect(readAttribute(after(kernel(), write('Y')), file).data).toBe('Y\n');
  expect(due(kernel(), write('Y'), load({}))).toBe(2);
  expect(due(kernel(), write('Y'), { kind: 'load', module: 'e1000e', alone: true })).toBe(2);
  expect(due(kernel(), write('Y'), load({ async_probe: '0' }))).toBe(0);
  expect(due(kernel(), write('Y'), write('N'), load({}))).toBe(0);
  expect([word(kernel({}, '5.19'), write('Y')), readAttribute(kernel({}, '5.19'), file).result]).toEqual([
    'ENOENT',
    { kind: 'errno', errno: 'ENOENT' },
  ]);
});

test('loadModule: before 6.0 async_probe is a yes whatever it is', () => {
  expect(
    ['5.19', '6.0'].map((release) => pendingProbes(after(kernel({}, release), load({ async_probe: '0' }))).length),
  ).toEqual([2, 0]);
});

test('writeAttribute: async_probe of a module has no file, as it is taken when the module is loaded', () => {
  const path = 'module/e1000e/parameters/async_probe';
  const loaded = after(kernel(), load({}));
  const { state, result } = step(loaded, { kind: 'write', path, data: '1' });
  expect([state, result, readAttribute(loaded, path).result]).toEqual([
    loaded,
    { kind: 'errno', errno: 'ENOENT' },
    { kind: 'errno', errno: 'ENOENT' },
  ]);
});

test('loadModule: options have a module probe asynchronously, and insmod does not read them', () => {
  const modules = [{ ...moduleOf('e1000e', native), options: { async_probe: '1' } }];
  expect(pendingProbes(after(kernel({ modules }), { kind: 'load', module: 'e1000e' })).length).toBe(2);
  expect(pendingProbes(after(kernel({ modules }), { kind: 'load', module: 'e1000e', alone: true }))).toEqual([]);
});

test('loadModule: a driver that prefers to probe asynchronously is waited for', () => {
  const modules = [moduleOf('e1000e', { ...native, async: true })];
  expect(driverOf(after(kernel({ modules }), { kind: 'load', module: 'e1000e' }))).toBe('e1000e');
});

test('loadModule: another module that is loaded waits for the probes of all', () => {
  const state = after(kernel(), load({ async_probe: null }), { kind: 'load', module: 'pci_stub' });
  // Synchronous drivers are not kept from a device that a worker is to probe.
  expect([pendingProbes(state), driverOf(state)]).toEqual([[], 'pci-stub']);
});

test('asyncProbe: who has the device by then keeps it', () => {
  const modules = [moduleOf('e1000e', native), moduleOf('pci_stub', { ...stub, ids: null })];
  const override: KernelEvent = {
    kind: 'write',
    path: `bus/pci/devices/${NAME}/driver_override`,
    data: 'pci-stub',
  };
  const start = after(kernel({ modules }), { kind: 'load', module: 'pci_stub' }, load({ async_probe: null }));
  expect(driverOf(after(start, override, bind('pci-stub'), probe()))).toBe('pci-stub');
  // The match is asked again when the worker comes (pci-driver.c:__pci_device_probe).
  expect(driverOf(after(start, override, probe()))).toBe(null);
  expect(driverOf(after(start, bind('e1000e'), probe()))).toBe('e1000e');
});

test('asyncProbe: one that is not due does nothing, nor one of a device that was removed', () => {
  const start = kernel();
  expect(step(start, probe()).state).toBe(start);
  const remove: KernelEvent = { kind: 'write', path: `bus/pci/devices/${NAME}/remove`, data: '1' };
  const removed = after(start, load({ async_probe: null }), remove);
  expect(pendingProbes(removed).map(({ device }) => device)).toEqual([OTHER]);
  expect(step(removed, probe()).state).toBe(removed);
});

test('unloadModule: probes of its drivers are done first, others at the end', () => {
  const start = after(kernel(), load({ async_probe: null }));
  const gone = after(start, { kind: 'unload', module: 'e1000e' });
  expect([pendingProbes(gone), driverOf(gone)]).toEqual([[], null]);
  const modules = [moduleOf('e1000e', native), moduleOf('pci_stub', { ...stub, ids: null })];
  const both = after(kernel({ modules }), { kind: 'load', module: 'pci_stub' }, load({ async_probe: null }));
  expect(driverOf(after(both, { kind: 'unload', module: 'pci_stub' }))).toBe('e1000e');
});

test('newId: a driver that probes asynchronously leaves the device to a worker, once', () => {
  const modules = [moduleOf('e1000e', { ...native, ids: [deviceId(1, 1)], async: true })];
  const id: KernelEvent = { kind: 'write', path: 'bus/pci/drivers/e1000e/new_id', data: '8086 10d3' };
  const start = after(kernel({ modules }), { kind: 'load', module: 'e1000e' }, id);
  expect([pendingProbes(start).length, driverOf(start)]).toEqual([2, null]);
  const again: KernelEvent = { ...id, data: '8086 10d3 ffffffff ffffffff 0 0 0' };
  expect(pendingProbes(after(start, again)).length).toBe(2);
  expect(driverOf(after(start, probe()))).toBe('e1000e');
});

test('addDevices: from 6.19 on a new device is left to a worker where only such drivers match', () => {
  const devices = kernel().devices.map((one) => ({ ...one, present: false, plugged: false, matchReady: false }));
  const drivers = [{ ...native, async: true }];
  const plug: KernelEvent = { kind: 'plug', bus: 'pci', device: NAME };
  expect(driverOf(after(kernel({ devices, drivers }), plug))).toBe('e1000e');
  const plugged = after(kernel({ devices, drivers }, '6.19'), plug);
  expect([driverOf(plugged), pendingProbes(plugged)]).toEqual([null, [{ bus: 'pci', device: NAME, driver: null }]]);
  expect(driverOf(after(plugged, probe(NAME, null)))).toBe('e1000e');
  const refusing = plugged.evidence.map((one) => ({ ...one, probe: 'ENODEV' as const }));
  expect(driverOf(after({ ...plugged, evidence: refusing }, probe(NAME, null)))).toBe(null);
});

test('asyncProbe: what a driver does that is not known is left open, also of a device that may be bound', () => {
  const start = after(kernel({ evidence: [] }), load({ async_probe: null }), probe());
  expect(driverOf(start)).toEqual({ oneOf: ['e1000e', null] });
  const devices = kernel().devices.map((one) => ({ ...one, driver: { oneOf: ['pci-stub', null] } }));
  const open = after(kernel({ devices }), load({ async_probe: null }), probe());
  expect(driverOf(open)).toEqual({ oneOf: ['pci-stub', 'e1000e'] });
});

const WORKER = 'drivers/base/dd.c:__driver_attach_async_helper';
const DEVICE_WORKER = 'drivers/base/dd.c:__device_attach_async_helper';

test.each<[string, KernelState, KernelEvent, object]>([
  ['none is due', kernel(), probe(), { rule: WORKER, text: 'no such probe is due', device: NAME, driver: 'e1000e' }],
  [
    'none is due of a device',
    kernel(),
    probe(NAME, null),
    { rule: DEVICE_WORKER, text: 'no such probe is due', device: NAME },
  ],
  [
    'it has one',
    after(kernel(), load({ async_probe: null }), bind('e1000e')),
    probe(),
    { rule: WORKER, text: 'the device has a driver by now', device: NAME, driver: 'e1000e' },
  ],
  [
    'it has none',
    after(kernel(), load({ async_probe: null })),
    probe(),
    { rule: WORKER, text: 'a worker probes', device: NAME, driver: 'e1000e' },
  ],
])('asyncProbe: says what the worker did: %s', (_, start, event, first) => {
  expect(step(start, event).trace[0]).toEqual(first);
});

test('asyncProbe: what the drivers did stands after the worker, and nothing where none was asked', () => {
  const start = after(kernel(), load({ async_probe: null }));
  expect(step(start, probe()).trace.length).toBeGreaterThan(1);
  expect(step(kernel(), probe()).trace.length).toBe(1);
  expect(step(after(start, bind('e1000e')), probe()).trace.length).toBe(1);
});

test('asyncProbe: of several that are due of a device one is done, and nothing stays of the last', () => {
  const device = { ...kernel().devices[0]!, asyncProbes: ['pci-stub', 'e1000e'] };
  const start = kernel({ devices: [device], drivers: [native, { ...stub, ids: null }] });
  const first = after(start, probe());
  expect([driverOf(first), first.devices[0]!.asyncProbes]).toEqual(['e1000e', ['pci-stub']]);
  expect(after(first, probe(NAME, 'pci-stub')).devices[0]!.asyncProbes).toBeUndefined();
});

test('asyncProbe: a worker of a device asks the drivers that probe asynchronously, and no other', () => {
  const device = { ...kernel().devices[0]!, asyncProbes: [null] };
  const drivers = [stub, { ...native, async: true }];
  const evidence = [...kernel().evidence, { bus: 'pci', driver: 'pci-stub', device: NAME, probe: 'ok' as const }];
  expect(driverOf(after(kernel({ devices: [device], drivers, evidence }), probe(NAME, null)))).toBe('e1000e');
});

test('asyncProbe: a driver that went has nothing to probe with', () => {
  const device = { ...kernel().devices[0]!, asyncProbes: ['e1000e'] };
  const other = { ...stub, async: true };
  const evidence = [{ bus: 'pci', driver: 'pci-stub', device: NAME, probe: 'ok' as const }];
  const done = after(kernel({ devices: [device], drivers: [other], evidence }), probe());
  expect([driverOf(done), pendingProbes(done)]).toEqual([null, []]);
});

const igb = makeDriver('pci', 'igb', { module: 'igb', ids: row });

/** What a new device of 6.19 has, where these drivers are registered and the probe of igb gives that. */
function plugged(drivers: KernelState['drivers'], probe: 'ok' | 'ENODEV' = 'ok') {
  const devices = kernel().devices.map((one) => ({ ...one, present: false, plugged: false, matchReady: false }));
  const evidence = [...kernel().evidence, { bus: 'pci', driver: 'igb', device: NAME, probe }];
  const { state, trace } = step(kernel({ devices, drivers, evidence }, '6.19'), {
    kind: 'plug',
    bus: 'pci',
    device: NAME,
  });
  const left = trace.filter(({ rule }) => rule === 'drivers/base/dd.c:__device_attach');
  return { driver: driverOf(state), due: pendingProbes(state).map(({ driver }) => driver), left };
}

test('addDevices: a driver that probes at once comes before those that are left to a worker', () => {
  const drivers = [{ ...native, async: true }, igb];
  expect(plugged(drivers)).toEqual({ driver: 'igb', due: [], left: [] });
  const left = { rule: 'drivers/base/dd.c:__device_attach', text: 'e1000e is left to a worker', device: NAME };
  expect(plugged(drivers, 'ENODEV')).toEqual({ driver: null, due: [null], left: [left] });
});

test('addDevices: nothing is left to a worker where no driver that probes asynchronously matches', () => {
  const other = { ...native, async: true, ids: [deviceId(1, 1)] };
  expect(plugged([other, igb], 'ENODEV')).toEqual({ driver: null, due: [], left: [] });
  expect(plugged([other])).toEqual({ driver: null, due: [], left: [] });
});

test('attachDriver: says which devices a driver leaves to a worker, also where one for all drivers is due', () => {
  const [first] = kernel().devices;
  const start = kernel({ devices: [{ ...first!, asyncProbes: [null] }] });
  const { state, trace } = step(start, load({ async_probe: null }));
  expect(pendingProbes(state).map(({ driver }) => driver)).toEqual([null, 'e1000e']);
  const text = `e1000e leaves ${NAME} to a worker`;
  const rule = 'drivers/base/dd.c:__driver_attach';
  expect(trace).toContainEqual({ rule, text, driver: 'e1000e', device: NAME });
});
