import { type GroupMember, pciBridge } from './device.ts';

/**
 * Why devices share a group, as far as their places tell. The kernel puts together what it cannot tell apart or keep apart
 * (iommu.c:pci_device_group): everything behind a bridge that uses one requester id, functions of a device without ACS,
 * everything below a port without ACS.
 */
export function acsNotes(members: readonly GroupMember[]): string[] {
  const pci = members.filter((member) => member.bus === 'pci');
  if (pci.length < 2) return [];
  const notes: string[] = [];
  for (const bridge of pci.filter((member) => pciBridge(member) === 'bus')) {
    const behind = pci.filter((member) => member.path.startsWith(`${bridge.path}/`));
    if (behind.length > 0) {
      notes.push(
        `${bridge.name} does not isolate what is behind it (${count(behind.length, 'device')} of this group): a conventional PCI bridge, or a port without ACS`,
      );
    }
  }
  const slots = new Map<string, GroupMember[]>();
  for (const member of pci) {
    const slot = member.path.slice(0, member.path.lastIndexOf('.'));
    slots.set(slot, [...(slots.get(slot) ?? []), member]);
  }
  for (const [slot, functions] of slots) {
    if (functions.length < 2) continue;
    notes.push(
      `${slot.slice(slot.lastIndexOf('/') + 1)} has ${functions.length} functions in this group: no ACS between them`,
    );
  }
  return notes;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
