import type { KernelState } from '../../driver-core/index.ts';
import { ModaliasError } from '../../errors.ts';
import { didYouMean } from '../../nearest.ts';

/** What must be so, as it can be stated. */
export type Stated =
  | { readonly kind: 'ends'; readonly device: string; readonly driver: string | null; readonly text: string }
  | { readonly kind: 'never'; readonly device: string; readonly driver: string | null; readonly text: string }
  | { readonly kind: 'never-stranded'; readonly device: string; readonly text: string };

/** What is checked where nothing is stated: each with what it says. */
export const DEFAULT_PROPERTIES = {
  succeeds: 'where nothing disturbs it, the program ends with status 0',
  'keeps-a-driver': 'no device that had a driver ends without one',
  'third-device': 'no third device changes its driver',
  'leaves-nothing': 'no override and no dynamic id is left that its undisturbed run does not leave',
  'rerun-changes-nothing': 'a second run after the first changes nothing',
  'success-is-true': 'a run that ends with status 0 leaves each device where its undisturbed run leaves it',
  'failure-is-clean': 'a failure leaves each device where it was or on its target',
} as const;

/** What is checked where it is stated. */
export const STATED_PROPERTIES = {
  ends: 'a device ends on a driver (--ends)',
  never: 'a device is never on a driver, or stranded (--never)',
} as const;

export type PropertyId = keyof typeof DEFAULT_PROPERTIES | keyof typeof STATED_PROPERTIES;

/** A device that may be meant by `twin`: one that is plugged in while the program runs. */
export const TWIN = 'twin';

/**
 * `X on DRIVER` of --ends and --never, and `X stranded` of --never. A driver of `none` is no driver; PCI addresses may
 * leave out their domain. Throws `usage`.
 */
export function parseProperty(option: 'ends' | 'never', text: string): Stated {
  const [, device, driver, stranded] = /^\s*(\S+)\s+(?:on\s+(\S+)|(stranded))\s*$/.exec(text) ?? [];
  if (device === undefined || (option === 'ends' && stranded))
    throw new ModaliasError(
      'usage',
      `--${option}: found '${text}', expected ${option === 'ends' ? "'DEVICE on DRIVER'" : "'DEVICE on DRIVER' or 'DEVICE stranded'"}`,
    );
  if (stranded) return { kind: 'never-stranded', device, text };
  return { kind: option, device, driver: driver === 'none' ? null : driver!, text };
}

/** The devices of a state that a property is about, as `bus name`. Throws `usage` where there is none. */
export function devicesNamed(state: KernelState, twins: readonly string[], name: string): string[] {
  if (name === TWIN && twins.length > 0) return [...twins];
  if (name === TWIN)
    throw new ModaliasError(
      'usage',
      `found '${TWIN}', but no like device is plugged in: expected hotplug among --while, and scripts that speak of a PCI device`,
    );
  const full = /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i.test(name) ? `0000:${name.toLowerCase()}` : name;
  const found = state.devices.filter((device) => device.name === full).map((device) => `${device.bus} ${device.name}`);
  if (found.length > 0) return found;
  const known = state.devices.map((device) => device.name);
  const some = known.length > 12 ? [...known.slice(0, 12), '..'] : known;
  throw new ModaliasError('usage', `found '${name}', expected a device of the machine (${some.join(', ')}) or ${TWIN}`);
}

/** Throws `usage` where a property names a driver that the machine and its modules lack: it would always hold. */
export function needKnownDrivers({ drivers, modules }: KernelState, stated: readonly Stated[]): void {
  const known = new Set([...drivers, ...modules.flatMap((module) => module.drivers)].map(({ name }) => name));
  for (const one of stated)
    if ('driver' in one && one.driver !== null && !known.has(one.driver))
      throw new ModaliasError(
        'usage',
        `found '${one.driver}', expected a driver of the machine or of its modules, or none${didYouMean(one.driver, [...known])}`,
      );
}
