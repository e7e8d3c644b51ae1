import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { diffSides } from '../../../src/packaging/diff/diff.ts';
import { familyOf } from '../../../src/packaging/diff/packages.ts';
import { readSide } from '../../../src/packaging/diff/read-side.ts';
import { withRows } from '../../../src/packaging/diff/rows.ts';
import { putFiles } from '../../support/modules-tree.ts';
import { debOf, has } from '../../support/packages.ts';
import { pciAlias, pciModule } from '../../support/pci-module.ts';

const scratch = mkdtempSync(join(tmpdir(), 'diff-packages-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let count = 0;

/** A module with a row for each device. */
const module = (...devices: readonly number[]) => pciModule(devices.map((device) => [0x8086, device] as const));
const pattern = (device: number) => pciAlias(0x8086, device);

/** A package with modules of a kernel, each made of the devices that it serves. */
function pack(name: string, release: string, modules: Readonly<Record<string, readonly number[]>>): string {
  const root = join(scratch, String(count++));
  const files = Object.entries(modules).map(([path, devices]) => [`kernel/${path}.ko`, module(...devices)] as const);
  putFiles(join(root, 'lib/modules', release), { 'modules.builtin': '', ...Object.fromEntries(files) });
  if (has('dpkg-deb')) return debOf(root, 'gzip', join(scratch, `${count}.deb`), name);
  mkdirTar(root, name);
  return join(scratch, `${name}.tar`);
}

const mkdirTar = (root: string, name: string) =>
  execFileSync('tar', ['-C', root, '-cf', join(scratch, `${name}.tar`), '.']);

const side = (inputs: readonly string[], rows = false) =>
  readSide(inputs, { rows, diagnose: ({ message }) => expect.fail(message) });
const compared = async (old: readonly string[], now: readonly string[]) => diffSides(await side(old), await side(now));

describe('diffSides: packages', () => {
  test('a module that moved to another package is reported once for each of its patterns, and nothing else', async () => {
    const found = await compared(
      [
        pack('linux-modules-6.1', '6.1', { a: [1], b: [2, 3], c: [4] }),
        pack('linux-modules-extra-6.1', '6.1', { d: [5] }),
      ],
      [
        pack('linux-modules-6.2', '6.2', { a: [1], c: [4] }),
        pack('linux-modules-extra-6.2', '6.2', { b: [2, 3], d: [5] }),
      ],
    );
    expect(found.changes).toMatchObject(
      [2, 3].map((device) => ({
        class: 'package',
        pattern: pattern(device),
        modules: ['b'],
        old: ['b'],
        new: ['b'],
        package: { old: 'linux-modules-6.1', new: 'linux-modules-extra-6.2' },
      })),
    );
    expect(found).toMatchObject({ renamed: [], other: [], undecided: [], modules: { gone: [], new: [] } });
  });

  test('a package of another name is no move; what it was split into besides is', async () => {
    const before = [pack('linux-image-6.1', '6.1', { a: [1], b: [2], c: [3] })];
    const whole = [pack('linux-modules-6.2', '6.2', { a: [1], b: [2], c: [3] })];
    expect((await compared(before, whole)).changes).toEqual([]);
    const split = [
      pack('linux-modules-6.2', '6.2', { a: [1], b: [2] }),
      pack('linux-modules-extra-6.2', '6.2', { c: [3] }),
    ];
    expect((await compared(before, split)).changes).toMatchObject([
      { class: 'package', pattern: pattern(3), package: { old: 'linux-image-6.1', new: 'linux-modules-extra-6.2' } },
    ]);
  });

  test('a renamed module that moved is reported as both, and a lost row as lost with the package that had it', async () => {
    const found = await compared(
      [pack('main', '6.1', { a: [1, 2], k: [7] }), pack('extra', '6.1', { z: [9] })],
      [pack('main', '6.1', { k: [7] }), pack('extra', '6.1', { a2: [1, 2] })],
    );
    expect(found.renamed).toMatchObject([{ from: ['a'], to: ['a2'] }]);
    expect(found.changes).toMatchObject([
      { class: 'lost', pattern: pattern(9), package: { old: 'extra', new: null } },
      { class: 'package', pattern: pattern(1), package: { old: 'main', new: 'extra' } },
      { class: 'package', pattern: pattern(2) },
    ]);
  });

  test('nothing is reported of packages where a side is a directory', async () => {
    const directory = join(scratch, 'directory/6.1');
    putFiles(directory, {
      'kernel/a.ko': module(1),
      'modules.alias': `alias ${pattern(1)} a\n`,
      'modules.dep': 'kernel/a.ko:\n',
    });
    const found = await compared([directory], [pack('main', '6.1', { a: [1] })]);
    expect([...found.changes, ...found.other]).toEqual([]);
  });
});

test('familyOf: a name without the release, wherever it stands', () => {
  expect(familyOf('linux-modules-extra-6.1.0-5-amd64', '6.1.0-5-amd64')).toBe('linux-modules-extra');
  expect(familyOf('linux-image-6.1.0-5-amd64-unsigned', '6.1.0-5-amd64')).toBe('linux-image-unsigned');
  expect(familyOf('kernel-modules', '6.9.0-1.x86_64')).toBe('kernel-modules');
});

describe('withRows', () => {
  test('names table and row of each side, from packages and from JSON tables', async () => {
    const json = join(scratch, 'tables.json');
    const rows = [1, 8].map((device) => ({ vendor: '0x8086', device }));
    writeFileSync(json, JSON.stringify({ module: 'a', tables: [{ bus: 'pci', name: 'ids', rows }] }));
    const deb = pack('main', '6.1', { a: [1, 2], b: [3] });
    const sides = [await side([deb], true), await side([json])] as const;
    const { changes } = await withRows(diffSides(...sides), ...sides);
    const table = { module: 'a', table: 'ids', row: 1 };
    const member = (name: string) => `${deb}(lib/modules/6.1/kernel/${name}.ko)`;
    expect(changes.map(({ class: name, pattern: alias, rows: found }) => [name, alias, found])).toEqual([
      ['lost', pattern(2), [{ side: 'old', file: member('a'), ...table }]],
      ['lost', pattern(3), [{ side: 'old', file: member('b'), module: 'b', table: 'ids', row: 0 }]],
      ['gained', pattern(8), [{ side: 'new', file: json, ...table }]],
    ]);
    const bare = [await side([deb]), await side([json])] as const;
    const without = await withRows(diffSides(...bare), ...bare);
    expect(without.changes.flatMap((change) => change.rows.map((row) => row.side))).toEqual(['new']);
  });
});
