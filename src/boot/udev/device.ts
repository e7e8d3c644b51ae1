import { type PciIds, pciIds } from '../../vfio/sysfs/pci-ids.ts';
import type { Tree } from '../../vfio/sysfs/tree.ts';

/** A device as udev sees it when it handles an `add`. */
export interface UdevDevice {
  /** Name on its bus, `$kernel`. */
  readonly name: string;
  /** Below the sysfs root, such as `devices/pci0000:00/0000:01:00.0`. */
  readonly path: string;
  /** Its bus or class. */
  readonly subsystem: string;
  /** Its uevent's variables. */
  readonly uevent: ReadonlyMap<string, string>;
  /** An attribute, white space at its end left out; undefined where there is none. */
  readonly attribute: (name: string) => string | undefined;
  readonly exists: (path: string) => boolean;
  /** Devices around it, the nearest first. */
  readonly parents: () => readonly UdevDevice[];
}

/** Reads the device at a path of sysfs. */
export function udevDevice(sysfs: Tree, path: string): UdevDevice {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const subsystem = sysfs.linkName(`${path}/subsystem`) ?? '';
  const uevent = new Map(
    (sysfs.read(`${path}/uevent`) ?? '').split('\n').flatMap((line): [string, string][] => {
      const equals = line.indexOf('=');
      return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)]] : [];
    }),
  );
  // A recorded machine may lack uevent files.
  const modalias = sysfs.line(`${path}/modalias`);
  if (modalias !== undefined && !uevent.has('MODALIAS')) uevent.set('MODALIAS', modalias);
  uevent.set('SUBSYSTEM', subsystem).set('DEVPATH', `/${path}`).set('ACTION', 'add');
  const around: UdevDevice[] = [];
  let looked = false;
  return {
    name,
    path,
    subsystem,
    uevent,
    attribute: (attribute) =>
      (
        sysfs.attribute(`${path}/${attribute}`) ?? idAttribute(pciIds(uevent.get('MODALIAS') ?? null), attribute)
      )?.replace(/\s+$/, ''),
    exists: (at) => sysfs.exists(`${path}/${at}`),
    parents: () => {
      if (!looked)
        for (let up = parentOf(path); up.includes('/'); up = parentOf(up))
          if (sysfs.exists(`${up}/subsystem`)) around.push(udevDevice(sysfs, up));
      looked = true;
      return around;
    },
  };
}

/** Attributes of every PCI function that its modalias says too: a recorded machine may lack their files. */
export function idAttribute(ids: PciIds | null, attribute: string): string | undefined {
  const value = ids && {
    vendor: ids.vendor,
    device: ids.device,
    subsystem_vendor: ids.subvendor,
    subsystem_device: ids.subdevice,
  };
  return value && Object.hasOwn(value, attribute) ? `0x${value[attribute as keyof typeof value]}` : undefined;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
