import { describe, expect, test } from 'vitest';
import {
  bindTarget,
  isNeeded,
  moveSteps,
  overrideWritten,
  rollbackSteps,
  samePlacement,
} from '../../../src/vfio/plan/moves.ts';
import type { MoveStep, Placement, Step } from '../../../src/vfio/plan/plan-types.ts';

const device = { name: '0000:01:00.0', bus: 'pci', path: 'devices/pci0000:00/0000:01:00.0' };
const at = (driver: string | null, ...override: readonly (string | null | undefined)[]): Placement => {
  return { driver, override: override.length === 0 ? null : override[0] };
};

/** `override X`, `override -`, `unbind X`, `bind X`, `check X`. */
function words(steps: readonly MoveStep[]): string[] {
  return steps.map((step) => {
    expect(step.device).toBe(device.name);
    if (step.op === 'verify') {
      expect(step.path).toBe('bus/pci/devices/0000:01:00.0/driver');
      return `check ${step.driver ?? '-'}`;
    }
    const override = overrideWritten(step);
    if (override !== undefined) {
      expect(step).toMatchObject({ path: 'bus/pci/devices/0000:01:00.0/driver_override', data: `${override ?? ''}\n` });
      return `override ${override ?? '-'}`;
    }
    if (step.op !== 'write') throw new Error('there is no other step of such a move');
    expect(step.data).toBe(device.name);
    return step.path.replace(/^bus\/pci\/drivers\/([^/]+)\/((?:un)?bind)$/, '$2 $1');
  });
}

const MOVES: readonly (readonly [what: string, from: Placement, to: Placement, there: string, back: string])[] = [
  [
    'a native driver to VFIO: the override comes first, and is what is restored first',
    at('e1000e'),
    at('vfio-pci', 'vfio-pci'),
    'override vfio-pci, unbind e1000e, bind vfio-pci, check vfio-pci',
    'override -, unbind vfio-pci, bind e1000e, check e1000e',
  ],
  [
    'no driver: nothing is unbound, and nothing bound again',
    at(null),
    at('vfio-pci', 'vfio-pci'),
    'override vfio-pci, bind vfio-pci, check vfio-pci',
    'override -, unbind vfio-pci, check -',
  ],
  [
    'an override that is there already is not written',
    at(null, 'vfio-pci'),
    at('vfio-pci', 'vfio-pci'),
    'bind vfio-pci, check vfio-pci',
    'unbind vfio-pci, check -',
  ],
  [
    'only the override',
    at('e1000e'),
    at('e1000e', 'vfio-pci'),
    'override vfio-pci, check e1000e',
    'override -, check e1000e',
  ],
  ['nothing', at('e1000e'), at('e1000e'), 'check e1000e', 'check e1000e'],
  [
    'a device without driver_override: none is written',
    at('a', undefined),
    at('b', undefined),
    'unbind a, bind b, check b',
    'unbind b, bind a, check a',
  ],
  [
    'an override that names another driver than the device had is written once that is bound',
    at('e1000e', 'pci-stub'),
    at('vfio-pci', 'vfio-pci'),
    'override vfio-pci, unbind e1000e, bind vfio-pci, check vfio-pci',
    'override e1000e, unbind vfio-pci, bind e1000e, override pci-stub, check e1000e',
  ],
  [
    'a driver without a row that matches is let in by its name first',
    at('pci-stub'),
    at('vfio-pci', 'vfio-pci'),
    'override vfio-pci, unbind pci-stub, bind vfio-pci, check vfio-pci',
    'override pci-stub, unbind vfio-pci, bind pci-stub, override -, check pci-stub',
  ],
  [
    'an override that the new placement does not speak of is left',
    at('a', 'x'),
    at('b', undefined),
    'unbind a, bind b, check b',
    'override a, unbind b, bind a, override x, check a',
  ],
  [
    'a driver whose rows match needs no override to be let in',
    at('pcieport'),
    at('vfio-pci', 'vfio-pci'),
    'override vfio-pci, unbind pcieport, bind vfio-pci, check vfio-pci',
    'override -, unbind vfio-pci, bind pcieport, check pcieport',
  ],
  [
    'a VFIO driver without an override is let in by its name first',
    at('mlx5_vfio_pci'),
    at('vfio-pci', 'vfio-pci'),
    'override vfio-pci, unbind mlx5_vfio_pci, bind vfio-pci, check vfio-pci',
    'override mlx5_vfio_pci, unbind vfio-pci, bind mlx5_vfio_pci, override -, check mlx5_vfio_pci',
  ],
  [
    'an override that is written twice ends as it was: taking back writes it first all the same',
    at('vfio-pci', 'vfio-pci'),
    at('e1000e', 'vfio-pci'),
    'override e1000e, unbind vfio-pci, bind e1000e, override vfio-pci, check e1000e',
    'override vfio-pci, unbind e1000e, bind vfio-pci, check vfio-pci',
  ],
];

