import {
  deviceId,
  type KernelEvent,
  type KernelState,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  resultWord,
  step,
} from '../../../src/driver-core/index.ts';
import { Ways } from '../../../src/model/script/ways.ts';
import type { Program } from '../../../src/model/script/program.ts';

/** Two network cards of the same id, each in a group of its own, on e1000e; vfio-pci and pci-stub can be loaded. */
export function twoLikeNics(release = '6.12'): KernelState {
  const e1000e = makeDriver('pci', 'e1000e', { module: 'e1000e', ids: [deviceId(0x8086, 0x10d3)] });
  const [vfio, stub] = [makeDriver('pci', 'vfio-pci'), makeDriver('pci', 'pci-stub')];
  const names = ['0000:01:00.0', '0000:02:00.0'];
  return makeKernel(release, {
    buses: [{ name: 'pci', autoprobe: true }],
    modules: [
      { name: 'e1000e', loaded: true, depends: [], drivers: [e1000e] },
      { name: 'vfio_pci', loaded: false, depends: [], drivers: [vfio] },
      { name: 'pci_stub', loaded: false, depends: [], drivers: [stub] },
    ],
    drivers: [e1000e],
    devices: names.map((name, i) =>
      makeDevice('pci', name, {
        driver: 'e1000e',
        group: `${i + 1}`,
        pci: pciFacts(0x8086, 0x10d3, { subvendor: 0x8086, subdevice: 0xa01f, class: 0x020000 }),
      }),
    ),
    groups: names.map((_name, i) => ({ id: `${i + 1}`, bus: 'pci', type: 'DMA', direct: false, file: null })),
    evidence: names.map((device) => ({ bus: 'pci', driver: 'e1000e', device, probe: 'ok' })),
  });
}

/**
 * What a program does alone: its events with their results, what it could not read, its status, the state it leaves.
 */
export interface Ran {
  readonly events: readonly KernelEvent[];
  /** `LINE: EVENT -> RESULT`, `LINE: read` and `LINE: unread TEXT`. */
  readonly lines: readonly string[];
  /** Null where it was not followed to its end. */
  readonly status: number | null;
  readonly kernel: KernelState;
}

const MOST_STEPS = 3000;

/** Runs a program to its end, alone. */
export function runAlone(program: Program, start: KernelState): Ran {
  const events: KernelEvent[] = [];
  const lines: string[] = [];
  let kernel = start;
  let at = program.start;
  const ways = new Ways();
  for (let i = 0; i < MOST_STEPS; i++) {
    const next = program.next(at, kernel);
    if (next.kind === 'end') return { events, lines, status: next.status, kernel };
    const { line } = next.place;
    if (next.kind === 'choice') {
      const way = ways.at(at, next);
      lines.push(`${line}: ${way.text}`);
      at = way.then;
      continue;
    }
    if (next.kind === 'read') {
      lines.push(`${line}: read`);
      at = next.then;
    } else if (next.kind === 'unread') {
      lines.push(`${line}: unread ${next.text}`);
      if (!next.then) return { events, lines, status: null, kernel };
      at = next.then;
    } else {
      const { state, result } = step(kernel, next.event);
      const { event } = next;
      const text =
        event.kind === 'write'
          ? `${JSON.stringify(event.data)} > ${event.path}`
          : `${event.kind} ${'module' in event ? event.module : ''}`;
      events.push(event);
      lines.push(`${line}: ${text} -> ${resultWord(result)}`);
      kernel = state;
      at = next.then(result);
    }
  }
  return { events, lines, status: null, kernel };
}
