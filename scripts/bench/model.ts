import { fileURLToPath } from 'node:url';
import { mustRun } from '../debian/run.ts';
import type { Measurement } from './measure.ts';

/** `model check` of a million states, over as many events done one by one, in processor time; and its memory. */
export function model(): Measurement[] {
  const program = fileURLToPath(new URL('explore.ts', import.meta.url));
  const { states, explore, plain, peak } = JSON.parse(mustRun(process.execPath, ['--import', 'tsx', program]));
  const each = (seconds: number) => `${Math.round(states / seconds)} a second`;
  return [
    {
      what: 'a million states of model check, over as many events one by one',
      value: explore / plain,
      unit: '',
      goal: 3,
      from: `${each(explore)}, ${each(plain)}`,
    },
    {
      what: 'memory of a million states, peak',
      value: peak,
      unit: 'MiB',
      goal: 512,
      from: 'resident set of the process',
    },
  ];
}
