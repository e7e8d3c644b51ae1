import { parameters } from '../../boot/command-line.ts';
import { featuresOf, type LoadParameters } from '../../driver-core/index.ts';
import { kstrtobool } from '../../driver-core/text.ts';
import { underscored } from '../../pattern/normalize.ts';
import type { Release } from '../../release.ts';
import { atRelease, since } from '../../release-history.ts';

/**
 * What modprobe gives modules of a kernel's command line: `vfio-pci.ids=..` (libkmod-config.c:
 * kmod_config_parse_kcmdline).
 */
export function optionsByModule(commandLine: string): ReadonlyMap<string, LoadParameters> {
  const found = new Map<string, LoadParameters>();
  for (const { name, value } of parameters(commandLine)) {
    const [, module = '', parameter = ''] = /^([\w-]+)\.(.+)$/.exec(name) ?? [];
    if (module !== '')
      found.set(underscored(module), { ...found.get(underscored(module)), [underscored(parameter)]: value });
  }
  return found;
}

/** In which releases `*` stands for every driver that is not listed. */
const STAR = since('6.0', true);

/**
 * Whether a kernel's command line has a driver probe asynchronously: `driver_async_probe=a,b`, or with `*` among them
 * every other (drivers/base/dd.c:save_async_options, cmdline_requested_async_probing). The last one counts.
 */
export function asksForAsync(commandLine: string, driver: string, release: Release): boolean {
  const names = parameters(commandLine)
    .findLast(({ name }) => name === 'driver_async_probe')
    ?.value?.split(',');
  if (!names) return false;
  const others = names.includes('*') && atRelease(STAR, release) === true;
  return names.includes(driver) !== others;
}

/** Whether modules without a parameter probe asynchronously: `module.async_probe`, of which the last counts. */
export function modulesProbeLater(commandLine: string, release: Release): boolean {
  if (!featuresOf(release).asyncProbeDefault) return false;
  return parameters(commandLine)
    .filter(({ name }) => underscored(name) === 'module.async_probe')
    .map(({ value }) => kstrtobool(value ?? '1', release))
    .reduce<boolean>((before, given) => (typeof given === 'boolean' ? given : before), false);
}
