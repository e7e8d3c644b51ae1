import type { Code } from '../codes.ts';
import { type Diagnostic, shortened } from '../errors.ts';
import { type Ids, type Likeness, likenessOf, modaliasOfIds } from '../lookup/likeness.ts';
import {
  type DeviceNames,
  deviceNames,
  devicesNamed,
  devicesWithIds,
  idsAt,
  modaliasesAt,
  placeOf,
  usbDevice,
} from '../vfio/sysfs/find-modaliases.ts';
import { Tree } from '../vfio/sysfs/tree.ts';

/** What a text without a match was understood to mean: the modaliases to look up instead, and the notes to print. */
export interface Understood {
  readonly modaliases: readonly string[];
  /** An error means that there can be no answer (exit status 2). */
  readonly diagnostics: readonly Diagnostic[];
}

const NOTHING: Understood = { modaliases: [], diagnostics: [] };

/** The machine whose devices are searched; each part is read once, for lists of thousands of texts. */
interface Machine {
  readonly tree: Tree;
  readonly names: () => DeviceNames;
}

/**
 * Understands texts as devices of the machine whose sysfs is given, which is read on first use. Undefined for a text
 * that looks like nothing known.
 */
export function understands(sysfs: string): (text: string) => Understood {
  let machine: Machine | undefined;
  return (text) => {
    const like = likenessOf(text);
    if (!like) return NOTHING;
    machine ??= machineAt(sysfs);
    return understand(machine, text, like);
  };
}

function machineAt(sysfs: string): Machine {
  const tree = new Tree(sysfs);
  let names: DeviceNames | undefined;
  return {
    tree,
    names() {
      names ??= deviceNames(tree);
      return names;
    },
  };
}

function understand(machine: Machine, text: string, like: Likeness): Understood {
  const { tree } = machine;
  const said = `'${shortened(text)}' is ${like.what}`;
  if (like.modalias !== undefined) return instead([like.modalias], `${said}; looking up ${like.modalias}`);
  const path = pathOf(machine, like);
  if (typeof path === 'object') return failed('ambiguous-device', `'${text}' is ambiguous: ${path.join(', ')}`);
  const here = path === undefined || isAnother(tree, path, like.ids) ? undefined : modaliasesAt(tree, path);
  if (here) {
    const from = `${tree.root}/${here.path}`;
    return instead(here.modaliases, `${said}; ${from} has the modalias ${here.modaliases.join(' and ')}`);
  }
  if (like.ids) {
    const of = like.device || like.usb ? ', of a device that this machine does not have' : '';
    return failed('ids', `${said}${of}, and ids alone are not enough: the class counts too. ${askFor(tree, like.ids)}`);
  }
  if (like.hint !== undefined)
    return {
      modaliases: [],
      diagnostics: [{ code: 'no-modalias', severity: 'note', message: `${said}: ${like.hint}` }],
    };
  // Anything can be the name of a device.
  if (!like.device || ('name' in like.device && !like.device.bus && path === undefined)) return NOTHING;
  const why =
    path === undefined ? `${tree.root} has no such device` : 'neither it nor a device around it has a modalias';
  return failed('no-device', `${said}, but ${why}`);
}

/** The path of the device that a text names, or the candidates if the text is ambiguous; undefined if there is none. */
function pathOf({ tree, names }: Machine, { device, usb }: Likeness): string | readonly string[] | undefined {
  if (usb) return usbDevice(tree, usb.busnum, usb.devnum);
  if (!device) return undefined;
  if ('path' in device) return placeOf(tree, device.path);
  const found = devicesNamed(names(), device.name, device.bus);
  return found.length > 1 ? found.map((place) => `${tree.root}/${place}`) : found[0] && tree.real(found[0]);
}

/** Whether a line printed on another machine names a device by an address that a different device has here. */
function isAnother(tree: Tree, path: string, ids: Ids | undefined): boolean {
  const here = ids && idsAt(tree, path);
  return here !== undefined && (here[0] !== ids!.vendor.toLowerCase() || here[1] !== ids!.device.toLowerCase());
}

/**
 * How to look up a device whose ids are known: by its address if this machine has one, else by a modalias that leaves
 * the rest open.
 */
function askFor(tree: Tree, ids: Ids): string {
  const buses = ids.bus ? [ids.bus] : (['pci', 'usb'] as const);
  const here = buses.flatMap((bus) => devicesWithIds(tree, bus, ids.vendor, ids.device));
  if (here.length > 0) return `This machine has such a device; give its address: ${here.join(', ')}`;
  const open = buses.map((bus) => `${bus === 'pci' ? 'PCI' : 'USB'}: '${modaliasOfIds(ids, bus)}'`);
  return `Give the device's own modalias, or look up the modules that match by ids alone: ${open.join(', ')}`;
}

function instead(modaliases: readonly string[], message: string): Understood {
  return { modaliases, diagnostics: [{ code: 'looked-up', severity: 'note', message }] };
}

function failed(code: Code, message: string): Understood {
  return { modaliases: [], diagnostics: [{ code, severity: 'error', message }] };
}
