import { expect, test } from 'vitest';
import type { Plan } from '../../../src/vfio/plan/plan-types.ts';
import { twinProblems } from '../../../src/vfio/plan/twins.ts';
import type { MachineDescription } from '../../fake-root.ts';
import { machineRoot } from '../machine-root.ts';

const MODALIAS = 'pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00';
const machine: MachineDescription = {
  ...{ version: 1, name: 'twins', release: '6.12.0', drivers: {} },
  devices: ['0000:01:00.0', '0000:02:00.0'].map((name) => ({
    path: `pci0000:00/${name}`,
    bus: 'pci',
    attributes: { modalias: MODALIAS },
  })),
};

test.each([
  ['goes to vfio-pci', 'e1000e', 'vfio-pci', ['twin: 0000:01:00.0']],
  ['has vfio-pci and keeps it', 'vfio-pci', null, ['twin: 0000:01:00.0']],
  ['goes to a variant', 'vfio-pci', 'mlx5_vfio_pci', []],
  ['has no driver', null, null, []],
])('twinProblems of a device that %s', (_what, before, after, problems) => {
  const placed = { before: { driver: before, override: null }, after: { driver: after, override: null } };
  const devices = [{ name: '0000:01:00.0', bus: 'pci', modalias: MODALIAS, ...placed }] as unknown as Plan['devices'];
  const found = twinProblems(machineRoot(machine).roots.sysfs, { devices }, 'modprobe.d');
  expect(found.map(({ code, about }) => `${code}: ${about}`)).toEqual(problems);
  expect(found.every(({ blocks }) => blocks === 'always')).toBe(true);
  for (const { message } of found) expect(message).toContain('0000:02:00.0 has the same ids (8086:10d3:8086:a01f)');
});

test('twinProblems looks at what is not in the plan, has the same ids, and is on PCI', () => {
  const more = ['0000:03:00.0', '0000:04:00.0'].map((name) => ({
    path: `pci0000:00/${name}`,
    bus: 'pci',
    attributes: { modalias: name.startsWith('0000:03') ? MODALIAS : MODALIAS.replace('10D3', '10D4') },
  }));
  const { sysfs } = machineRoot({ ...machine, devices: [...machine.devices, ...more] }).roots;
  const placed = { before: { driver: null, override: null }, after: { driver: 'vfio-pci', override: null } };
  const twins = (...names: readonly string[]) => {
    const devices = names.map((name) => ({ name, bus: name === 'x' ? 'cdx' : 'pci', modalias: MODALIAS, ...placed }));
    return twinProblems(sysfs, { devices } as unknown as Plan, 'f').map(({ message }) => message.split(' has ')[0]);
  };
  expect(twins('0000:01:00.0')).toEqual(['0000:02:00.0, 0000:03:00.0']);
  expect(twins('0000:01:00.0', '0000:02:00.0')).toEqual(['0000:03:00.0', '0000:03:00.0']);
  expect(twins('0000:01:00.0', '0000:02:00.0', '0000:03:00.0')).toEqual([]);
  expect(twins('x')).toEqual([]);
});
