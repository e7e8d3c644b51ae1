import { Random } from '../../test/support/random.ts';

/** Digits of the fields of buses whose modalias strings have fixed widths. */
const WIDTHS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  pci: { v: 8, d: 8, sv: 8, sd: 8, bc: 2, sc: 2, i: 2 },
  usb: { v: 4, p: 4, d: 4, dc: 2, dsc: 2, dp: 2, ic: 2, isc: 2, ip: 2, in: 2 },
  hid: { b: 4, g: 4, v: 8, p: 8 },
};

/**
 * Distinct modalias strings such as devices carry, made from patterns: wildcards filled in, one in ten damaged in one
 * character, so that something else matches or nothing. `prefix` goes before each, `vfio_` for instance.
 */
export function keysFrom(patterns: readonly string[], count: number, seed: number, prefix = ''): string[] {
  const random = new Random(seed);
  const plain = patterns.filter((pattern) => /^[\x21-\x7e]+$/.test(pattern));
  const keys = new Set<string>();
  for (let tries = 0; plain.length > 0 && keys.size < count && tries < 4 * count; tries++) {
    let key = filled(random.pick(plain), random).replace(/[[\]*?]/g, '');
    if (random.oneIn(10)) {
      const at = random.below(key.length);
      key = key.slice(0, at) + random.pick('0123456789ABCDEFabc') + key.slice(at + 1);
    }
    keys.add(prefix + key);
  }
  return [...keys];
}

function filled(pattern: string, random: Random): string {
  const bus = pattern.slice(0, pattern.indexOf(':'));
  const literal = pattern
    .replace(/\[([^\]]+)\]/g, (_, members: string) => oneOf(members, random))
    .replace(/\?/g, () => digits(1, random));
  if (bus === 'of') return filledOf(literal, random);
  const widths = WIDTHS[bus];
  if (!widths) return literal.replace(/\*/g, () => digits(random.below(3), random));
  const rest = literal.slice(bus.length + 1);
  // 16-bit ids stand in 32-bit fields
  const wide = (width: number) => (width === 8 ? `0000${digits(4, random)}` : digits(width, random));
  const fields = rest.replace(/([a-z]+)([0-9A-F]*)(\*?)/g, (_, name: string, value: string, star: string) => {
    const width = widths[name] ?? 2;
    if (!star) return name + value;
    return name + (value === '' ? wide(width) : value + digits(Math.max(0, width - value.length), random));
  });
  return `${bus}:${fields}`;
}

/** A device-tree node has a name, no type as a rule, and often more compatibles after the one that matches. */
function filledOf(literal: string, random: Random): string {
  const more = random.pick(['', 'Cgeneric,device', `Cvendor,part${random.below(9999)}`]);
  return literal
    .replace(/^of:N\*/, `of:Nnode${random.below(100)}`)
    .replace('T*', 'T(null)')
    .replace(/C?\*$/, more);
}

function digits(count: number, random: Random): string {
  return Array.from({ length: count }, () => random.pick('0123456789ABCDEF')).join('');
}

/** A member of a bracket expression without its brackets: `0-9`, `A-F`, single characters. */
function oneOf(members: string, random: Random): string {
  const all = members.replace(/(.)-(.)/g, (_, from: string, to: string) =>
    String.fromCharCode(
      ...Array.from(
        { length: Math.max(1, to.charCodeAt(0) - from.charCodeAt(0) + 1) },
        (_x, i) => from.charCodeAt(0) + i,
      ),
    ),
  );
  return random.pick(all);
}
