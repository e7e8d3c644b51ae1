import { expect, test } from 'vitest';
import { machineRoot } from '../vfio/machine-root.ts';
import { vfio } from '../vfio/vfio-command.ts';

test('vfio plan, bind and groups say once that --kernel is newer than the rules', () => {
  const root = machineRoot('intel-desktop');
  const said = (...args: string[]) => {
    const { stdout, stderr } = vfio(root, ...args, '--kernel', '9.99');
    return (stdout + stderr).match(/9\.99/g)?.length;
  };
  expect(said('plan', '01:00.0')).toBe(1);
  expect(said('bind', '--dry-run', '01:00.0')).toBe(1);
  expect(said('groups', '01:00.0')).toBe(1);
});
