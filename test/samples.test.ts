import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { tableJsonSchema } from '../scripts/json-schema.ts';
import { generateFiles } from '../src/alias/generate-files.ts';

const files = readdirSync('samples')
  .filter((name) => name.endsWith('json'))
  .sort()
  .map((name) => `samples/${name}`);

const validate = new Ajv2020({ strict: false }).compile(tableJsonSchema());

test.each(files)('samples: %s keeps to the JSON Schema', (file) => {
  const text = readFileSync(file, 'utf8');
  const documents = file.endsWith('.ndjson') ? text.trim().split('\n') : [text];
  for (const document of documents) expect([validate(JSON.parse(document)), validate.errors]).toEqual([true, null]);
});

test('samples: their aliases are those of the kernels that they come from, without a word of complaint', async () => {
  const { modules, diagnostics } = await generateFiles(files);
  expect(diagnostics).toEqual([]);
  const lines = modules.flatMap((m) => m.aliases.map(({ alias }) => `${alias} ${m.module}`));
  // Lines of Debian's modules.alias, one a bus.
  expect(lines).toEqual(
    expect.arrayContaining([
      'vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci',
      'pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core',
      'vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci',
      'usb:v*p*d*dc*dsc*dp*ic03isc*ip*in* usbhid',
      'of:N*T*Cnational,lm75 lm75',
      'of:N*T*Cnational,lm75C* lm75',
      'acpi*:ACPI0003:* ac',
      'dmi*:svn*DellInc.*:ct*8*: dell_laptop',
      'ccw:t1731m01dt1732dm01* qeth',
      'virtio:d00000001v* virtio_net',
      'vmbus:635161f83edfc546913ff2d2f965ed0e hv_netvsc',
      'cpu:type:x86,ven0000fam*mod*:feature:*01C0* coretemp',
    ]),
  );
});

test('npm start: prints the commands, the aliases, and the modules of a device, plain and for VFIO', () => {
  const text = execFileSync('node_modules/.bin/tsx', ['scripts/start.ts'], { encoding: 'utf8' });
  expect(
    text
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.split(' ').slice(1, 3).join(' ')),
  ).toEqual(['modalias generate', expect.stringMatching(/^cat /), 'modalias lookup', 'modalias lookup']);
  expect(text).toContain('# Aliases extracted from modules themselves.\nalias ');
  expect(text.trimEnd().split('\n').slice(-2)).toEqual(['mlx5_vfio_pci', 'vfio_pci']);
});
