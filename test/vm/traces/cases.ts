import { readdirSync, readFileSync } from 'node:fs';
import type { KernelState } from '../../../src/driver-core/index.ts';
import { type Disturbance, USUAL_DISTURBANCES } from '../../../src/model/explore/acts.ts';
import { type CheckOptions, type CheckResult, check } from '../../../src/model/explore/check.ts';
import type { Replay } from '../../../src/model/explore/replay.ts';
import { FINDING_RULES } from '../../../src/model/findings/rules.ts';
import { eventText } from '../../../src/model/script/event-text.ts';
import type { Program } from '../../../src/model/script/program.ts';
import { readProgram } from '../../../src/model/script/read-program.ts';
import { programOf, verdictRows } from '../../model/verdict-rows.ts';
import { PORTS } from './guest-machine.ts';

/** Something that `model check` is asked about the guest. */
export interface Case {
  readonly name: string;
  readonly program: Program;
  readonly whiles: readonly Disturbance[];
  readonly once?: boolean;
}

/** Interleavings that are replayed of a case that is safe. */
const SAMPLES = 10;

/** Where the guest has what a built-in machine has at another address. */
const ADDRESSES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'two-like-nics': {},
  'nvme-twins': { '0000:04:00.0': '0000:06:00.0', '0000:05:00.0': '0000:07:00.0' },
  'gpu-with-audio': { '0000:01:00.0': '0000:00:07.0', '0000:01:00.1': '0000:00:07.1' },
};

/** A text that is about a built-in machine, about the guest. */
function onGuest(machine: string): (text: string) => string {
  const addresses = Object.entries(ADDRESSES[machine]!);
  return (text) => addresses.reduce((now, [from, to]) => now.replaceAll(from, to), text);
}

/** The ways of binding that the README compares, under what usually happens. */
export function recipes(machine: KernelState): Case[] {
  return readRecipes(machine).map(({ file, program }) => ({ name: file, program, whiles: USUAL_DISTURBANCES }));
}

/** The group that recipes open is that of the first card of `two-like-nics`. */
function readRecipes({ devices }: KernelState): { readonly file: string; readonly program: Program }[] {
  const group = devices.find(({ name }) => name === '0000:01:00.0')?.group;
  const read = (file: string) => {
    const text = readFileSync(`samples/recipes/${file}`, 'latin1');
    return readProgram(text.replaceAll('"group": "10"', `"group": "${group}"`), file);
  };
  return readdirSync('samples/recipes')
    .sort()
    .map((file) => ({ file, program: read(file) }));
}

/** All that is asked: the samples of which the README gives verdicts, the ways of binding, the examples of findings. */
export function cases(machine: KernelState): Case[] {
  return [
    ...rows().map(({ one }) => one),
    ...recipes(machine),
    ...readRecipes(machine).map(
      ({ file, program }): Case => ({
        name: `${file}, with unloads`,
        program,
        whiles: ['probe', 'unload'],
        once: true,
      }),
    ),
    ...readRecipes(machine).map(
      ({ file, program }): Case => ({ name: `${file}, with groups`, program, whiles: ['group', 'probe'], once: true }),
    ),
    ...Object.entries(FINDING_RULES).map(
      ([
        rule,
        {
          fires: { machine, script, suffix = '.sh' },
        },
      ]): Case => ({
        name: `example of ${rule}`,
        program: readProgram(onGuest(machine)(script), `${rule}${suffix}`),
        whiles: USUAL_DISTURBANCES,
      }),
    ),
  ];
}

/** The rows of the README's table of verdicts, each as a case. */
export function rows() {
  return verdictRows().map((row) => ({
    row,
    one: {
      name: `${row.sample} ${row.args}`.trim(),
      program: programOf(row, onGuest(row.machine)),
      whiles: USUAL_DISTURBANCES,
    } satisfies Case,
  }));
}

/** A replay with the cases that it is of. */
export interface Named {
  readonly names: string[];
  readonly replay: Replay;
}

/** What checking a case came to, and what there is to replay: every violation, or samples of a case that is safe. */
export function ask({ program, whiles, once, name }: Case, machine: KernelState): CheckResult & { replays: Named[] } {
  const options: CheckOptions = {
    while: new Set(whiles),
    stated: [],
    once,
    mostStates: 1_000_000,
    samples: SAMPLES,
    replays: true,
  };
  const result = check([program], machine, options);
  const replays = [
    ...result.violations.map(({ property, replay }): Named => ({ names: [`${name}: ${property}`], replay: replay! })),
    ...(result.verdict === 'safe' ? result.samples : []).map(
      (replay, i): Named => ({ names: [`${name}: interleaving ${i + 1}`], replay }),
    ),
  ];
  return { ...result, replays: distinct(replays) };
}

/** Replays that do the same to the same kernel, once. */
export function distinct(all: readonly Named[]): Named[] {
  const found = new Map<string, Named>();
  for (const { names, replay } of all) {
    const key = keyOf(replay);
    const known = found.get(key);
    if (known) known.names.push(...names);
    else found.set(key, { names: [...names], replay });
  }
  return [...found.values()];
}

function keyOf({ start, steps }: Replay): string {
  const acts = steps.flatMap((step) => step.acts.map(({ event }) => event));
  return JSON.stringify([start.drivers.map(({ name }) => name), acts]);
}

/** Why a replay cannot be done to the guest, or null: what it takes that the guest does not have. */
export function missingFor({ start, steps }: Replay): string | null {
  const known = new Set(start.evidence.map((one) => JSON.stringify(one)));
  const assumed = steps.flatMap(({ after }) => after.evidence).find((one) => !known.has(JSON.stringify(one)));
  if (assumed) return `whether ${assumed.driver} takes ${assumed.device} is not known`;
  const acts = steps.flatMap((step) => step.acts);
  for (const [i, { event, result }] of acts.entries()) {
    if (result.kind === 'unknown') return `${eventText(event)}: ${result.why}`;
    if (event.kind === 'plug' && !PORTS.some(({ device }) => device === event.device))
      return `there is no port for ${event.device}`;
    if (event.kind === 'unplug') return `${event.device} cannot be unplugged`;
    if (event.kind === 'unload' && result.kind === 'blocks') return `unloading ${event.module} waits`;
    if (event.kind === 'openCdev') return `${eventText(event)}: no kernel of Debian's has it`;
    // Workers probe when they like: a trace can say when only if nothing else is done meanwhile.
    if (event.kind === 'asyncProbe' && !['load', 'write', 'plug', 'asyncProbe'].includes(acts[i - 1]?.event.kind ?? ''))
      return `${eventText(event)}: at a time of the kernel's choice`;
  }
  return null;
}
