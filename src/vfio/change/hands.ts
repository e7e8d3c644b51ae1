import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/**
 * The outcome of a single change to the machine. `errno` is a name as errno(3) has it, or null if a program failed and
 * explains why itself.
 */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly errno: string | null; readonly message: string }
  /** The kernel did not respond in time; it may still complete the request. */
  | { readonly kind: 'timeout'; readonly seconds: number };

/** Everything that can change a machine. Apart from this nothing in src/vfio writes outside the state directory. */
export interface Hands {
  /** One write(2) to an existing sysfs file. `path` is relative to the sysfs root, `data` is never empty. */
  write(path: string, data: string): Promise<Outcome>;
  /** Loads a module as modprobe does. */
  modprobe(module: string): Promise<Outcome>;
  /** Releases the processes that make the changes. */
  close(): void;
}

export const DONE: Outcome = { kind: 'ok' };

/** An outcome as a phrase: `EBUSY (device or resource busy)`, or what a program said. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'ok') return 'ok';
  if (outcome.kind === 'timeout') return `no response within ${outcome.seconds} s`;
  const { errno, message } = outcome;
  if (errno === null) return message;
  return message === '' ? errno : `${errno} (${message})`;
}

const texts = new Map([...getSystemErrorMap().values()]);

/**
 * What an error name means, in libuv's words: EBUSY -> `resource busy or locked`. Empty for a name that is not known.
 */
export function errnoText(name: string): string {
  return texts.get(name) ?? (Object.hasOwn(constants.errno, name) ? 'error' : '');
}

/**
 * What an error name means when the kernel gives it for one of the binding files, if that says more than the general
 * text.
 */
export function bindingHint(file: string, errno: string | null): string | null {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return HINTS[`${name} ${errno}`] ?? HINTS[`* ${errno}`] ?? null;
}

/** dd.c, bus.c and the probes behind them; see the rules of the driver-core model. */
const HINTS: Readonly<Record<string, string>> = {
  'bind ENODEV':
    'the driver does not match the device: driver_override names another driver, or no id matches (before 5.14 any refusal)',
  'bind EBUSY': 'the device is bound already, its group is owned by a process, or its virtual functions are enabled',
  'bind EINVAL':
    'the driver refuses the device: a bridge, on its denylist, without an IOMMU group, or not cache coherent',
  'bind EAGAIN': 'the driver waits for another device (probe deferral)',
  'sriov_numvfs EBUSY': 'somebody else has made virtual functions of the device meanwhile; they stay',
  'sriov_numvfs ENOENT': 'the device has no driver, or one that does not make virtual functions through sysfs',
  'sriov_numvfs ERANGE': 'the device can have fewer virtual functions: see sriov_totalvfs',
  'sriov_numvfs ENOMEM':
    'the firmware left too little memory space or too few bus numbers for so many: ask for fewer, or boot with pci=realloc or pci=assign-busses',
  'sriov_numvfs EPERM': 'the driver refuses while a virtual function is assigned to a guest',
  'unbind ENODEV': 'the device is gone or bound to another driver',
  '* EACCES': 'this needs root (CAP_DAC_OVERRIDE), or sysfs is read-only for this user',
  '* EPERM': 'this needs root',
  '* EROFS': 'sysfs is mounted read-only, as it is in most containers',
  '* ENOENT': 'the file is missing: the device or the driver is gone, or the driver has no bind files',
};