test.each(MOVES)('moveSteps and rollbackSteps: %s', (_what, from, to, there, back) => {
  expect(words(moveSteps(device, from, to)).join(', ')).toBe(there);
  expect(words(rollbackSteps([{ ...device, before: from, after: to }])).join(', ')).toBe(back);
});

describe('isNeeded', () => {
  const before = at('e1000e', 'pci-stub');
  const steps = rollbackSteps([{ ...device, before, after: at('vfio-pci', 'vfio-pci') }]);

  test.each([
    ['all was done', at('vfio-pci', 'vfio-pci'), 'override e1000e, unbind vfio-pci, bind e1000e, override pci-stub'],
    ['only the override was written', at('e1000e', 'vfio-pci'), 'override pci-stub'],
    ['the override and the unbind were', at(null, 'vfio-pci'), 'override e1000e, bind e1000e, override pci-stub'],
    ['the override that is needed for the bind is there', at(null, 'e1000e'), 'bind e1000e, override pci-stub'],
    ['nothing was done', before, ''],
    ['somebody else has bound it', at('other', 'vfio-pci'), 'override e1000e, bind e1000e, override pci-stub'],
  ])('isNeeded skips what has no effect where %s', (_what, start, expected) => {
    let now = start;
    const taken = steps.filter((step) => {
      if (step.op === 'verify' || !isNeeded(step, now, before)) return false;
      const override = overrideWritten(step);
      if (override !== undefined) now = { ...now, override };
      else now = { ...now, driver: bindTarget(step) };
      return true;
    });
    expect(words(taken).join(', ')).toBe(expected);
  });

  test('isNeeded never skips the look at the end', () => {
    expect(isNeeded(steps.at(-1)!, before, before)).toBe(true);
  });
});

test.each<[Step, string | null]>([
  [{ op: 'write', device: 'x', path: 'bus/pci/drivers/vfio-pci/bind', data: 'x' }, 'vfio-pci'],
  [{ op: 'write', device: 'x', path: 'bus/pci/drivers/vfio-pci/unbind', data: 'x' }, null],
  [{ op: 'write', device: 'x', path: 'bus/pci/drivers/vfio-pci/bind/x', data: 'x' }, null],
  [{ op: 'write', device: 'x', path: 'x/bus/pci/drivers/vfio-pci/bind', data: 'x' }, null],
  [{ op: 'write', device: 'x', path: 'bus/pci/drivers_probe', data: 'x' }, null],
  [{ op: 'verify', device: 'x', path: 'bus/pci/drivers/vfio-pci/bind', driver: null }, null],
])('bindTarget of %j is %s', (step, driver) => {
  expect(bindTarget(step)).toBe(driver);
});

test('overrideWritten is undefined for a step that writes none', () => {
  const path = 'bus/pci/devices/x/driver_override';
  expect(overrideWritten({ op: 'write', device: 'x', path, data: '\n' })).toBeNull();
  expect(overrideWritten({ op: 'write', device: 'x', path, data: 'vfio-pci\n' })).toBe('vfio-pci');
  expect(overrideWritten({ op: 'write', device: 'x', path: 'bus/pci/drivers/a/bind', data: 'x' })).toBeUndefined();
  expect(overrideWritten({ op: 'verify', device: 'x', path, driver: null })).toBeUndefined();
});

