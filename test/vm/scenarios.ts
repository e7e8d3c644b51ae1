import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import type { Report } from './report.ts';
import { behindBridge, hotPlug, nvme, resolve, start, twoFunctions, variant } from './scenario-bind.ts';
import { answers, functions, functionsKilled, IGB_CARD, NVME_CARD, refused, startCard } from './scenario-functions.ts';
import { boundByLoading, groupInUse, held, locked, onlyContainer } from './scenario-held.ts';
import { killed } from './scenario-kill.ts';
import { experiment, randomEvents } from './scenario-model.ts';
import { modules } from './scenario-modules.ts';
import { prepare, TRACES_MACHINE } from './traces/guest-machine.ts';
import { traces } from './traces/scenario-traces.ts';

export type Scenario = (guest: Guest, kernel: Kernel, report: Report) => Promise<void>;

/** A machine that is booted once, and what is done to it, in order. */
export interface Boot {
  readonly name: string;
  /** Devices besides those that all machines have. */
  readonly devices?: readonly string[];
  /** On kernels too that have neither a transcript nor the variant: those of a suite. */
  readonly everywhere?: true;
  /** A device that QEMU must know; without one that does, the boot is left out. */
  readonly needs?: string;
  /** Only where it is named: what it asks of the model takes minutes, in which no other machine would be answered. */
  readonly onlyNamed?: true;
  /** Always done first. */
  readonly prepare?: Scenario;
  readonly scenarios: readonly (readonly [name: string, scenario: Scenario])[];
}

/** Every boot; the random events take a seed and how many, the traces at most how many. */
export function boots(seed: number, events: number, most: number): readonly Boot[] {
  return [
    {
      name: 'commands',
      devices: NVME_CARD.machine,
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
        ['virtual functions by sriov_numvfs', answers(NVME_CARD)],
        ['virtual functions', functions(NVME_CARD)],
        ['virtual functions that are refused', refused(NVME_CARD)],
        ['virtual functions, killed', functionsKilled(NVME_CARD)],
      ],
    },
    {
      name: 'igb',
      devices: IGB_CARD.machine,
      needs: 'igb',
      prepare: startCard(IGB_CARD, ['igb', 'igbvf']),
      scenarios: [
        ['virtual functions by sriov_numvfs', answers(IGB_CARD)],
        ['virtual functions', functions(IGB_CARD)],
        ['virtual functions that are refused', refused(IGB_CARD)],
        ['virtual functions, killed', functionsKilled(IGB_CARD)],
      ],
    },
    { name: 'traces', devices: TRACES_MACHINE, onlyNamed: true, prepare, scenarios: [['traces', traces(most)]] },
    {
      name: 'random-igb',
      devices: IGB_CARD.machine,
      needs: 'igb',
      everywhere: true,
      scenarios: [['random events with igb', randomEvents(IGB_CARD, ['igb', 'igbvf'], seed, events)]],
    },
    {
      name: 'experiment',
      scenarios: [
        ['experiment', experiment],
        ['what waits for a lock', locked],
      ],
    },
    {
      name: 'random',
      devices: NVME_CARD.machine,
      everywhere: true,
      scenarios: [
        ['modules', modules],
        ['random events', randomEvents(NVME_CARD, ['nvme'], seed, events)],
      ],
    },
  ];
}
