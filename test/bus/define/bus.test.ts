import { describe, expect, test } from 'vitest';
import { chars, driverData, u8, u16, u32 } from '../../../src/binary/ctype.ts';
import { buses, busNamed } from '../../../src/bus/buses.ts';
import { type BusSpec, defineBus, isKnown } from '../../../src/bus/define/bus.ts';
import { parseRelease } from '../../../src/release.ts';
import { atRelease, since, until } from '../../../src/release-history.ts';

const struct = { flags: u16, id: u8, part: u32, kind: u8, name: chars(5), driver_data: driverData };
const make = (spec: Partial<BusSpec<typeof struct>> = {}) => defineBus('made', { struct, alias: () => {}, ...spec });
const field = (bus: ReturnType<typeof make>, name: string) => bus.fields.find((one) => one.name === name);

describe('defineBus', () => {
  test('defineBus: the fields are those that are read, in C order, and each must be given', () => {
    const bus = make();
    expect(bus.fields.map(({ name, required, value, flag }) => [name, required, value, flag])).toEqual([
      ['flags', true, 0, 0],
      ['id', true, 0, 0],
      ['part', true, 0, 0],
      ['kind', true, 0, 0],
      ['name', true, '', 0],
    ]);
    expect(bus.unreadFields).toEqual(['driver_data']);
    expect(bus).toMatchObject({ name: 'made', struct, any: {}, implied: {}, oneOf: [], flags: undefined });
  });

  test('defineBus: a field with a value for any, an optional one, one of a set and a flagged one may be left out', () => {
    const bus = make({
      any: { part: 9 },
      optional: { name: 'x' },
      oneOf: [['kind'], ['part']],
      flags: { field: 'flags', bits: { id: 4 } },
    });
    expect(bus.fields.map(({ name, required, value, flag }) => [name, required, value, flag])).toEqual([
      ['flags', false, 0, 0],
      ['id', false, 0, 4],
      ['part', false, 9, 0],
      ['kind', false, 0, 0],
      ['name', false, 'x', 0],
    ]);
    expect(bus).toMatchObject({ any: { part: 9 }, oneOf: [['kind'], ['part']] });
  });

  test('defineBus: a number is printed with two digits a byte, as any without its flag or at its value', () => {
    const bits = { id: 4, part: [1, 2] };
    const bus = make({ any: { kind: 7 }, flags: { field: 'flags', bits } });
    expect([...bus.printed]).toEqual([
      ['flags', { digits: 4, flag: 0, any: undefined }],
      ['id', { digits: 2, flag: 4, any: undefined }],
      ['part', { digits: 8, flag: 0, any: undefined }],
      ['kind', { digits: 2, flag: 0, any: 7 }],
    ]);
  });

  test('defineBus: text may fill its array and what nobody reads behind it', () => {
    // It begins at 9; 5 bytes are its own, 2 padding, 8 driver_data.
    expect(field(make(), 'name')?.form).toMatchObject({ kind: 'text', most: 15 });
  });

  test('defineBus: a form of its own takes the place of what follows from the C type', () => {
    const form = { kind: 'guid', zero: 'none' } as const;
    expect(field(make({ forms: { id: form } }), 'id')).toMatchObject({ form, value: 'none' });
  });

  test('defineBus: the type of a field is its newest, also of one that is gone', () => {
    const bus = defineBus('made', {
      struct: { id: [...since('5.12', u8), ...since('6.2', u32)], old: until('6.1', u16) },
      alias: () => {},
    });
    expect([...bus.printed].map(([name, { digits }]) => [name, digits])).toEqual([
      ['id', 8],
      ['old', 4],
    ]);
    expect(() => defineBus('made', { struct: { none: [] }, alias: () => {} })).toThrow('a field without any type');
  });

  test('defineBus: aliases have at most 499 characters unless the bus says so, in the oldest release too', () => {
    expect(atRelease(make().longest, parseRelease('5.10'))).toBe(499);
    expect(atRelease(make({ longest: since('6.1', 7) }).longest, parseRelease('6.1'))).toBe(7);
  });
});

test('isKnown: from the first release on, or from the oldest', () => {
  const known = (spec: Partial<BusSpec<typeof struct>>) =>
    ['5.10', '6.1.4', '6.1.5', '6.2', '6.3'].filter((release) => isKnown(make(spec), parseRelease(release)));
  expect(known({})).toEqual(['5.10', '6.1.4', '6.1.5', '6.2', '6.3']);
  expect(known({ since: '6.2' })).toEqual(['6.2', '6.3']);
  expect(known({ since: ['6.1.5', '6.3'] })).toEqual(['6.1.5', '6.3']);
});

test('busNamed: every type by its name, none by another', () => {
  for (const bus of buses) expect(busNamed(bus.name)).toBe(bus);
  expect(busNamed('nope')).toBeUndefined();
});

/** Fields without which a row is no row of the type; a table that has none of them matches any device. */
test('buses: what a JSON row must have', () => {
  const required = buses.flatMap(({ name, fields }) => {
    const names = fields.filter((one) => one.required).map((one) => one.name);
    return names.length === 0 ? [] : [`${name}: ${names.join(' ')}`];
  });
  const name = ['rpmsg', 'i2c', 'spi', 'platform', 'auxiliary', 'vchiq'].map((bus) => `${bus}: name`);
  expect(required.sort()).toEqual(
    [
      ...name,
      ...['ap: dev_type', 'css: type', 'eisa: sig', 'vmbus: guid', 'slim: manf_id prod_code', 'dmi: matches'],
      ...['mdio: phy_id', 'isapnp: vendor function', 'amba: id', 'mipscdmm: type', 'cpu: feature', 'mcb: device'],
      ...['mei: uuid', 'ulpi: vendor product', 'fslmc: vendor obj_type', 'typec: svid', 'tee: uuid'],
      ...['wmi: guid_string', 'mhi: chan', 'mhi_ep: chan', 'ssam: domain category', 'dfl: type feature_id'],
      ...['ishtp: guid', 'coreboot: tag', 'pnp: id', 'pnp_card: devs'],
    ].sort(),
  );
});

test('buses: where one field is given another is implied', () => {
  const implied = buses.flatMap((bus) => Object.entries(bus.implied).map((entry) => [bus.name, ...entry]));
  const mask = { by: 'class', value: 0xffffff };
  expect(implied).toEqual([
    ['pci', 'class_mask', mask],
    ['cdx', 'class_mask', mask],
  ]);
});
