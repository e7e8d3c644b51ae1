import type { Device } from '../sysfs/device.ts';
import type { Tree } from '../sysfs/tree.ts';

/** What is known about the files in /dev of a driver's devices that sysfs does not show below them. */
interface DriverNodes {
  /** Files of the device, and those that all devices of the driver share. */
  readonly nodes: (proc: Tree, device: Device) => readonly string[];
  /** Their numbers, `195:0`, or `508:*` for all of a major number: in a container they may have any name. */
  readonly numbers?: (proc: Tree, device: Device) => readonly string[];
  /** A service that keeps devices of the driver open: the name of its process, as `comm` has it, and its unit. */
  readonly service?: { readonly comm: string; readonly unit: string };
  /** Where this is known from. */
  readonly source: string;
}

/** By the driver's name. */
const KNOWN: Readonly<Record<string, DriverNodes>> = {
  nvidia: {
    nodes: (proc, device) => [
      ...nvidiaMinors(proc, device).map((minor) => `/dev/nvidia${minor}`),
      ...['nvidiactl', 'nvidia-modeset', 'nvidia-uvm', 'nvidia-uvm-tools'].map((name) => `/dev/${name}`),
    ],
    numbers: (proc, device) =>
      [...(proc.read('devices') ?? '').matchAll(/^ *(\d+) nvidia\S*$/gm)].flatMap(([, major]) =>
        major === NVIDIA_MAJOR
          ? [...nvidiaMinors(proc, device), ...NVIDIA_SHARED].map((minor) => `${major}:${minor}`)
          : `${major}:*`,
      ),
    service: { comm: 'nvidia-persiste', unit: 'nvidia-persistenced' },
    source:
      'NVIDIA/open-gpu-kernel-modules kernel-open/nvidia/nv-procfs.c:nv_procfs_read_gpu_info, nv.c:nvidia_init_module',
  },
  // Its character device is one for all cards, and has no parent.
  amdgpu: { nodes: () => ['/dev/kfd'], source: 'drivers/gpu/drm/amd/amdkfd/kfd_chardev.c:kfd_chardev_init' },
};

/** The cards, nvidiactl and nvidia-modeset; the other files have numbers that the kernel gives them. */
const NVIDIA_MAJOR = '195';
const NVIDIA_SHARED = ['254', '255'];

/** The most cards that are looked for where proc does not say which one a card is. */
const MOST_CARDS = 32;

/** `Device Minor: 0` is that of /dev/nvidia0. Where the file is missing, it may be any. */
function nvidiaMinors(proc: Tree, { name }: Device): string[] {
  const text = proc.read(`driver/nvidia/gpus/${name}/information`) ?? '';
  const minor = /^Device Minor:\s*(\d{1,5})\s*$/m.exec(text)?.[1];
  return minor === undefined ? Array.from({ length: MOST_CARDS }, (_, index) => String(index)) : [minor];
}

function known({ driver }: Device): DriverNodes | undefined {
  return driver !== null && Object.hasOwn(KNOWN, driver) ? KNOWN[driver] : undefined;
}

/** The files in /dev of a device that only its driver's name leads to: their names, and numbers as `195:0`. */
export function driverNodes(proc: Tree, device: Device): readonly string[] {
  const found = known(device);
  return [...(found?.nodes(proc, device) ?? []), ...(found?.numbers?.(proc, device) ?? [])];
}

/** The service that keeps devices of the device's driver open; undefined if none is known. */
export function driverService(device: Device): DriverNodes['service'] {
  return known(device)?.service;
}

/**
 * The files in sysfs with which a process can drive a PCI device past its driver: its memory, its ports and its
 * configuration (drivers/pci/pci-sysfs.c:pci_create_attr, pci_config_attr). As paths of the running system.
 */
export function sysfsFiles(sysfs: Tree, { bus, path }: Device): string[] {
  if (bus !== 'pci') return [];
  return sysfs
    .list(path)
    .flatMap((name) => (/^(?:config|rom|resource\d+(?:_wc)?)$/.test(name) ? `/sys/${path}/${name}` : []));
}
