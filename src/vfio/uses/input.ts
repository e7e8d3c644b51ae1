import type { UseKind } from './use.ts';

/**
 * Keyboards below the devices that are asked for, where there is no other one. What software makes (below
 * devices/virtual) is not a keyboard to fall back on, nor one to miss.
 */
export const input: UseKind = ({ roots: { sysfs }, targets, at }) => {
  const keyboards = sysfs.list('class/input').flatMap((name): { path: string; text: string }[] => {
    const path = /^input\d+$/.test(name) ? sysfs.real(`class/input/${name}`) : undefined;
    if (path === undefined || path.startsWith('devices/virtual/')) return [];
    const title = sysfs.line(`${path}/name`)?.replaceAll(/[^\x20-\x7e]/g, '?') ?? '';
    return isKeyboard(sysfs.line(`${path}/capabilities/key`))
      ? [{ path, text: title === '' ? name : `'${title}'` }]
      : [];
  });
  const mine = keyboards.filter(({ path }) => targets.some((target) => path.startsWith(`${target.path}/`)));
  if (mine.length < keyboards.length) return [];
  return mine.flatMap(({ path, text }) =>
    at(path, 'keyboard', `${text} is on it, and the machine has no other keyboard`),
  );
};

/**
 * Whether a device has the keys 1 (Esc) to 31 (S), all of them, as udev asks
 * (systemd src/udev/udev-builtin-input_id.c:test_key). The words of the bitmap are in hexadecimal, the lowest last
 * (drivers/input/input.c:input_bits_to_string).
 */
function isKeyboard(keys: string | undefined): boolean {
  const last = keys?.trim().split(/\s+/).at(-1) ?? '';
  if (!/^[0-9a-f]{1,16}$/i.test(last)) return false;
  return (BigInt(`0x${last}`) & 0xfffffffen) === 0xfffffffen;
}
