import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  findDevice,
  groupMembers,
  groupStatus,
  type KernelEvent,
  type KernelState,
  readAttribute,
  resultWord,
  step,
} from '../../src/driver-core/index.ts';
import { experimentMachine, type SeenDevice } from './machine.ts';
import { type Line, parseTranscript } from './transcript.ts';

interface Replay {
  readonly compared: { readonly [kind: string]: number };
  readonly differences: readonly string[];
}

/** Plays every line of a transcript and compares what the model says with what the kernel did. */
function replay(release: string, lines: readonly Line[]): Replay {
  const seen = lines.filter((l): l is Line & SeenDevice => l.kind === 'device');
  const e1000e = seen.filter((d) => d.modalias.includes('d000010D3')).map((d) => d.name);
  const e1000 = seen.filter((d) => d.modalias.includes('d0000100E')).map((d) => d.name);
  const cards: { [letter: string]: string } = { A: e1000e[0]!, B: e1000e.at(-1)!, C: e1000[0]!, D: e1000.at(-1)! };
  let state: KernelState = experimentMachine(release, seen);
  let held: Extract<Line, { kind: 'open' }> | null = null;
  const compared: { [kind: string]: number } = {};
  const differences: string[] = [];
  const compare = (kind: string, at: number, want: unknown, got: unknown) => {
    compared[kind] = (compared[kind] ?? 0) + 1;
    if (JSON.stringify(want) !== JSON.stringify(got))
      differences.push(`line ${at} ${JSON.stringify(lines[at]).slice(0, 200)}: kernel ${want}, model ${got}`);
  };
  const apply = (event: KernelEvent): string => {
    const before = JSON.stringify(state, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
    const transition = step(state, event);
    expect(JSON.stringify(state, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))).toBe(before);
    state = transition.state;
    return resultWord(transition.result);
  };
  const driverOf = (name: string) => findDevice(state, 'pci', cards[name] ?? name)?.driver;
  const close = () => {
    if (held) apply({ kind: 'close', group: held.group });
    held = null;
  };

  for (const [at, line] of lines.entries()) {
    if (held && !held.held && line.kind !== 'status' && line.kind !== 'call') close();
    switch (line.kind) {
      case 'section':
        close();
        break;
      case 'write': {
        const said = apply({ kind: 'write', path: line.path, data: line.data });
        if (said === 'blocks') {
          // the holder lets go after its seconds, and the write returns then
          close();
          expect(state.waiting).toEqual([]);
          compare('write', at, line.result, 'ok');
        } else compare('write', at, line.result, said);
        break;
      }
      case 'load':
        compare(line.kind, at, line.result, apply({ kind: line.kind, module: line.module }));
        break;
      case 'unload':
        compare(line.kind, at, line.result, apply({ kind: line.kind, module: line.module, alone: true }));
        break;
      case 'override':
      case 'overrideLength': {
        const inT7 = lines.slice(0, at).some((l) => l.kind === 'section' && l.text.startsWith('=== T7'));
        const shown = readAttribute(state, `bus/pci/devices/${inT7 ? cards.D : cards.A}/driver_override`).data;
        if (line.kind === 'override') compare('override', at, line.shown, shown);
        else compare('override', at, line.bytes, shown.length);
        break;
      }
      case 'drivers': {
        const inT7 = lines.slice(0, at).some((l) => l.kind === 'section' && l.text.startsWith('=== T7'));
        if (inT7) compare('override', at, 'vfio-pci', findDevice(state, 'pci', cards.D!)?.override);
        else for (const [name, driver] of line.drivers) compare('driver', at, driver, driverOf(name));
        break;
      }
      case 'autoprobe':
        compare('autoprobe', at, `${line.on ? 1 : 0}\n`, readAttribute(state, 'bus/pci/drivers_autoprobe').data);
        break;
      case 'groupType': {
        const group = findDevice(state, 'pci', cards.C!)?.group;
        compare('type', at, `${line.type}\n`, readAttribute(state, `kernel/iommu_groups/${group}/type`).data);
        break;
      }
      case 'devNodes': {
        const nodes = state.groups.filter((g) => groupMembers(state, g.id).some((d) => d.driver === 'vfio-pci'));
        compare(
          'nodes',
          at,
          line.groups,
          nodes.map((g) => g.id),
        );
        break;
      }
      case 'open':
        compare('open', at, 'ok', apply({ kind: 'open', group: line.group, by: 'grp' }));
        held = line;
        break;
      case 'status':
        compare('status', at, line.flags, groupStatus(state, held!.group));
        break;
      case 'call': {
        const { group, device } = held!;
        const event: KernelEvent =
          line.call === 'getDevice' ? { kind: 'getDevice', group, device } : { kind: line.call, group };
        compare(line.call, at, line.result, apply(event));
        break;
      }
    }
  }
  return { compared, differences };
}

const text = (release: string) => readFileSync(new URL(`kernel-transcript-${release}.txt`, import.meta.url), 'latin1');

/** Results in each transcript; load, write and unload are the lines that begin so. */
const RESULTS = {
  write: 96,
  unload: 3,
  driver: 33,
  override: 14,
  autoprobe: 2,
  nodes: 2,
  type: 1,
  open: 7,
  status: 7,
  setContainer: 7,
  setIommu: 4,
  getDevice: 4,
};

for (const [release, load] of [
  ['6.1', 14],
  ['6.12', 13],
] as const)
  test(`step answers every result of the ${release} kernel's transcript as that kernel did`, () => {
    const { compared, differences } = replay(release, parseTranscript(text(release)));
    expect(differences).toEqual([]);
    expect(compared).toEqual({ ...RESULTS, load });
    for (const kind of ['load', 'write', 'unload'] as const)
      expect(text(release).match(new RegExp(`^${kind} `, 'gm'))).toHaveLength(compared[kind]!);
  });
