import { readFileSync } from 'node:fs';
import { type KernelEvent, possibleDrivers, step } from '../../src/driver-core/index.ts';
import { parseTranscript } from '../driver-core/transcript.ts';
import type { Guest } from './guest.ts';
import type { Kernel } from './kernel.ts';
import { Live } from './live.ts';
import type { Report } from './report.ts';
import { type Card, startCard } from './scenario-functions.ts';
import type { Scenario } from './scenarios.ts';

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
    else if (line.kind === 'load') await live.do({ kind: 'load', module: line.module });
    else if (line.kind === 'unload') await live.do({ kind: 'unload', module: line.module, alone: true });
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

const write = (path: string, data: string): KernelEvent => ({ kind: 'write', path: `bus/pci/${path}`, data });

/** What makes an event, or none this time. */
type Maker = () => KernelEvent | null;
type Pick = <T>(from: readonly T[]) => T;

const OVERRIDES = ['vfio-pci\n', 'pci-stub', 'pci-pf-stub', '\n', 'vfio_pci', ''];

/**
 * Events of four cards, two of which share a group. Linux 6.1 stops where such a group is opened after one of its cards
 * was removed (drivers/iommu/intel/iommu.c:device_block_translation), so only the others are `removable` there.
 */
function ofCards(cards: readonly string[], removable: readonly string[], next: () => number, pick: Pick): Maker[] {
  const drivers = ['vfio-pci', 'pci-stub', 'pci-pf-stub', 'e1000e', 'e1000'];
  const ids = [
    '8086 10d3',
    '8086 100e',
    '8086 10d3 8086 0',
    '8086',
    '8086 10d3 ffffffff ffffffff 0 0 0',
    '1234 1111 x',
  ];
  const shared = cards.slice(2);
  const parameters = ['vfio/parameters/enable_unsafe_noiommu_mode', 'vfio_pci/parameters/disable_denylist'];
  return [
    () => write(`devices/${pick(cards)}/driver_override`, pick(OVERRIDES)),
    () => write(`devices/${pick(cards)}/driver/unbind`, pick(cards)),
    () => write(`drivers/${pick(drivers)}/${pick(cards)}/driver_override`, pick(OVERRIDES)),
    () => write(`devices/${pick(shared)}/iommu_group/devices/${pick(shared)}/driver_override`, pick(OVERRIDES)),
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
    () => (next() < 0.3 ? write(`devices/${pick(removable)}/remove`, '1') : write('rescan', '1')),
    () => (next() < 0.2 ? write(`devices/${pick(cards.slice(0, 2))}/reset`, pick(['0', 'x', '2\n'])) : null),
    () =>
      next() < 0.3 ? { kind: pick(['load', 'unload']), module: pick(['pci_stub', 'pci_pf_stub', 'e1000']) } : null,
  ];
}

/**
 * Events of a card with SR-IOV: its functions are made and removed, bound and unbound, and the card moves between its
 * driver and vfio-pci. A card is not removed while it has functions, which stops the kernel (drivers/pci/iov.c:
 * sriov_release).
 */
function ofFunctions({ name, driver, functions, most, takes }: Card, next: () => number, pick: Pick): Maker[] {
  const probing = takes === null ? ['0', 'n\n', 'off', 'x'] : ['0', '1\n', 'on', 'x'];
  const any = [name, ...functions];
  const drivers = ['vfio-pci', 'pci-stub', driver, ...(takes === null ? [] : [takes])];
  return [
    () => write(`devices/${name}/sriov_numvfs`, pick(['0', '1', '2\n', '0', String(most + 1), 'x'])),
    () => write(`devices/${name}/sriov_numvfs`, pick(['1', '2'])),
    () => (next() < 0.5 ? write(`devices/${name}/sriov_drivers_autoprobe`, pick(probing)) : null),
    () => write(`devices/${pick(functions)}/driver_override`, pick(OVERRIDES)),
    () => write(`drivers/${pick(drivers)}/bind`, pick(any)),
    () => write(`devices/${pick(any)}/driver/unbind`, pick(any)),
    () => write('drivers_probe', pick(any)),
    () => (next() < 0.3 ? write(`devices/${name}/driver_override`, pick(['vfio-pci', '\n'])) : null),
  ];
}

/**
 * Events of a disk of the same id, whose driver probes asynchronously: from 6.19 on other drivers are offered it first
 * when it is found.
 */
function ofDisk(disk: string, next: () => number, pick: Pick): Maker[] {
  return [
    () => write(`drivers/${pick(['vfio-pci', 'pci-stub'])}/${pick(['new_id', 'remove_id'])}`, '1b36 10'),
    () => (next() < 0.5 ? write(`devices/${disk}/remove`, '1') : write('rescan', '1')),
    () => write(`drivers/${pick(['nvme', 'vfio-pci'])}/${pick(['bind', 'unbind'])}`, disk),
  ];
}

/**
 * Events in an order that nobody thought of, on four cards and one that has virtual functions: the model must foresee
 * each. Native drivers are not forced onto cards that they do not know, which only they could answer.
 */
export function randomEvents(card: Card, loaded: readonly string[], seed: number, count: number): Scenario {
  return async (guest, kernel, report) => {
    await startCard(card, loaded)(guest, kernel, report);
    const live = await Live.start(guest, report, kernel.release, loaded);
    const next = numbers(seed);
    const pick: Pick = (from) => from[Math.floor(next() * from.length)]!;
    const cards = ['0000:01:00.0', '0000:02:00.0', '0000:04:01.0', '0000:04:02.0'];
    const disk = loaded.includes('nvme') ? ofDisk('0000:06:00.0', next, pick) : [];
    const removable = kernel.series === '6.1' ? cards.slice(0, 2) : cards;
    const makers = [...ofCards(cards, removable, next, pick), ...ofFunctions(card, next, pick), ...disk];
    for (const module of ['e1000e', 'e1000', 'vfio_pci', 'vfio_iommu_type1', 'pci_stub', 'pci_pf_stub'])
      await live.do({ kind: 'load', module });
    // Native drivers of functions that have no resources may wait long for these.
    if (card.takes === null) await live.do(write(`devices/${card.name}/sriov_drivers_autoprobe`, '0'));
    for (let i = 0; i < count; ) {
      const group = live.state.devices.find((d) => d.name === '0000:04:01.0')!;
      if (live.holding !== null && next() < 0.15) await live.close();
      else if (live.holding === null && group.driver === 'vfio-pci' && next() < 0.1) {
        await live.open(group.group!, group.name);
        continue;
      }
      const event = pick(makers)();
      // What the model does not know may end the machine.
      if (!event || isOpen(step(live.state, event))) continue;
      await live.plan(event);
      i++;
    }
    await live.flush();
    await live.close();
  };
}

/** Whether the model leaves open what comes of an event. */
function isOpen({ state, result }: ReturnType<typeof step>): boolean {
  return result.kind === 'unknown' || state.devices.some(({ driver }) => possibleDrivers(driver).length > 1);
}
