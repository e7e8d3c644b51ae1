import { expect, test } from 'vitest';
import { buses, DEVICE_FORMATS, NAME_DEVICES, TABLELESS_DEVICES } from '../../src/bus/buses.ts';

/** One line of words, and further ones below it. */
const block = (head: string, ...lines: readonly string[]) => [head, ...lines.map((line) => `  ${line}`)].join('\n');

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
