import { type PciIds, pciIds, sameIds } from '../sysfs/pci-ids.ts';
import type { Tree } from '../sysfs/tree.ts';
import type { Plan, Warning } from './plan-types.ts';

/**
 * Why a plan's devices have no ids of their own: other PCI functions of the machine have the same
 * vendor, device and subsystem, and `ids=` of vfio-pci takes every one of them (vfio_pci.c:vfio_pci_fill_ids). Reads
 * every PCI function's modalias. `format` is what would hold the ids, for the message.
 */
export function twinProblems(sysfs: Tree, { devices }: Pick<Plan, 'devices'>, format: string): Warning[] {
  const planned = new Set(devices.map(({ name }) => name));
  const others = sysfs.list('bus/pci/devices').flatMap((name): { name: string; ids: PciIds }[] => {
    const ids = planned.has(name) ? null : pciIds(sysfs.line(`bus/pci/devices/${name}/modalias`) ?? null);
    return ids === null ? [] : [{ name, ids }];
  });
  return devices.flatMap(({ name, bus, modalias, before, after }): Warning[] => {
    const ids = bus === 'pci' && (after.driver ?? before.driver) === 'vfio-pci' ? pciIds(modalias) : null;
    const twins = ids === null ? [] : others.filter((other) => sameIds(other.ids, ids));
    if (twins.length === 0) return [];
    const message = `${twins.map((twin) => twin.name).join(', ')} has the same ids (${Object.values(ids!).join(':')}), and ${format} would take it too: use udev or driverctl, which go by address, or name it as well`;
    return [{ code: 'twin', about: name, message, blocks: 'always' }];
  });
}
