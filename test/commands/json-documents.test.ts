import { expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { machineRoot } from '../vfio/machine-root.ts';
import { vfio } from '../vfio/vfio-command.ts';

const CARD = '0000:00:03.0';

/** What every object in a document has, lists by what their elements have: this is what `"version": 1` promises. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(shapeOf).reduce(merged)];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

function merged(a: unknown, b: unknown): unknown {
  return typeof a === 'object' && typeof b === 'object' ? { ...a, ...b } : a;
}

const GENERATED = `{"module":"a","aliases":["x"],"tables":[{"bus":"pci","rows":[{"vendor":1},{"override_only":9}]}]}`;

test.each([
  ['generate', () => cli(['generate', '--json'], { input: GENERATED })],
  ['generate-check', () => cli(['generate', '--json', '--check', 'samples/usb.json'], { input: GENERATED })],
  ['lint', () => cli(['lint', '--json', '-'], { input: '{"module":"a","aliases":["x:[-]"]}' })],
  ['vfio-resolve', () => vfio(machineRoot('noiommu-mode'), 'resolve', '--json', CARD)],
  ['vfio-groups', () => vfio(machineRoot('intel-desktop'), 'groups', '--json')],
  ['vfio-plan', () => vfio(machineRoot('noiommu-mode'), 'plan', '--json', CARD)],
  ['vfio-bind', () => vfio(machineRoot('noiommu-mode'), 'bind', '--json', '--dry-run', CARD)],
  ['vfio-restore', () => vfio(machineRoot('noiommu-mode'), 'restore', '--json', '--dry-run', CARD)],
  ['vfio-status', () => vfio(machineRoot('noiommu-mode'), 'status', '--json')],
])('--json: %s has the members that are listed (vitest -u after a change that is meant)', async (name, run) => {
  const shape = shapeOf(JSON.parse(run().stdout));
  expect(shape).toMatchObject({ version: 'number' });
  await expect(`${JSON.stringify(shape, null, 2)}\n`).toMatchFileSnapshot(`json-documents/${name}.txt`);
});
