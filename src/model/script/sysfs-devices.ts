import { type Device, findDevice, type KernelState } from '../../driver-core/index.ts';
import { DEVICES } from '../../driver-core/lists/devices.ts';
import type { Standing } from '../../driver-core/lists/indexed.ts';
import { Remembered } from '../../driver-core/lists/remembered.ts';
import { deviceFiles, devicePath } from './sysfs-device.ts';
import { ABSENT, type Directory, directory, lookedUp } from './sysfs-tree.ts';

/** A directory of devices/: where in the list of devices those stand whose it is, and the directories below it. */
interface Branch {
  readonly own: number[];
  readonly below: Map<string, Branch>;
}

/** The tree of all devices, whether the kernel knows them or not; it changes only with their names and parents. */
const TREES = new Remembered(({ list: devices }: Standing<Device>): Branch => {
  const tree: Branch = { own: [], below: new Map() };
  for (const [at, { bus, name }] of devices.entries()) {
    let branch = tree;
    for (const part of devicePath({ devices }, bus, name).split('/').slice(1)) {
      let next = branch.below.get(part);
      if (!next) {
        next = { own: [], below: new Map() };
        branch.below.set(part, next);
      }
      branch = next;
    }
    branch.own.push(at);
  }
  return tree;
});

/** The tree below devices/: each device lies in the directory of its parent. */
export function devicesDirectory(kernel: KernelState): Directory {
  return branchDirectory(kernel, TREES.of(DEVICES.standing(kernel.devices)), 'pci');
}

const PCI_NAME = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** A directory of the tree. Every root of the PCI bus has devices: with `told`, all names that begin so are known. */
function branchDirectory(kernel: KernelState, { own, below }: Branch, told?: string): Directory {
  const last = own.map((at) => kernel.devices[at]!).findLast(({ present }) => present);
  const device = last && findDevice(kernel, last.bus, last.name);
  return lookedUp(
    () => [...below.keys()].filter((name) => isKnown(kernel, below.get(name)!)),
    (name) => {
      const branch = below.get(name);
      // A name that only a PCI function can have is that of one, or nothing is there.
      if (!branch) return PCI_NAME.test(name) ? ABSENT : undefined;
      if (isKnown(kernel, branch)) return branchDirectory(kernel, branch);
      return branch.own.length > 0 ? ABSENT : undefined;
    },
    // A physical function has the links of its virtual ones, whatever else there is.
    () => directory(device ? deviceFiles(kernel, device) : {}, true, device?.pci ? 'virtfn' : told),
  );
}

/** Whether the kernel knows a device in a directory or below it. */
function isKnown(kernel: KernelState, { own, below }: Branch): boolean {
  const isPresent = (at: number) => (kernel.devices[at] as Device).present;
  return own.some(isPresent) || [...below.values()].some((branch) => isKnown(kernel, branch));
}