test.each([
  [at('a', 'b'), at('a', 'b'), true],
  [at('a', 'b'), at('a', null), false],
  [at('a', 'b'), at(null, 'b'), false],
  [at('a', undefined), at('a', null), false],
])('samePlacement of %j and %j is %s', (a, b, same) => {
  expect(samePlacement(a, b)).toBe(same);
});

describe('moveSteps of virtual functions', () => {
  const [first, second] = ['0000:01:10.0', '0000:01:10.1'];
  const vfs = (functions: readonly string[], autoprobe = true, driver = 'igb'): Placement => ({
    driver,
    override: null,
    vfs: { functions, autoprobe },
  });
  const PROBE = 'sriov_drivers_autoprobe';
  /** `file value` for writes to the device, `functions N`, and what else there is as its `op`. */
  const steps = (from: Placement, to: Placement) =>
    moveSteps(device, from, to).map((step) => {
      if (step.op === 'functions') return `functions ${step.functions.join()}`;
      return step.op === 'write' ? `${step.path.split('/').at(-1)} ${step.data}` : step.op;
    });

  test.each([
    [
      'none to two',
      vfs([]),
      vfs([first!, second!], false),
      [`${PROBE} 0`, 'sriov_numvfs 2', `functions ${first},${second}`],
    ],
    ['two to none', vfs([first!, second!], false), vfs([]), ['sriov_numvfs 0', 'functions ', `${PROBE} 1`]],
    ['the same, probed', vfs([first!], false), vfs([first!], true), [`${PROBE} 1`]],
    ['the same', vfs([first!]), vfs([first!]), []],
    ['one, probed as before', vfs([], false), vfs([first!], false), ['sriov_numvfs 1', `functions ${first}`]],
    [
      'one, of another driver',
      vfs([], true, 'a'),
      vfs([first!]),
      ['unbind 0000:01:00.0', 'bind 0000:01:00.0', 'verify', 'sriov_numvfs 1', `functions ${first}`],
    ],
    ['not said of the goal', vfs([first!]), at('igb'), ['verify']],
    ['not said of the start', at('igb'), vfs([first!]), ['verify']],
  ])('moveSteps makes and takes them: %s', (_what, from, to, expected) => {
    expect(steps(from, to)).toEqual(expected);
  });

  const step = (file: string): MoveStep => ({ op: 'write', device: device.name, path: `x/${file}`, data: '' });
  test.each([
    ['sriov_numvfs', vfs([first!]), vfs([]), true],
    ['sriov_numvfs', vfs([first!]), vfs([first!]), false],
    ['sriov_numvfs', vfs([first!]), vfs([first!], false, 'a'), false],
    ['sriov_numvfs', vfs([first!]), at('igb'), false],
    ['sriov_numvfs', at('igb'), vfs([first!]), false],
    [PROBE, vfs([first!]), vfs([], false), true],
    [PROBE, vfs([first!]), vfs([]), false],
    [PROBE, vfs([first!]), vfs([], true, 'a'), false],
    [PROBE, vfs([first!]), at('igb'), true],
    [PROBE, at('igb'), vfs([first!]), true],
  ])('isNeeded asks of a write to %s whether it changes something', (file, now, to, expected) => {
    expect(isNeeded(step(file), now, to)).toBe(expected);
  });

  test('samePlacement compares them where both are known', () => {
    const same = (a: Placement, b: Placement) => samePlacement(a, b);
    expect(same(vfs([first!]), vfs([first!]))).toBe(true);
    expect(same(vfs([first!]), vfs([second!]))).toBe(false);
    expect(same(vfs([first!]), vfs([first!], false))).toBe(false);
    expect(same(vfs([first!]), at('igb'))).toBe(true);
    expect(same(at('igb'), vfs([first!]))).toBe(true);
    expect(same(vfs([first!]), vfs([first!], true, 'a'))).toBe(false);
  });
});
