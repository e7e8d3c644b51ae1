import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { explanationDocument } from '../../src/report/explanation-json.ts';
import { lookupJson } from '../../src/report/lookup-lines.ts';
import { changeDocument, planDocument } from '../../src/report/vfio-plan-json.ts';
import { statusDocument } from '../../src/report/vfio-status-json.ts';
import type { ApplyResult } from '../../src/vfio/change/apply.ts';
import type { Status } from '../../src/vfio/change/status.ts';
import type { Plan } from '../../src/vfio/plan/plan-types.ts';

/** The same value, with a member too many in every object of it. */
function withMore<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withMore) as T;
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([name, member]) => [name, withMore(member)]);
  return { ...Object.fromEntries(members), internal: 'leaked' };
}

const placement = { driver: 'nvme', override: null, vfs: { functions: ['c'], autoprobe: true } };
const group = {
  id: '7',
  type: 'DMA',
  name: null,
  members: [{ name: 'a', bus: 'pci', path: 'p', modalias: null, driver: 'd', group: '7', class: 1 }],
  reserved: [{ from: '0x0', to: '0x1', type: 'msi' }],
  viability: { viable: false, blockers: [{ device: 'a', driver: 'd', why: 'w' }] },
  availability: { state: 'after-moving' as const, move: ['a'], unbind: ['b'], why: null },
  notes: ['n'],
  nodes: ['/dev/vfio/7'],
};
const plan: Plan = {
  version: 1,
  kernel: '6.1',
  devices: [
    {
      name: 'a',
      bus: 'pci',
      path: 'p',
      modalias: 'm',
      group: '7',
      module: 'vfio_pci',
      vfio: true,
      before: placement,
      beforeModule: null,
      after: { driver: 'vfio-pci', override: 'vfio-pci' },
      already: false,
      reset: { methods: ['flr'], reaches: ['b'] },
      physfn: 'b',
    },
  ],
  group,
  groups: [group],
  steps: [
    { op: 'modprobe', module: 'vfio_pci', bus: 'pci', driver: 'vfio-pci', vfio: true },
    { op: 'write', device: 'a', path: 'p/driver_override', data: 'vfio-pci' },
    { op: 'verify', device: 'a', path: 'p', driver: 'vfio-pci' },
    { op: 'functions', device: 'a', path: 'p', functions: ['c'] },
  ],
  rollback: [{ op: 'write', device: 'a', path: 'p/driver_override', data: '\n' }],
  predicted: {
    steps: [{ step: 0, result: 'ok', rule: 'r', text: 't' }],
    devices: [{ name: 'a', driver: 'vfio-pci' }],
    groups: [{ id: '7', viable: 'no', blockers: [{ device: 'a', driver: 'd' }] }],
  },
  warnings: [{ code: 'mounted', about: 'a', message: 'm', blocks: 'always' }],
  runnable: false,
};

test('planDocument has everything that a plan has, and nothing that an object has besides', () => {
  expect(planDocument(plan)).toEqual(plan);
  expect(planDocument(withMore(plan))).toEqual(plan);
  expect(planDocument({ ...plan, group: null }).group).toBeNull();
});

test('changeDocument has everything that a change has, and nothing that an object has besides', () => {
  const failure = { step: plan.steps[1]!, message: 'm', pending: true };
  const result: ApplyResult = {
    state: 'incomplete',
    taken: 2,
    failure,
    rollbackFailures: [{ ...failure, pending: false }],
    left: [{ name: 'a', path: 'p', now: { driver: null, override: 'x' }, before: placement, unbinding: true }],
    gone: ['b'],
  };
  const change = { plan, result, notes: ['n'] };
  expect(changeDocument(change)).toEqual({ version: 1, ...change });
  expect(changeDocument(withMore(change))).toEqual({ version: 1, ...change });
  expect(changeDocument({ ...change, result: null }).result).toBeNull();
});

test('statusDocument has everything that a status has, and nothing that an object has besides', () => {
  const status: Status = {
    version: 1,
    running: 5,
    bound: [
      { name: 'a', bus: 'pci', driver: 'vfio-pci', override: null, group: '7', journalled: true, heldBy: ['qemu'] },
    ],
    stray: [{ name: 'b', bus: 'pci', override: 'x', driver: null }],
    journals: [
      {
        file: 'j',
        state: 'interrupted',
        devices: [{ name: 'a', before: placement, now: placement, back: true, gone: false, unbinding: false }],
      },
    ],
  };
  expect(statusDocument(status)).toEqual(status);
  expect(statusDocument(withMore(status))).toEqual(status);
});

test.each(['pci:v00008086d00000953sv00008086sd00003702bc01sc08i02', 'pci:v00008086d00000953sv00008086', 'pci:none'])(
  'explanationDocument has everything that the explanation of %s has, and nothing that an object has besides',
  (key) => {
    const index = parseAliases(
      'alias pci:v00008086d00000953sv*sd*bc*sc*i* nvme\nalias pci:v*d*sv*sd*bc01sc08i02* other\nalias pci:v00008086d00000954sv*sd*bc*sc*i* near\n',
    );
    const explanation = index.explain(key, { prefix: undefined, rank: 'specific' });
    const problems = [{ code: 'incomplete', severity: 'note', message: 'm' }] as const;
    const names = new Map([['v', 'Intel']]);
    const fields = explanation.fields.map((field) => ({ ...field, label: names.get(field.tag) ?? null }));
    const document = { version: 1, ...explanation, fields, problems };
    expect(explanationDocument(explanation, names, problems)).toEqual(document);
    expect(explanationDocument(withMore(explanation), names, withMore(problems))).toEqual(document);
  },
);

test('lookupJson has nothing that a match or a diagnostic has besides its members', () => {
  const matches = parseAliases('alias pci:v*d*sv*sd*bc01sc*i* one\n').lookup('pci:v1d1sv1sd1bc01sc1i1');
  const problems = [{ code: 'incomplete', severity: 'note', message: 'm' }] as const;
  const style = { show: 'all', rank: 'specific' } as const;
  const json = lookupJson({ modalias: 'm', problems }, [matches], style);
  expect(JSON.parse(json)).toMatchObject({ matches, best: matches[0], problems });
  expect(lookupJson({ modalias: 'm', problems: withMore(problems) }, [withMore(matches)], style)).toBe(json);
});
