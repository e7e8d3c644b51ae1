import { describe, expect, test } from 'vitest';
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
