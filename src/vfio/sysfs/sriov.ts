import type { SriovFacts } from '../../driver-core/index.ts';
import { functionName } from '../../driver-core/sriov.ts';
import { type GroupMember, isUnbinding } from './device.ts';
import type { Tree } from './tree.ts';

/** The virtual functions of a physical one, and whether drivers may take new ones. */
export interface Vfs {
  /** Their names, in the order of their virtfn links. */
  readonly functions: readonly string[];
  /** The value of sriov_drivers_autoprobe. */
  readonly autoprobe: boolean;
}

/** The SR-IOV capability of the PCI function at a path; null where the kernel shows none, or only a part. */
export function readSriov(sysfs: Tree, path: string): SriovFacts | null {
  return parseSriov((name) => sysfs.line(`${path}/${name}`));
}

/** The SR-IOV capability that files show, by their names. */
export function parseSriov(file: (name: string) => string | undefined): SriovFacts | null {
  const text = (name: string) => file(`sriov_${name}`) ?? '';
  const [totalVfs, offset, stride] = ['totalvfs', 'offset', 'stride'].map((name) => Number(text(name) || Number.NaN));
  const vfDevice = Number.parseInt(text('vf_device'), 16);
  const facts = { totalVfs: totalVfs!, offset: offset!, stride: stride!, vfDevice };
  return Object.values(facts).every((value) => Number.isInteger(value) && value >= 0 && value <= 0xffff) ? facts : null;
}

/**
 * How many virtual functions are enabled. While a removal waits for a process that holds one of them, reading
 * sriov_numvfs would wait with it (drivers/pci/iov.c:sriov_numvfs_show takes the device's lock), so links are counted.
 */
export function readNumVfs(sysfs: Tree, path: string): number {
  const links = virtualLinks(sysfs, path);
  if (links.some((link) => isUnbinding(sysfs, `${path}/${link}`))) return links.length;
  const count = Number(sysfs.line(`${path}/sriov_numvfs`) ?? 0);
  return Number.isInteger(count) && count > 0 ? count : 0;
}

/**
 * The virtual functions of the PCI function at a path. No file is read that a removal which waits would hold up. Such a
 * removal has taken the link of a function that still exists (drivers/pci/iov.c:pci_iov_remove_virtfn), so those whose
 * names are `known` are looked for as well.
 */
export function readVfs(sysfs: Tree, path: string, known: readonly string[] = []): Vfs {
  const linked = virtualLinks(sysfs, path).flatMap((link) => sysfs.linkName(`${path}/${link}`) ?? []);
  const left = known.filter((name) => !linked.includes(name) && sysfs.exists(siblingPath(path, name)));
  return { functions: [...linked, ...left], autoprobe: sysfs.line(`${path}/sriov_drivers_autoprobe`) !== '0' };
}

function virtualLinks(sysfs: Tree, path: string): string[] {
  const number = (link: string) => Number(link.slice('virtfn'.length));
  const links = sysfs.list(path).filter((name) => /^virtfn\d+$/.test(name));
  return links.sort((a, b) => number(a) - number(b));
}

/** Where a virtual function is: beside its physical one (drivers/pci/iov.c:pci_iov_add_virtfn). */
export function siblingPath(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}

/** A virtual function that does not exist yet. */
export type PredictedFunction = Pick<GroupMember, 'name' | 'path' | 'modalias' | 'class'>;

/**
 * The virtual functions that a physical one would get: addresses by its offset and stride, which may be others once
 * there are some (SR-IOV specification 3.3.10), ids by its vendor and sriov_vf_device. Class and subsystem vendor are
 * the physical function's, its subsystem's device may be another (3.4.1).
 */
export function predictFunctions(physfn: GroupMember, facts: SriovFacts, count: number): PredictedFunction[] {
  const device = facts.vfDevice.toString(16).toUpperCase().padStart(8, '0');
  const modalias = physfn.modalias?.replace(/^(pci:v[0-9A-F]{8}d)[0-9A-F]{8}/, `$1${device}`) ?? null;
  return Array.from({ length: count }, (_, index) => {
    const name = functionName(physfn.name, facts, index);
    return { name, path: siblingPath(physfn.path, name), modalias, class: physfn.class };
  });
}
