import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/errors.ts';
import { diffKernels } from '../../../src/packaging/diff/diff-kernels.ts';
import { modulesTree, removeTree } from '../../support/modules-tree.ts';
import { pciModule } from '../../support/pci-module.ts';

const scratch = mkdtempSync(join(tmpdir(), 'diff-kernels-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};

const A = 'pci:v00008086d000010D3sv*sd*bc*sc*i*';
const B = 'usb:v0B05p1786d*dc*dsc*dp*ic*isc*ip*in*';
const both = file('both.alias', `alias ${A} e1000e\nalias ${B} rtl8192cu\n`);
const [first, second] = [file('a.alias', `alias ${A} e1000e\n`), file('b.alias', `alias ${B} rtl8192cu\n`)];
const told = ({ changes }: Awaited<ReturnType<typeof diffKernels>>) => changes.map((one) => [one.class, one.pattern]);

test('diffKernels: tells what is lost, and from the other side gained', async () => {
  expect(told(await diffKernels(both, first))).toEqual([['lost', B]]);
  expect(told(await diffKernels(first, [both]))).toEqual([['gained', B]]);
});

test('diffKernels: several inputs of a side are one kernel', async () => {
  expect(told(await diffKernels(both, [first, second]))).toEqual([]);
});

test('diffKernels: of a directory in which depmod has not run the aliases are those that it would write, with a note', async () => {
  const [old, now] = [
    modulesTree({
      'kernel/a.ko': pciModule([
        [1, 2],
        [1, 3],
      ]),
      'modules.builtin': '',
    }),
    modulesTree({ 'kernel/a.ko': pciModule([[1, 2]]) }),
  ];
  const diagnostics: Diagnostic[] = [];
  const difference = await diffKernels(old, now, { diagnose: (one) => diagnostics.push(one) });
  expect(told(difference)).toEqual([['lost', 'pci:v00000001d00000003sv*sd*bc*sc*i*']]);
  expect(difference.modules).toEqual({ gone: [], new: [] });
  const message = 'depmod has not run here yet: answering with the aliases that it would write';
  expect(diagnostics).toEqual([old, now].map((file) => ({ code: 'no-index', severity: 'note', message, file })));
  for (const tree of [old, now]) removeTree(tree);
});

test('diffKernels: a damaged index of built-in aliases is answered from its text, with a warning, else an error', async () => {
  const files = {
    'modules.alias': `alias ${A} e1000e\n`,
    'modules.builtin': 'kernel/b.ko\n',
    'modules.builtin.alias.bin': 'no index',
  };
  const builtin = { 'modules.builtin.modinfo': `b.alias=${B}\0` };
  const [tree, bare] = [modulesTree({ ...files, ...builtin }), modulesTree(files)];
  const plain = modulesTree({ 'modules.alias': `alias ${A} e1000e\nalias ${B} b\n`, 'modules.builtin': '' });
  const diagnostics: Diagnostic[] = [];
  const { changes, other } = await diffKernels(tree, plain, { diagnose: (one) => diagnostics.push(one) });
  expect([...changes, ...other].map((one) => [one.class, one.pattern])).toEqual([['loadable', B]]);
  expect(diagnostics).toMatchObject([
    { code: 'bad-index', severity: 'warning', message: expect.stringContaining('modules.builtin.modinfo instead') },
  ]);
  await expect(diffKernels(bare, plain)).rejects.toMatchObject({ code: 'bad-index' });
  for (const one of [tree, bare, plain]) removeTree(one);
});

test('diffKernels: a directory with neither aliases nor modules stays an error', async () => {
  const empty = modulesTree({ 'modules.order': '' });
  await expect(diffKernels(empty, both)).rejects.toMatchObject({ code: 'no-index', place: { file: empty } });
  removeTree(empty);
});

test('diffKernels: keeps the changes that are selected', async () => {
  const none = file('none.alias', 'alias fs-x x\n');
  const usb = await diffKernels(both, none, { select: { buses: new Set(['usb']) } });
  expect(told(usb)).toEqual([['lost', B]]);
});

test('diffKernels: rows are read where they are asked for', async () => {
  const rows = [{ vendor: '0x8086', device: '0x10d3' }];
  const json = file('t.json', JSON.stringify({ module: 'e1000e', tables: [{ bus: 'pci', name: 't', rows }] }));
  const { changes } = await diffKernels(json, second, { rows: true });
  expect(changes.find(({ pattern }) => pattern === A)?.rows).toEqual([
    { side: 'old', file: json, module: 'e1000e', table: 't', row: 0 },
  ]);
});

test('diffKernels: refuses a side without inputs, and says what cannot be read', async () => {
  await expect(diffKernels([], both)).rejects.toMatchObject({ code: 'bad-argument' });
  await expect(diffKernels(both, join(scratch, 'gone'))).rejects.toMatchObject({ code: 'unreadable' });
});
