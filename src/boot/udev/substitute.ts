import type { EventContext } from './match.ts';

/** Long names of what may be substituted, and the letters that mean the same (udev(7), udev-event.c:map). */
const LETTERS: Readonly<Record<string, string>> = {
  k: 'kernel',
  n: 'number',
  p: 'devpath',
  b: 'id',
  d: 'driver',
  s: 'attr',
  E: 'env',
  S: 'sys',
  r: 'root',
  N: 'devnode',
  P: 'parent',
  c: 'result',
  M: 'major',
  m: 'minor',
};
const NAMES = [...Object.values(LETTERS), 'name', 'links', 'sysfs', 'tempnode'];
const FORMAT = new RegExp(`\\$\\$|%%|\\$(${NAMES.join('|')})(?:\\{([^}]*)\\})?|%([a-zA-Z])(?:\\{([^}]*)\\})?`, 'g');

/** A value with `$kernel`, `%k`, `$env{..}` and so on replaced; null where one of them is not known. */
export function substitute(value: string, { device, env }: EventContext): string | null {
  if (!/[$%]/.test(value)) return value;
  let known = true;
  const text = value.replaceAll(FORMAT, (whole, long?: string, longOf?: string, letter?: string, letterOf?: string) => {
    if (whole === '$$' || whole === '%%') return whole[0]!;
    const name = long ?? LETTERS[letter ?? ''];
    const of = longOf ?? letterOf ?? '';
    switch (name) {
      case 'kernel':
      case 'id':
        return device.name;
      case 'number':
        return /\d+$/.exec(device.name)?.[0] ?? '';
      case 'devpath':
        return `/${device.path}`;
      case 'sys':
      case 'root':
        return name === 'sys' ? '/sys' : '/dev';
      case 'env': {
        const found = env.get(of);
        if (found === null) known = false;
        return found ?? '';
      }
      case 'attr':
      case 'sysfs':
        return device.attribute(of) ?? '';
      default:
        known = false;
        return '';
    }
  });
  return known ? text : null;
}
