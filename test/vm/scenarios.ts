import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import type { Report } from './report.ts';
import { behindBridge, hotPlug, nvme, resolve, start, twoFunctions, variant } from './scenario-bind.ts';
import { boundByLoading, groupInUse, held, onlyContainer } from './scenario-held.ts';
import { killed } from './scenario-kill.ts';
import { experiment, randomEvents } from './scenario-model.ts';

export type Scenario = (guest: Guest, kernel: Kernel, report: Report) => Promise<void>;

/** A machine that is booted once, and what is done to it, in order. */
export interface Boot {
  readonly name: string;
  /** Always done first. */
  readonly prepare?: Scenario;
  readonly scenarios: readonly (readonly [name: string, scenario: Scenario])[];
}

/** Every boot; the random events take a seed and how many. */
export function boots(seed: number, events: number): readonly Boot[] {
  return [
    {
      name: 'commands',
      prepare: start,
      scenarios: [
        ['resolve', resolve],
        ['bind to a variant', variant],
        ['two functions of a group', twoFunctions],
        ['behind a bridge', behindBridge],
        ['NVMe', nvme],
        ['hot-plug during bind', hotPlug],
        ['held by a process', held],
        ['held without a device', onlyContainer],
        ['a group in use', groupInUse],
        ['bound by loading', boundByLoading],
        ['killed', killed],
      ],
    },
    { name: 'experiment', scenarios: [['experiment', experiment]] },
    {
      name: 'random',
      scenarios: [['random events', (guest, kernel, report) => randomEvents(guest, kernel, report, seed, events)]],
    },
  ];
}
