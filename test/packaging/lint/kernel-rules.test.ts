import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openModulesDirectory } from '../../../src/modules-directory/modules-directory.ts';
import { buildIndexFiles, writeIndexFiles } from '../../../src/packaging/build.ts';
import { type LintOptions, lint } from '../../../src/packaging/lint/lint.ts';
import { isModprobeConfig } from '../../../src/packaging/lint/read-kernel.ts';
import { elfMachines } from '../../support/elf-machines.ts';
import { writeModule } from '../../support/module-object.ts';
import { modulesTree, putFiles, removeTree } from '../../support/modules-tree.ts';
import { debOf, kernelRoot } from '../../support/packages.ts';
import { pciModule } from '../../support/pci-module.ts';

let root: string;
afterEach(() => removeTree(root));

/** What lint says of a tree and of modprobe.d in it: rule, module and message. */
async function told(paths: readonly string[], options: LintOptions = {}): Promise<string[]> {
  const { findings } = await lint(paths, { ...options, all: true });
  return findings.map(
    ({ rule, module, message, line }) => `${rule} ${module}${line === null ? '' : `:${line}`}: ${message}`,
  );
}

const TREE = {
  'kernel/acme_net.ko': pciModule([[1, 2]]),
  'kernel/acme_hash.ko': pciModule(undefined, ['crypto-acme', 'acme-card-*']),
  'modules.builtin': 'kernel/acme-core.ko\n',
  'modules.builtin.modinfo': 'acme_core.alias=acme-in\0',
};

describe('lint: modprobe-without-module', () => {
  const linted = (text: string, tree: Record<string, string | Uint8Array> = TREE) => {
    root = modulesTree({ ...tree, 'modprobe.d/a.conf': text });
    return told([root, join(root, 'modprobe.d')]);
  };

  test('names each line whose module is neither loadable nor built in, with its place', async () => {
    const text = [
      'blacklist acme-nte',
      'options acme_corr x=1',
      'install other /bin/true',
      'remove oth* /bin/true',
      'softdep no_such pre: acme_net gone',
      'weakdep acme_net lost',
    ];
    expect(await linted(text.join('\n'))).toEqual([
      "modprobe-without-module acme_nte:1: blacklist: acme_nte is neither a module nor built in; did you mean 'acme_net'?",
      "modprobe-without-module acme_corr:2: options: acme_corr is neither a module, nor built in, nor an alias; did you mean 'acme_core'?",
      "modprobe-without-module other:3: install: 'other' matches no module and nothing built in",
      "modprobe-without-module oth*:4: remove: 'oth*' matches no module and nothing built in",
      "modprobe-without-module no_such:5: softdep: 'no_such' matches no module and nothing built in",
      'modprobe-without-module gone:5: softdep no_such: gone is neither a module, nor built in, nor an alias',
      'modprobe-without-module lost:6: weakdep acme_net: lost is neither a module, nor built in, nor an alias',
    ]);
  });

  test('takes dashes, patterns, built-in names, and aliases of modules, built-in code and the configuration', async () => {
    const text = [
      'blacklist acme-net',
      'blacklist acme_core',
      'options acme-card-0 index=1',
      'alias mine acme_net',
      'options mine x=1',
      'softdep acme_* pre: crypto-acme post: acme-in mine made',
      'install made /bin/true',
    ];
    expect(await linted(text.join('\n'))).toEqual([
      "modprobe-without-module made:7: install: 'made' matches no module and nothing built in",
    ]);
  });

  test('says nothing where modules.builtin is missing: a name may be built in', async () => {
    const { 'modules.builtin': _, ...tree } = TREE;
    expect(await linted('blacklist gone\nalias a gone\n', tree)).toEqual([]);
  });

  test('takes the first of two files of a name, as libkmod does, and warns of lines that are none', async () => {
    root = modulesTree({
      ...TREE,
      'etc/modprobe.d/a.conf': '',
      'usr/modprobe.d/a.conf': 'blacklist gone\n',
      'usr/modprobe.d/b.conf': 'blacklist b\nblaclist c\n',
    });
    const diagnostics: unknown[] = [];
    const paths = [root, join(root, 'etc/modprobe.d'), join(root, 'usr/modprobe.d')];
    expect(await told(paths, { diagnose: (one) => diagnostics.push(one) })).toEqual([
      'modprobe-without-module b:1: blacklist: b is neither a module nor built in',
    ]);
    expect(diagnostics).toMatchObject([{ code: 'bad-config-line', line: 2 }]);
  });
});

