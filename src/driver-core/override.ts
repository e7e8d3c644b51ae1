import { errno, OK, type Result } from './event.ts';
import { cString, PAGE_SIZE } from './text.ts';

/**
 * What a write to driver_override leaves there (dd.c:__device_set_driver_override, before 6.12's backport
 * driver.c:driver_set_override; alike). The name ends at the first NUL or newline; nothing before it clears. A write of
 * no bytes never reaches the kernel's function and changes nothing. A page less one byte is EINVAL.
 */
export function writeOverride(old: string | null, data: string): { override: string | null; result: Result } {
  if (data.length === 0) return { override: old, result: OK };
  if (Math.min(data.length, PAGE_SIZE) >= PAGE_SIZE - 1) return { override: old, result: errno('EINVAL') };
  const name = cString(data).split('\n', 1)[0]!;
  return { override: name === '' ? null : name, result: OK };
}

/** What reading driver_override gives: the name, or `(null)`, and a newline; spi shows an empty line. */
export function showOverride(bus: string, override: string | null): string {
  return `${override ?? (bus === 'spi' ? '' : '(null)')}\n`;
}

/** The override that a driver_override file's text means. A literal override of `(null)` cannot be told from none. */
export function parseOverride(shown: string): string | null {
  const name = shown.replace(/\n$/, '');
  return name === '' || name === '(null)' ? null : name;
}
