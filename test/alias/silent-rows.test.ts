import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { Reader } from '../../src/binary/reader.ts';
import { buses } from '../../src/bus/buses.ts';
import { readRows, rowLayout } from '../../src/bus/define/read-rows.ts';
import { NEWEST_RELEASE } from '../../src/release.ts';
import { aliasesOf } from '../bus/aliases.ts';

test.each([
  ['usb', {}, 'usb-empty-row'],
  ['usb', { idVendor: 0, bDeviceSubClass: 1, match_flags: 0xffff }, 'usb-empty-row'],
  ['usb', { idVendor: 1, bcdDevice_lo: 2, bcdDevice_hi: 1 }, 'usb-empty-range'],
  ['pnp_card', { id: 'CSC7532', devs: [] }, 'pnp-card-empty'],
])('generateAliases: a %s row %j without an alias is a warning', (bus, row, code) => {
  expect(aliasesOf(bus, [row])).toEqual({ aliases: [], codes: [code] });
});

test.each(buses.map((bus) => [bus.name, bus] as const))('generateAliases: no %s row is skipped silently', (_, bus) => {
  const abi = { littleEndian: true, wordSize: 8, maxAlign: 8 } as const;
  const { size } = rowLayout(bus, abi, NEWEST_RELEASE);
  const byte = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 0, 0xff, 1) }, fc.integer({ min: 0, max: 255 }));
  const anyRow = fc.oneof(
    fc.array(byte, { minLength: size, maxLength: size }),
    fc
      .tuple(fc.nat({ max: size - 1 }), byte)
      .map(([at, value]) => Array.from({ length: size }, (__, i) => (i === at ? value : 0))),
  );
  fc.assert(
    fc.property(anyRow, (bytes) => {
      const table = Uint8Array.from([...bytes, ...bytes.map(() => 0)]);
      const rows = readRows(new Reader(table, abi, 'a.ko'), bus, { release: NEWEST_RELEASE });
      const { aliases, diagnostics } = generateAliases([{ bus, name: 'ids', rows }], { release: NEWEST_RELEASE });
      expect(aliases.length + diagnostics.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
