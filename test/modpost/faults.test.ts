import { expect, test } from 'vitest';
import { elfMachines } from '../support/elf-machines.ts';
import { faultTable } from './compare.ts';
import { faults } from './faults.ts';
import { ourAliases } from './random-modules.ts';

test.each(faults)('generateAliases is right where modpost is not: $name', (fault) => {
  const target = { machine: elfMachines[fault.machine], release: fault.release };
  const ours = ourAliases([faultTable(fault, target)], target);
  expect(ours).toEqual(fault.ours);
  expect(ours).not.toEqual(fault.modpost);
});