test('lint modprobe.d: alone it is checked against the running kernel, of which nothing else is looked at', async () => {
  root = modulesTree({ 'a.conf': 'blacklist acme_no_such_module\n' });
  const linted = told([join(root, 'a.conf')]);
  if (existsSync(`/lib/modules/${release()}/modules.builtin`))
    expect(await linted).toEqual([
      'modprobe-without-module acme_no_such_module:1: blacklist: acme_no_such_module is neither a module nor built in',
    ]);
  else if (!existsSync(`/lib/modules/${release()}`))
    await expect(linted).rejects.toThrow('name a modules directory or packages too');
});

test('isModprobeConfig: files *.conf, directories of that name, and others that hold such files but no modules', () => {
  root = modulesTree({
    'a.conf': '',
    'modprobe.d/README': '',
    'mine/b.conf': '',
    'tree/kernel/a.ko': '',
    'tree/x.conf': '',
    'c.json': '',
  });
  const is = (path: string) => isModprobeConfig(join(root, path));
  expect(['a.conf', 'modprobe.d', 'mine', 'tree', 'tree/kernel', 'c.json'].map(is)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(() => is('none')).toThrow('none');
});

describe('lint: alias-without-module', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `alias x${i} gone${i}\n`).join('');

  test('names the modules of modules.alias that are not there, each once with its first line', async () => {
    root = modulesTree({
      ...TREE,
      'modules.alias': '# header\nalias a gone\nalias b gone\nalias c acme_net\nalias d lost\n',
    });
    expect(await told([root])).toEqual([
      'alias-without-module gone:2: 2 aliases lead to gone, which is not here: run depmod',
      'alias-without-module lost:5: the alias leads to lost, which is not here: run depmod',
    ]);
  });

  test('names a modules.alias of another kernel once', async () => {
    root = modulesTree({ ...TREE, 'modules.alias': lines(10) });
    expect(await told([root])).toHaveLength(10);
    putFiles(root, { 'modules.alias': lines(11) });
    expect(await told([root])).toEqual([
      expect.stringContaining('modules.alias has aliases of 11 modules that are not here'),
    ]);
  });

  test('looks at modprobe.d, where an alias of an alias is none', async () => {
    root = modulesTree({
      ...TREE,
      'a.conf':
        'alias x crypto-acme\nalias y acme-core\nalias z off\nalias v acme_nte\nalias w run\ninstall run true\n',
    });
    expect((await told([root, join(root, 'a.conf')])).filter((text) => text.startsWith('alias-'))).toEqual([
      'alias-without-module crypto_acme:1: leads to crypto_acme, which is neither a module nor built in, and is not looked up any further',
      "alias-without-module acme_nte:4: leads to acme_nte, which is neither a module nor built in, and is not looked up any further; did you mean 'acme_net'?",
    ]);
  });
});

describe('lint: index-not-of-text', () => {
  beforeEach(async () => {
    root = modulesTree({ ...TREE, 'kernel/odd.ko': pciModule(undefined, ['a[b', 'c-[d-e]', 'c-[d-e]']) });
    await writeIndexFiles(
      await buildIndexFiles(openModulesDirectory(root, { depmodConfig: 'none' }), { layout: 'post' }),
      root,
    );
  });
  const found = async () => (await told([root])).filter((text) => text.startsWith('index-'));

  test('is silent on what was built together, and where there is no index', async () => {
    expect(await found()).toEqual([]);
  });

  test('counts what the index lacks and what it has besides', async () => {
    putFiles(root, { 'modules.alias': '# x\nalias crypto-acme acme_hash\nalias new acme_net\n' });
    expect(await found()).toEqual([
      'index-not-of-text acme_net: the index was not made of modules.alias: it lacks 1 of its lines (line 3) and has 4 others; run depmod or modalias build',
    ]);
  });

  test('says why an index cannot be read', async () => {
    putFiles(root, { 'modules.alias.bin': 'damaged' });
    expect(await found()).toEqual([
      expect.stringMatching(/^index-not-of-text null: .*; run depmod or modalias build$/),
    ]);
  });
});

