import type { Device, Evidence, KernelState } from '../../driver-core/index.ts';

/**
 * The machine with a device of the same ids as each of these, which is not plugged in yet: those that it has already,
 * or new ones in groups of their own. What drivers do with a device they do with its twin.
 */
export function withTwins(
  state: KernelState,
  devices: readonly Device[],
): { readonly state: KernelState; readonly twins: readonly Device[] } {
  const twins: Device[] = [];
  const seen = new Set<string>();
  let now = state;
  for (const device of devices) {
    const ids = idsOf(device);
    if (device.bus !== 'pci' || !device.pci || ids === null || seen.has(ids)) continue;
    seen.add(ids);
    const absent = now.devices.find((one) => !one.present && idsOf(one) === ids);
    if (absent) {
      twins.push(absent);
      continue;
    }
    const group = freeGroup(now);
    const twin: Device = {
      ...device,
      name: freeAddress(now),
      parent: null,
      plugged: false,
      present: false,
      matchReady: false,
      override: null,
      driver: null,
      group: device.group === null ? null : group,
      pci: { ...device.pci, numVfs: 0, physfn: null },
    };
    now = {
      ...now,
      devices: [...now.devices, twin],
      groups:
        device.group === null
          ? now.groups
          : [...now.groups, { id: group, bus: device.bus, type: 'DMA', direct: false, file: null }],
      evidence: [...now.evidence, ...sameEvidence(now, device, twin.name)],
    };
    twins.push(twin);
  }
  return { state: now, twins };
}

/** The bus of a PCI device and its ids, as far as drivers look at them: what those have in common that are alike. */
export function idsOf({ bus, pci }: Device): string | null {
  if (pci === null) return null;
  const { vendor, device, subvendor, subdevice, class: code } = pci;
  return [bus, vendor, device, subvendor, subdevice, code].join(':');
}

function sameEvidence({ evidence }: KernelState, { bus, name }: Device, twin: string): Evidence[] {
  return evidence.flatMap((one) => (one.bus === bus && one.device === name ? { ...one, device: twin } : []));
}

function freeAddress({ devices }: KernelState): string {
  const used = new Set(devices.map(({ name }) => name));
  for (let bus = 0x40; ; bus++) {
    const name = `0000:${bus.toString(16).padStart(2, '0')}:00.0`;
    if (!used.has(name)) return name;
  }
}

function freeGroup({ groups }: KernelState): string {
  const used = groups.map(({ id }) => Number(id)).filter(Number.isInteger);
  return String(Math.max(99, ...used) + 1);
}
