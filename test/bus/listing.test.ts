import { expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { buses, DEVICE_FORMATS, NAME_DEVICES, TABLELESS_DEVICES } from '../../src/bus/buses.ts';
import type { CValue } from '../../src/binary/ctype.ts';
import type { Bus, RowField } from '../../src/bus/define/bus.ts';
import { formatFirst, NEWEST_RELEASE } from '../../src/release.ts';
import type { ByRelease } from '../../src/release-history.ts';
import { completeRow } from '../../src/tables/complete-row.ts';
import { aliasesOf } from './aliases.ts';

/** One line of words, and further ones below it. */
const block = (head: string, ...lines: readonly string[]) => [head, ...lines.map((line) => `  ${line}`)].join('\n');

/** The first point of each series that is known. */
const SERIES = [...series(5, 10, 19), ...series(6, 0, 19), ...series(7, 0, NEWEST_RELEASE.minor)];

function series(major: number, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `${major}.${first + i}.0`);
}

const byRelease = (values: ByRelease<number>) =>
  values.map(([from, value]) => `${value} from ${formatFirst(from)}`).join(', ');

const shown = (value: CValue) => (typeof value === 'number' ? `0x${value.toString(16)}` : JSON.stringify(value));

/** A value of its own for each field, so that two that change places show. */
function ownValue({ name, form }: RowField, place: number): unknown {
  switch (form.kind) {
    case 'number':
      return (place + 1) * 0x11;
    case 'text':
      return name === 'guid_string' ? '8D9DDCBC-A997-11DA-B012-B622A1EF5492' : name;
    case 'guid':
      return '00112233-4455-6677-8899-aabbccddeeff';
    case 'bits':
      return [place % 8];
    case 'hashes':
      return Array.from({ length: form.length }, (_, i) => (place + i) * 0x11);
    case 'ids':
      return ['ABC0001'];
    case 'dmi-matches':
      return [{ slot: 'DMI_SYS_VENDOR', substr: name }];
  }
}

/** One row with all fields but match flags and masks, which follow, and the override, which needs a known prefix. */
function fullRow({ fields, flags }: Bus): Record<string, unknown> {
  const own = fields.filter(({ name }) => name !== flags?.field && !/ma?sk$|^override_only$/.test(name));
  return Object.fromEntries(own.map((field, i) => [field.name, ownValue(field, i)]));
}

test('buses: what each field may be left out for, and the alias of a row with all of them, is what is listed (vitest -u after a change that is meant)', async () => {
  const blocks = buses.map((bus) => {
    const { any, flags, implied } = bus;
    return block(
      bus.name,
      `since ${bus.since.map(([from]) => formatFirst(from)).join(', ')}; longest ${byRelease(bus.longest)}`,
      ...bus.fields.map(({ name, required, value, flag }) =>
        [
          name,
          required ? 'required' : `default ${shown(value)}`,
          name in any && `any ${shown(any[name]!)}`,
          flag !== 0 && `flag ${[flag].flat().map(shown).join(' ')}`,
          name === flags?.field && 'the flags',
          implied[name] && `${shown(implied[name].value)} with ${implied[name].by}`,
        ]
          .filter(Boolean)
          .join(', '),
      ),
      ...aliasesOf(bus.name, [fullRow(bus)]).aliases,
    );
  });
  await expect(`${blocks.join('\n')}\n`).toMatchFileSnapshot('rows.txt');
});

test('generateAliases: the releases from which the alias of that row is another are what is listed (vitest -u after a change that is meant)', async () => {
  const blocks = buses.flatMap((bus) => {
    const row = completeRow(bus, fullRow(bus), { release: NEWEST_RELEASE });
    let before = '';
    const lines = SERIES.flatMap((release) => {
      const { aliases } = generateAliases([{ bus, name: 'ids', rows: [row] }], { release });
      const now = aliases.map(({ alias }) => alias).join(' ') || 'none';
      if (now === before) return [];
      before = now;
      return `${release}: ${now}`;
    });
    return lines.length > 1 ? block(bus.name, ...lines) : [];
  });
  await expect(`${blocks.join('\n')}\n`).toMatchFileSnapshot('releases.txt');
});

test('buses: who registers their drivers, and what ends their tables, is what is listed (vitest -u after a change that is meant)', async () => {
  const blocks = buses.map(({ name, drivers, endsAt = ['not known'] }) =>
    block(
      name,
      ...Object.entries(drivers ?? {}).map(([key, words]) => `${key}: ${[words].flat().join(', ')}`),
      `ends at: ${endsAt.join(', ')}`,
    ),
  );
  await expect(`${blocks.join('\n')}\n`).toMatchFileSnapshot('drivers.txt');
});

test('DEVICE_FORMATS: what devices print is what is listed (vitest -u after a change that is meant)', async () => {
  const formats = DEVICE_FORMATS.map(({ bus, title, fields, power = [], ...rest }) =>
    block(
      `${bus}: ${title}`,
      ...fields.map(({ tag, printed, name, between, optional }) =>
        [`${tag}${printed}`, name, between && `between: ${between}`, optional && 'optional'].filter(Boolean).join(', '),
      ),
      ...power.map((tags) => `power: ${tags.join(' ')}`),
      ...Object.entries(rest).map(([key, value]) => `${key}: ${String(value)}`),
    ),
  );
  const others = [NAME_DEVICES, TABLELESS_DEVICES].map((list) => JSON.stringify(list, null, 1));
  await expect(`${[...formats, ...others].join('\n')}\n`).toMatchFileSnapshot('formats.txt');
});
