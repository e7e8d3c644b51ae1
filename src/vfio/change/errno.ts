import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

const texts = new Map([...getSystemErrorMap().values()]);

/** What an error name means, in libuv's words: EBUSY -> `resource busy or locked`. Empty for a name that is not known. */
export function errnoText(name: string): string {
  return texts.get(name) ?? (Object.hasOwn(constants.errno, name) ? 'error' : '');
}

/** What an error name means when the kernel gives it for one of the binding files, where that is worth more than the general text. */
export function bindingHint(file: string, errno: string): string | null {
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
  'unbind ENODEV': 'the device is gone or bound to another driver',
  '* EACCES': 'this needs root (CAP_DAC_OVERRIDE), or sysfs is read-only for this user',
  '* EPERM': 'this needs root',
  '* EROFS': 'sysfs is mounted read-only, as it is in most containers',
  '* ENOENT': 'the file is missing: the device or the driver is gone, or the driver has no bind files',
};
