import { describe, expect, test } from 'vitest';
import { groupWarnings } from '../../../src/vfio/plan/group-warnings.ts';
import type { Machine } from '../../../src/vfio/plan/machine.ts';
import type { Plan, PlannedDevice } from '../../../src/vfio/plan/plan-types.ts';
import { prepareBind } from '../../../src/vfio/plan/prepare.ts';
import type { MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';
import { machineOf, pci, planned, warned } from './planned.ts';

const SOUND = '0000:00:1f.3';
const LPC = '0000:00:1f.0';
/** A chipset's group: the ISA bridge has a driver on many machines. */
const chipset = machineOf([
  pci(`pci0000:00/${LPC}`, '060100', { driver: 'lpc_ich', group: '14' }),
  pci(`pci0000:00/${SOUND}`, '040300', { driver: 'snd_hda_intel', group: '14' }),
  pci('pci0000:00/0000:00:1f.4', '0c0500', { group: '14' }),
]);

/** What --whole-group takes besides a device. */
async function taken(machine: MachineDescription, name: string): Promise<string[]> {
  const { roots } = machineRoot(machine);
  const context = { sysfs: roots.sysfs, modules: null, aliases: () => Promise.reject(new Error('not asked for')) };
  const { targets } = await prepareBind(roots, context, [name], { wholeGroup: true, driver: 'vfio-pci' });
  return targets.map((target) => target.name);
}

describe('groupWarnings of a driven ISA bridge', () => {
  test('advises --whole-group, which takes it, and then has nothing to say', async () => {
    expect(warned(planned(chipset, [SOUND]).plan)).toContain(
      `(note) not-viable: it will not open for a guest: ${LPC} is bound to lpc_ich; move it too (--whole-group), or unbind it`,
    );
    const names = await taken(chipset, SOUND);
    expect(names).toEqual([SOUND, LPC, '0000:00:1f.4']);
    const { plan } = planned(chipset, names);
    expect(warned(plan).filter((text) => text.includes('not-viable'))).toEqual([]);
    expect(plan.predicted.groups).toEqual([{ id: '14', viable: 'yes', blockers: [] }]);
  });

  test('leaves one without a driver where it is, as it does not block', async () => {
    const free = chipset.devices.map(({ driver, ...device }) =>
      driver === 'lpc_ich' ? device : { ...device, ...(driver === undefined ? {} : { driver }) },
    );
    expect(await taken({ ...chipset, devices: free }, SOUND)).toEqual([SOUND, '0000:00:1f.4']);
  });
});

test('groupWarnings names a bridge that VFIO does not take, and how to unbind it', async () => {
  const bridge = 'pci0000:00/0000:00:1c.0';
  const machine = machineOf([
    pci(bridge, '060400', { driver: 'shpchp', group: '3' }),
    pci(`${bridge}/0000:01:00.0`, '020000', { driver: 'e1000e', group: '3' }),
    pci(`${bridge}/0000:01:00.1`, '020000', { driver: 'e1000e', group: '3' }),
  ]);
  expect(await taken(machine, '0000:01:00.0')).toEqual(['0000:01:00.0', '0000:01:00.1']);
  expect(warned(planned(machine, ['0000:01:00.0']).plan)).toContain(
    '(note) not-viable: it will not open for a guest: 0000:00:1c.0 is bound to shpchp, 0000:01:00.1 is bound to e1000e; VFIO does not take bridges, so unbind 0000:00:1c.0: echo 0000:00:1c.0 > /sys/bus/pci/drivers/shpchp/unbind; move it too (--whole-group), or unbind it',
  );
});

describe('groupWarnings of plain data: what to do about a member', () => {
  const at = 'devices/pci0000:00/0000:00:1c.0';
  /** The advice on a member that blocks, of which the machine knows so much. */
  const advice = (
    name: string,
    member: object | null,
    drivers: readonly object[] = [],
    devices: readonly object[] = [{ path: `${at}/0000:01:00.0`, physfn: null }],
    driver = 'e1000e',
  ) => {
    const group = { id: '3', reserved: [], members: [] };
    const machine = {
      groups: [group],
      devices: member ? [{ name, bus: 'pci', bridge: false, ...member }] : [],
      drivers,
    };
    const predicted = { groups: [{ id: '3', viable: 'no', blockers: [{ device: name, driver }] }] };
    const planned = devices.map((one) => ({ group: '3', ...one })) as unknown as PlannedDevice[];
    const [{ message } = { message: '' }] = groupWarnings(
      machine as unknown as Machine,
      planned,
      predicted as unknown as Plan['predicted'],
    );
    return message.replace(`it will not open for a guest: ${name} is bound to ${driver}; `, '');
  };
  const MOVE = 'move it too (--whole-group), or unbind it';
  const driver = (rest: object) => ({ bus: 'pci', name: 'e1000e', bindable: false, ...rest });

  test('groupWarnings says that a driver cannot be unbound, by the driver of that name on that bus', () => {
    const stuck = 'e1000e cannot be unbound (it has no unbind file)';
    expect(advice('m', {}, [driver({ bindable: true })])).toBe(MOVE);
    expect(advice('m', {}, [driver({ bus: 'platform' }), driver({ name: 'x' }), driver({})])).toBe(stuck);
    expect(advice('m', {}, [driver({ bus: 'platform' }), driver({ name: 'x' })])).toBe(MOVE);
    expect(advice('m', { bus: 'platform' }, [driver({ bus: 'platform' })])).toBe(stuck);
    expect(advice('m', { bus: 'platform' }, [driver({})])).toBe(MOVE);
    expect(advice('m', null, [driver({})])).toBe(stuck);
    expect(advice('m', null)).toBe(MOVE);
  });

  test('groupWarnings knows a controller by its driver, and by a device of the plan that is behind it', () => {
    const controller = 'm is the controller that the device is behind: pass that, and what is behind it comes along';
    const behind = { path: `${at}/0000:01:00.0`, physfn: null };
    const beside = { path: `${at}0/0000:01:00.0`, physfn: null };
    const vmd = (devices: readonly object[], name = 'vmd') => advice('m', { path: at }, [], devices, name);
    expect([vmd([behind]), vmd([beside, behind])]).toEqual([controller, controller]);
    expect([vmd([beside]), vmd([behind], 'pcieport'), advice('m', null, [], [behind], 'vmd')]).toEqual([
      MOVE,
      MOVE,
      MOVE,
    ]);
  });

  test('groupWarnings names the slot where a function that the plan makes is in the way', () => {
    const made = { path: 'x', physfn: 'm' };
    const slot = /^no bridge above m has ACS/;
    expect(advice('m', {}, [], [{ path: 'y', physfn: null }, made])).toMatch(slot);
    expect(advice('m', { bridge: true }, [], [{ path: 'y', physfn: 'other' }])).toMatch(
      /^VFIO does not take bridges, so unbind m: echo m > \/sys\/bus\/pci\/drivers\/e1000e\/unbind$/,
    );
  });
});
