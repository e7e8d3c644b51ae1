import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { modulesTree, removeTree } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';
import { bootRoot, RELEASE } from '../boot/boot-root.ts';
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

const dir = mkdtempSync(join(tmpdir(), 'documents-'));
const tree = modulesTree({
  'kernel/a.ko': pciModule([[1, 2]]),
  'kernel/b.ko': pciModule([[1, 3]], undefined, { name: 'c', intree: true }),
});
afterAll(() => {
  rmSync(dir, { recursive: true });
  removeTree(tree);
});
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const verify = (...args: string[]) => cli(['verify', '--json', '--depmod-config', 'none', tree, ...args]);
/** Devices of a bus that no list of names knows, whatever is installed here. */
const OLD = 'alias spi:a one\nalias spi:b one\nalias spi:c two\nalias crypto-x x\nalias crypto-z x\n';
const NEW = 'alias spi:b one\nalias spi:d one\nalias spi:c two\nalias spi:c three\nalias crypto-z x\n';
const diff = (...args: string[]) => cli(['diff', '--json', file('old', OLD), file('new', NEW), ...args]);
/** A device that is lost, one that is kept, and one of which the subsystem is missing that a pattern asks for. */
const coverage = () => {
  const oem = `${OLD}alias pci:v00000001d00000002sv00000003sd*bc*sc*i* oem\n`;
  const kernels = ['-m', `old=${file('oem', oem)}`, '-m', `new=${file('new', NEW)}`];
  return cli(['coverage', '--json', '-d', '-', ...kernels], {
    input: 'one spi:a\none spi:b\n00:00.0 0200: 0001:0002\npci:v\n',
  });
};
const lint = (...args: string[]) =>
  cli(['lint', '--json', '-', ...args], { input: '{"module":"a","aliases":["x:[-]","y:[-]"]}' });

const ALIASES = 'alias pci:v1d(1) one\nalias of:N*T*Ca,b two\nalias usb:* b$d\nalias x:[-] odd\nalias spi:a?? spi\n';
const exported = (format: string) => {
  const devices = file('devices', 'pci:v1d(1)\nof:NxT(null)Ca,b\nusb:x\nx:y\nspi:abc\n');
  return cli(['export', format, '--json', '-m', file('aliases', ALIASES), '-d', devices]);
};

const model = (command: string, recipe: string, ...args: string[]) =>
  cli(['model', command, `samples/recipes/${recipe}.json`, '--machine', 'two-like-nics', '--json', ...args]);

/** A baseline that accepts one thing to the end of the century, another until yesterday, and a third that is absent. */
const baseline = (...[kept, expired]: readonly [object, object]) => {
  const accepted = [
    { match: kept, reason: 'known', until: '2099-12-31' },
    { match: expired, reason: 'for a while', until: '2026-11-20' },
    { match: { module: 'nonesuch' }, reason: 'gone' },
  ];
  return ['--today', '2026-11-21', '--baseline', file('b.json', JSON.stringify({ version: 1, accepted }))];
};

/** A race between a unit's module and the native one, with an image that cannot be read to its end. */
const bootRace = () => {
  const root = bootRoot({
    root: {
      'etc/modprobe.d/vfio.conf': 'options vfio_pci ids=8086:10d3\nnonesuch\n',
      'etc/modules-load.d/vfio.conf': 'vfio_pci\n',
    },
  });
  appendFileSync(join(root, `boot/initrd.img-${RELEASE}`), 'BZh9');
  return cli(['vfio', 'boot', '--json', '--root', root, '0000:03:00.0']);
};

test.each([
  ['vfio-boot', () => bootRace()],
  ['verify', () => verify()],
  ['verify-baseline', () => verify(...baseline({ rule: 'missing-list' }, { rule: 'wrong-name' }))],
  ['diff', () => diff()],
  ['diff-baseline', () => diff(...baseline({ class: 'lost', bus: 'spi' }, { module: 'one' }))],
  ['lint-baseline', () => lint(...baseline({ pattern: 'x:[-]' }, { pattern: 'y:[-]' }))],
  ['export', () => exported('appstream')],
  ['export-initramfs', () => exported('initramfs')],
  ['generate', () => cli(['generate', '--json'], { input: GENERATED })],
  ['generate-check', () => cli(['generate', '--json', '--check', 'samples/usb.json'], { input: GENERATED })],
  ['coverage', () => coverage()],
  ['lint', () => cli(['lint', '--json', '-'], { input: '{"module":"a","aliases":["x:[-]"]}' })],
  ['model-check', () => model('check', 'new-id')],
  ['model-run', () => model('run', 'new-id', '--policy', 'mainline,2014-vfio-bind')],
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
