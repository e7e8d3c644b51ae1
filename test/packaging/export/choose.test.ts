import { expect, test } from 'vitest';
import { knownDevice } from '../../../src/inventory/known-device.ts';
import { aliasIndex } from '../../../src/lookup/alias-index.ts';
import { parseAliases } from '../../../src/lookup/load.ts';
import { choose } from '../../../src/packaging/export/choose.ts';

const index = parseAliases(
  [
    'alias pci:v00008086d000010D3sv*sd*bc*sc*i* e1000e',
    'alias pci:v00008086d000010D3sv00001028sd*bc*sc*i* dell',
    'alias pci:v*d*sv*sd*bc02sc00i* any-net',
    'alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
    'alias crypto-aes aes',
    'alias devname:kvm kvm',
    '',
  ].join('\n'),
);
const NIC = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
const devices = (...modaliases: readonly string[]) => ({ devices: modaliases.map(knownDevice) });
const names = (chosen: ReturnType<typeof choose>) => chosen.modules.map(({ module }) => module);

test('choose: takes what devices carry, sorted, and counts what none does', () => {
  const chosen = choose(index);
  expect(names(chosen)).toEqual(['any_net', 'dell', 'e1000e']);
  expect(chosen.patterns.map(({ modules }) => modules)).toEqual([['any_net'], ['e1000e'], ['dell']]);
  expect(chosen).toMatchObject({ noDevice: 3 });
  expect(chosen).not.toHaveProperty('devices');
});

test('choose: takes the modules that are named, by underscores', () => {
  expect(names(choose(index, { modules: new Set(['any_net']) }))).toEqual(['any_net']);
  expect(choose(index, { modules: new Set(['aes']) })).toMatchObject({ patterns: [], modules: [], noDevice: 1 });
});

test('choose: takes what devices need, and says which', () => {
  const chosen = choose(index, devices(NIC, 'pci:v00001AF4d00001000sv00001AF4sd00000001bc01sc00i00'));
  expect(chosen.modules).toEqual([
    { module: 'any_net', devices: [NIC], possible: [], patterns: 1 },
    { module: 'e1000e', devices: [NIC], possible: [], patterns: 1 },
  ]);
  expect(chosen.patterns.map(({ pattern }) => pattern)).not.toContain('pci:v00008086d000010D3sv00001028sd*bc*sc*i*');
  expect(chosen.devices).toEqual({ all: 2, builtin: [], none: [expect.stringContaining('v00001AF4')] });
});

test('choose: of a device that an inventory knows in part takes what may serve it, too', () => {
  const partial = 'pci:v00008086d000010D3sv*sd*bc02sc00i00';
  expect(choose(index, devices(partial)).modules).toMatchObject([
    { module: 'any_net', devices: [partial], possible: [] },
    { module: 'dell', devices: [], possible: [partial] },
    { module: 'e1000e', devices: [partial], possible: [] },
  ]);
});

test('choose: a device that an inventory knows in part is served by what is not chosen, too', () => {
  const partial = 'pci:v00008086d000010D3sv*sd*bc02sc00i00';
  const chosen = choose(index, { modules: new Set(['dell']), ...devices(partial) });
  expect(names(chosen)).toEqual(['dell']);
  const other = choose(index, { modules: new Set(['dell']), ...devices('pci:v00001AF4d00001000sv*sd*bc02sc00i00') });
  expect([names(other), other.devices]).toEqual([[], { all: 1, builtin: [], none: [] }]);
});

test('choose: a modalias that libkmod refuses has no module', () => {
  expect(choose(index, devices('dmi:bvn[:')).devices).toMatchObject({ all: 1, none: ['dmi:bvn[:'] });
});

test('choose: of chosen modules it takes the patterns that devices need, and no device twice', () => {
  const partial = 'pci:v00008086d000010D3sv*sd*bc02sc00i00';
  const both = parseAliases(
    'alias pci:v00008086d*sv*sd*bc*sc*i* a\nalias pci:v*d*sv00001028sd*bc*sc*i* a\nalias pci:* b\n',
  );
  const chosen = choose(both, { modules: new Set(['a']), ...devices(partial) });
  expect(chosen.modules).toEqual([{ module: 'a', devices: [partial], possible: [], patterns: 2 }]);
  expect(chosen.patterns.flatMap(({ modules }) => modules)).toEqual(['a', 'a']);
});

test('choose: a device that only built-in code serves is neither served nor without a driver', () => {
  const builtin = { module: 'm', pattern: 'pci:*', source: 'builtin', priority: 0 } as const;
  const index = aliasIndex([{ name: 'builtin', find: () => [builtin], patterns: () => [builtin] }]);
  const chosen = choose(index, devices(NIC));
  expect([chosen.modules, chosen.devices]).toEqual([[], { all: 1, builtin: [NIC], none: [] }]);
});

test('choose: a device that an inventory knows in part may be served by both, and then counts as served', () => {
  const match = (module: string, pattern: string, source: 'alias' | 'builtin') => ({
    module,
    pattern,
    source,
    priority: 0,
  });
  const matches = [
    match('m', 'pci:v*d*sv*sd*bc02sc*i*', 'alias'),
    match('b', 'pci:v*d*sv*sd*bc02sc00i*', 'builtin'),
  ] as const;
  const index = aliasIndex(matches.map((one) => ({ name: one.source, find: () => [one], patterns: () => [one] })));
  const chosen = choose(index, devices('pci:v00008086d000010D3sv*sd*bc02sc00i00'));
  expect(names(chosen)).toEqual(['m']);
  expect(chosen.devices).toMatchObject({ all: 1, builtin: [], none: [] });
});
