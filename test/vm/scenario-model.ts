import { readFileSync } from 'node:fs';
import { type KernelEvent, step } from '../../src/driver-core/index.ts';
import { parseTranscript } from '../driver-core/transcript.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import { Live } from './live.ts';
import type { Report } from './report.ts';

/** The experiment of the transcripts again, each step predicted by the model and then done to the running kernel. */
export async function experiment(guest: Guest, kernel: Kernel, report: Report): Promise<void> {
  const live = await Live.start(guest, report, kernel.release);
  const file = new URL(`../driver-core/kernel-transcript-${kernel.series}.txt`, import.meta.url);
  const lines = parseTranscript(readFileSync(file, 'latin1'));
  const shared = live.state.devices.find((d) => d.name === '0000:04:01.0')!.group!;
  let keep = false;
  for (const line of lines) {
    if (line.kind === 'section' && keep) {
      keep = false;
      await live.close();
    }
    if (line.kind === 'write')
      await live.do({ ...line, path: line.path.replace(/iommu_groups\/\d+/, `iommu_groups/${shared}`) });
    else if (line.kind === 'load' || line.kind === 'unload') await live.do({ kind: line.kind, module: line.module });
    else if (line.kind === 'open') {
      await live.open(shared, line.device);
      keep = line.held;
      if (!keep) await live.close();
    }
  }
  await live.close();
}

/** A small generator of repeatable numbers (mulberry32). */
function numbers(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Events in an order that nobody thought of, on four cards, two of which share a group: the model must foresee each.
 * Native drivers are not forced onto cards that they do not know, which only they could answer.
 */
export async function randomEvents(
  guest: Guest,
  kernel: Kernel,
  report: Report,
  seed: number,
  count: number,
): Promise<void> {
  const live = await Live.start(guest, report, kernel.release);
  const next = numbers(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const cards = ['0000:01:00.0', '0000:02:00.0', '0000:04:01.0', '0000:04:02.0'];
  const drivers = ['vfio-pci', 'pci-stub', 'pci-pf-stub', 'e1000e', 'e1000'];
  const write = (path: string, data: string): KernelEvent => ({ kind: 'write', path: `bus/pci/${path}`, data });
  const ids = [
    '8086 10d3',
    '8086 100e',
    '8086 10d3 8086 0',
    '8086',
    '8086 10d3 ffffffff ffffffff 0 0 0',
    '1234 1111 x',
  ];
  const overrides = ['vfio-pci\n', 'pci-stub', 'pci-pf-stub', '\n', 'vfio_pci', ''];
  const shared = cards.slice(2);
  const parameters = ['vfio/parameters/enable_unsafe_noiommu_mode', 'vfio_pci/parameters/disable_denylist'];
  const makers: readonly (() => KernelEvent | null)[] = [
    () => write(`devices/${pick(cards)}/driver_override`, pick(overrides)),
    () => write(`devices/${pick(cards)}/driver/unbind`, pick(cards)),
    () => write(`drivers/${pick(drivers)}/${pick(cards)}/driver_override`, pick(overrides)),
    () => write(`devices/${pick(shared)}/iommu_group/devices/${pick(shared)}/driver_override`, pick(overrides)),
    () =>
      next() < 0.3
        ? { kind: 'write', path: `module/${pick(parameters)}`, data: pick(['Y', '0\n', 'on', 'x', '']) }
        : null,
    () => write(`drivers/${pick(drivers)}/bind`, pick(cards)),
    () => write(`drivers/${pick(drivers)}/unbind`, `${pick(cards)}\n`),
    () => write('drivers_probe', pick(cards)),
    () => write(`drivers/${pick(['vfio-pci', 'pci-stub'])}/new_id`, pick(ids)),
    () => write(`drivers/${pick(['vfio-pci', 'pci-stub'])}/remove_id`, pick(ids)),
    () => (next() < 0.4 ? write('drivers_autoprobe', pick(['0', '1'])) : null),
    () => (next() < 0.3 ? write(`devices/${pick(cards)}/remove`, '1') : write('rescan', '1')),
    () =>
      next() < 0.3 ? { kind: pick(['load', 'unload']), module: pick(['pci_stub', 'pci_pf_stub', 'e1000']) } : null,
  ];
  for (const module of ['e1000e', 'e1000', 'vfio_pci', 'vfio_iommu_type1', 'pci_stub', 'pci_pf_stub'])
    await live.do({ kind: 'load', module });
  for (let i = 0; i < count; ) {
    const group = live.state.devices.find((d) => d.name === '0000:04:01.0')!;
    if (live.holding !== null && next() < 0.15) await live.close();
    else if (live.holding === null && group.driver === 'vfio-pci' && next() < 0.3) {
      await live.open(group.group!, group.name);
      continue;
    }
    const event = pick(makers)();
    // what the model does not know may end the machine
    if (!event || step(live.state, event).result.kind === 'unknown') continue;
    await live.do(event);
    i++;
  }
  await live.close();
}
