import { type GroupMember, pciBridge, readMember } from './device.ts';
import type { Tree } from './tree.ts';

/** What else is on the card of a PCI function, and how the function is reset. */
export interface Card {
  /** Name of the function. */
  readonly device: string;
  /** The other functions of its slot, virtual ones left out; none for a virtual function. */
  readonly functions: readonly GroupMember[];
  readonly reset: Reset;
}

export interface Reset {
  /**
   * How the kernel would reset the function alone, in its order: `flr`, `pm`, `bus` (drivers/pci/pci.c:
   * pci_reset_fn_methods). Empty if it cannot; null where that is not shown: by kernels before 5.15, and in copies of
   * a sysfs that lack the files.
   */
  readonly methods: readonly string[] | null;
  /** Names of the other functions that a reset of its bus reaches. */
  readonly reaches: readonly string[];
}

const ADDRESS = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Reads the card of the PCI function at a path with links resolved. */
export function readCard(sysfs: Tree, path: string): Card {
  const cut = path.lastIndexOf('/');
  const bus = path.slice(0, cut);
  const device = path.slice(cut + 1);
  // Behind a bridge the bus is its own directory's; a root bus has no reset.
  const onBus = sysfs.directories(bus).filter((name) => ADDRESS.test(name) && name !== device);
  const behindBridge = ADDRESS.test(bus.slice(bus.lastIndexOf('/') + 1));
  const isVirtual = (at: string) => sysfs.exists(`${at}/physfn`);
  const slot = device.slice(0, -1);
  const functions = isVirtual(path)
    ? []
    : onBus.filter((name) => name.startsWith(slot) && !isVirtual(`${bus}/${name}`));
  return {
    device,
    functions: functions
      .map((name) => readMember(sysfs, `${bus}/${name}`, sysfs.linkName(`${bus}/${name}/iommu_group`) ?? null))
      .filter((member) => pciBridge(member) === 'none'),
    reset: { methods: resetMethods(sysfs, path), reaches: behindBridge ? onBus : [] },
  };
}

/**
 * One line of words (drivers/pci/pci.c:reset_method_show), empty where a user has removed them. A function that cannot
 * be reset alone has neither this file nor `reset` (pci.c:pci_dev_reset_method_attr_is_visible); kernels before 5.15
 * have only the latter.
 */
function resetMethods(sysfs: Tree, path: string): string[] | null {
  const text = sysfs.attribute(`${path}/reset_method`);
  if (text !== undefined) return text.match(/[a-z_]+/g) ?? [];
  const hasFile = (at: string) => sysfs.exists(`${at}/reset_method`) || sysfs.exists(`${at}/reset`);
  if (hasFile(path)) return null;
  const shown = sysfs.list('bus/pci/devices').some((name) => hasFile(`bus/pci/devices/${name}`));
  return shown ? [] : null;
}
