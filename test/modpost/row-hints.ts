import type { Random } from '../support/random.ts';
import { before } from '../support/releases.ts';
import type { Machine, MemoryValue } from '../support/struct-writer.ts';
import { type MemoryRow, randomInt, randomText } from './random-rows.ts';

/**
 * What chance alone would not reach, or must not: how some fields of a bus are filled, and what is put right in the
 * whole row.
 */
export interface RowHints {
  readonly fields?: Readonly<Record<string, (random: Random, machine: Machine) => MemoryValue>>;
  readonly row?: (row: MemoryRow, random: Random, machine: Machine) => void;
}

/** First release whose modpost stops at aliases of more than 255 characters. */
const STRICT = '6.13';

/** A mask of whole bytes, now and then of any bits. */
const byteMask = (random: Random) =>
  random.oneIn(12)
    ? randomInt(32, random)
    : random.pick([0, 0xff]) * 0x10000 + random.pick([0, 0xff00]) + random.pick([0, 0xff]);

const anyOverride = (random: Random) => (random.oneIn(3) ? random.pick([1, 1, 2, 0x80000000]) : 0);
const SPACES = 'ab \t\n\v\f\r,-';
const withSpaces = (most: number) => (random: Random) => randomText(most, random, random.oneIn(4) ? SPACES : undefined);
const acpiId = (most: number) => (random: Random) =>
  randomText(most, random, random.oneIn(3) ? undefined : 'aBcPNX019');

export const rowHints: Readonly<Record<string, RowHints>> = {
  pci: {
    fields: {
      // 7.2 goes on with an uninitialised prefix at an unknown flag: see the faults
      override_only: (random, { release }) =>
        random.oneIn(3) ? random.pick(before(release, STRICT) ? [1, 1, 2, 0x80000000] : [1]) : 0,
      class_mask: byteMask,
    },
  },
  cdx: {
    fields: {
      override_only: anyOverride,
      class_mask: (random) => (random.oneIn(2) ? 0xffffff : byteMask(random)),
    },
  },
  amba: {
    row: (row, random) => {
      if (random.oneIn(4)) return;
      row.id = ((row.id as number) & (row.mask as number)) >>> 0;
    },
  },
  acpi: { fields: { id: (random) => (random.oneIn(2) ? '' : acpiId(15)(random)), cls_msk: byteMask } },
  pnp: { fields: { id: acpiId(7) } },
  pnp_card: {
    fields: {
      devs: (random) =>
        Array.from({ length: 8 }, () => ({ id: random.oneIn(6) ? '' : acpiId(random.pick([2, 7]))(random) })),
    },
  },
  of: { fields: { name: withSpaces(31), type: withSpaces(31), compatible: withSpaces(127) } },
  vio: { fields: { type: withSpaces(31), compat: withSpaces(31) } },
  wmi: { fields: { guid_string: randomGuidText } },
  dmi: {
    fields: {
      matches: (random, { release }) =>
        Array.from({ length: 4 }, () => ({
          slot: random.oneIn(4) ? 0 : random.oneIn(12) ? random.below(128) : random.below(25),
          exact_match: random.below(2),
          substr: randomText(
            before(release, STRICT) ? 78 : 45,
            random,
            random.oneIn(4) ? 'ab: \n\t\x7f\x80*?[]' : undefined,
          ),
        })),
    },
  },
  input: {
    row: (row, _random, { release }) => {
      if (before(release, STRICT)) return;
      let room = 24;
      for (const [name, bits] of Object.entries(row)) {
        if (!Array.isArray(bits)) continue;
        row[name] = bits.slice(0, room);
        room -= Math.min(room, bits.length);
      }
    },
  },
};

/** 36 characters of a GUID in any case, now and then one of them wrong, or of another length. */
function randomGuidText(random: Random): string {
  const digits = random.pick(['0123456789ABCDEF', '0123456789abcdef', '0123456789abcdefABCDEF']);
  const text = '00000000-0000-0000-0000-000000000000'.replace(/0/g, () => random.pick(digits));
  if (random.oneIn(8)) return text.slice(0, random.below(37));
  if (!random.oneIn(8)) return text;
  const at = random.below(36);
  return text.slice(0, at) + random.pick('g-:0 Zx') + text.slice(at + 1);
}