describe('lint: variant-without-generic', () => {
  const VARIANT = pciModule(undefined, ['vfio_pci:v00001234d00000001sv*sd*bc*sc*i*']);
  const GENERIC = 'vfio_pci:v*d*sv*sd*bc*sc*i*';

  test('fires in a directory, and is silent where the generic driver is a module or built in', async () => {
    root = modulesTree({ 'kernel/acme_vfio.ko': VARIANT });
    expect(await told([root])).toEqual([
      expect.stringMatching(/^variant-without-generic acme_vfio: a vfio_pci: driver/),
    ]);
    putFiles(root, { 'modules.builtin.modinfo': `vfio_pci.alias=${GENERIC}\0` });
    expect(await told([root])).toEqual([]);
    putFiles(root, { 'modules.builtin.modinfo': '', 'kernel/vfio-pci.ko': pciModule(undefined, [GENERIC]) });
    expect(await told([root])).toEqual([]);
  });

  test('names the first variant of each prefix, and needs a generic driver for each', async () => {
    const cdx = pciModule(undefined, ['vfio_cdx:v1234d0001sv*sd*c*']);
    root = modulesTree({
      ...{ 'kernel/a.ko': VARIANT, 'kernel/b.ko': VARIANT, 'kernel/c.ko': cdx },
      'modules.order': 'kernel/a.ko\nkernel/b.ko\nkernel/c.ko\n',
    });
    const variant = (module: string, prefix: string) =>
      expect.stringContaining(`variant-without-generic ${module}: a ${prefix}: driver for some devices`);
    expect(await told([root])).toEqual([variant('a', 'vfio_pci'), variant('c', 'vfio_cdx')]);
    putFiles(root, { 'modules.builtin.modinfo': `vfio_pci.alias=${GENERIC}\0` });
    expect(await told([root])).toEqual([variant('c', 'vfio_cdx')]);
  });

  test('is silent for files and packages, of which others may be elsewhere', async () => {
    root = modulesTree({ 'acme_vfio.ko': VARIANT });
    expect(await told([join(root, 'acme_vfio.ko')])).toEqual([]);
    const kernel = kernelRoot();
    putFiles(join(kernel, 'lib/modules/6.9.0-t'), { 'kernel/acme_vfio.ko': VARIANT });
    expect(await told([debOf(kernel, 'gzip')])).toEqual([]);
  });
});

test('lint: malformed-line: names lines of a modules.alias alone and in a directory, many of them once', async () => {
  root = modulesTree({
    ...TREE,
    'modules.alias': 'alias crypto-acme acme_hash\nalais x acme_net\n\n# note\nalias y\n',
  });
  const bad = [
    "malformed-line null:2: found 'alais x acme_net', expected 'alias PATTERN MODULE'",
    "malformed-line null:5: found 'alias y', expected 'alias PATTERN MODULE'",
  ];
  expect(await told([join(root, 'modules.alias')])).toEqual(bad);
  expect(await told([root])).toEqual(bad);
  putFiles(root, { 'modules.alias': '<<<<<<< HEAD\n'.repeat(5) });
  const { findings } = await lint([join(root, 'modules.alias')]);
  expect(findings).toMatchObject([{ rule: 'malformed-line', line: 1, count: 5 }]);
  expect(findings[0]!.message).toMatch(/\(and 4 more such lines\)$/);
});

test('lint: shared-alias: names the other modules, in the order of modules.order, or of the files', async () => {
  const same = pciModule([[1, 2]]);
  root = modulesTree({ 'kernel/a.ko': same, 'kernel/b.ko': same, 'modules.order': 'kernel/b.ko\nkernel/a.ko\n' });
  const severities = { 'shared-alias': 'note' } as const;
  expect(await told([root], { severities })).toEqual(['shared-alias b: a has the alias, too: each is loaded, b first']);
  expect(await told([join(root, 'kernel/a.ko'), join(root, 'kernel/b.ko')], { severities })).toEqual([
    'shared-alias a: b has the alias, too: each is loaded, a first in the order of the files',
  ]);
  expect(await told([root])).toEqual([]);
});

test('lint: wrong-table-type: names the table of a type without a driver beside the driver without a table', async () => {
  const rows = Buffer.alloc(24);
  rows.writeUInt32LE(0x1234, 0);
  rows.writeUInt32LE(0x5678, 4);
  const module = (imports: readonly string[]) =>
    writeModule({
      machine: elfMachines.amd64,
      modinfo: ['license=GPL', 'alias=virtio:d00001234v00005678', 'vermagic=6.1.0 SMP mod_unload'],
      tables: [{ symbol: '__mod_virtio__ids_device_table', content: rows }],
      symbols: imports.map((name) => ({ name, bind: 'global' as const })),
    });
  root = modulesTree({
    'kernel/a.ko': module(['__pci_register_driver']),
    'kernel/b.ko': module(['__pci_register_driver', 'register_virtio_driver']),
    'kernel/c.ko': module([]),
    'modules.order': 'kernel/a.ko\nkernel/b.ko\nkernel/c.ko\n',
  });
  expect(await told([root])).toEqual([
    'wrong-table-type a: ids is exported as a virtio table, but the module registers no virtio driver, and a pci driver (__pci_register_driver) without a table: expected MODULE_DEVICE_TABLE(pci, ids)',
    expect.stringMatching(/^driver-without-table b: registers a pci driver/),
  ]);
});
