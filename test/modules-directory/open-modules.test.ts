import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { Elf } from '../../src/binary/elf.ts';
import { modinfoStrings, modinfoValues } from '../../src/module/modinfo.ts';
import type { NamedModule } from '../../src/modules-directory/module-task.ts';
import { openModules } from '../../src/modules-directory/open-modules.ts';
import { pciAlias, pciModule } from '../support/pci-module.ts';

const scratch = mkdtempSync(join(tmpdir(), 'open-modules-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let count = 0;

type Files = Readonly<Record<string, Uint8Array | string | { readonly to: string } | { readonly same: string }>>;

/** A directory with these files below a kernel's, `to` being links and `same` other names. */
function tree(files: Files, release = '6.1', modules = 'lib/modules'): { root: string; directory: string } {
  const root = join(scratch, String(count++));
  const directory = join(root, modules, release);
  for (const [path, data] of Object.entries(files)) {
    const at = join(directory, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof data === 'string' || data instanceof Uint8Array) writeFileSync(at, data);
    else if ('to' in data) symlinkSync(data.to, at);
    else linkSync(join(directory, data.same), at);
  }
  return { root, directory };
}

function tar(...args: Parameters<typeof tree>): string {
  const { root } = tree(...args);
  execFileSync('tar', ['-C', root, '-cf', `${root}.tar`, '.']);
  return `${root}.tar`;
}

const task = (elf: Elf, { name }: NamedModule) => `${name}: ${modinfoValues(modinfoStrings(elf), 'alias').join(' ')}`;

/** The outcomes in order, or the code of an error, and the codes of the diagnostics. */
async function opened(inputs: readonly string[], kernel?: string) {
  const { directory, files, packaged, read } = await openModules(inputs, task, {
    depmodConfig: 'none',
    packagedRelease: kernel,
  });
  const values: string[] = [];
  for await (const { value, error } of read(directory.modules)) values.push(value ?? error!.code);
  const text = (name: string) => files.read(`${directory.root}/${name}`)?.toString();
  return { values, codes: directory.diagnostics.map((d) => d.code), release: directory.release, packaged, text };
}

const module = (device: number) => pciModule([[0x8086, device]]);
const alias = (device: number) => pciAlias(0x8086, device);

const files: Files = {
  'kernel/a.ko': module(1),
  'kernel/b.ko.gz': gzipSync(module(2)),
  'kernel/deep/c.ko': module(3),
  'kernel/broken.ko': 'no module',
  'kernel/other-name.ko': { to: 'deep/c.ko' },
  'kernel/third.ko': { same: 'kernel/a.ko' },
  'kernel/gone.ko': { to: 'nowhere.ko' },
  'kernel/round.ko': { to: 'round.ko' },
  'kernel/circle': { to: '../kernel' },
  'updates/link': { to: '../kernel/deep' },
  build: { to: '/usr/src/linux' },
  'modules.order': 'kernel/deep/c.ko\nkernel/b.ko\n',
};

describe('openModules', () => {
  test.each(['lib/modules', 'usr/lib/modules'])(
    'a package gives what its directory gives: order, names of links, diagnostics (%s)',
    async (modules) => {
      const { directory } = tree(files);
      const onDisk = await opened([directory]);
      const packed = await opened([tar(files, '6.1', modules)]);
      expect(packed.values).toEqual(onDisk.values);
      expect(packed.codes).toEqual(onDisk.codes);
      expect(onDisk.codes.sort()).toEqual(['dangling-link', 'dangling-link', 'link-circle']);
      expect(packed.values).toContain(`other_name: ${alias(3)}`);
      expect(packed.values).toContain(`third: ${alias(1)}`);
      expect(packed.values).toContain('not-elf');
      expect(packed.values.slice(0, 1)).toEqual([`b: ${alias(2)}`]);
      expect(packed.release).toBe('6.1');
    },
  );

  test('messages name a module by its own path, whichever of its names the package has the bytes under', async () => {
    const found = {
      'kernel/deep/a.ko': module(1),
      'kernel/b.ko': { same: 'kernel/deep/a.ko' },
      'kernel/other/a.ko': { same: 'kernel/deep/a.ko' },
      'kernel/c.ko': { to: 'deep/a.ko' },
      'kernel/bad.ko': 'no module',
      'kernel/worse.ko': { same: 'kernel/bad.ko' },
    };
    const labels = async (inputs: readonly string[]) => {
      const { directory, read } = await openModules(inputs, (_elf, { file }) => file, { depmodConfig: 'none' });
      const told: string[] = [];
      for await (const { value, error } of read(directory.modules))
        told.push(/kernel\/[^)]*/.exec(value ?? error!.place.file!)![0]);
      return told.sort();
    };
    const { directory, root } = tree(found);
    const onDisk = await labels([directory]);
    expect(onDisk).toEqual(['kernel/b.ko', 'kernel/bad.ko', 'kernel/c.ko', 'kernel/deep/a.ko', 'kernel/worse.ko']);
    for (const order of ['name', 'none']) {
      execFileSync('tar', [`--sort=${order}`, '-C', root, '-cf', `${root}-${order}.tar`, '.']);
      expect(await labels([`${root}-${order}.tar`])).toEqual(onDisk);
    }
    expect(await labels([tar({ 'modules.order': '' }), directory])).toEqual(onDisk);
  });

  test('layers: the last wins file by file, and files beside the modules come from any of them', async () => {
    const below = tar({
      'kernel/a.ko': module(1),
      'kernel/b.ko': module(2),
      'modules.order': 'kernel/b.ko\nkernel/a.ko\n',
    });
    const above = tar({ 'kernel/a.ko': module(7), 'modules.builtin': 'kernel/z.ko\n' });
    const disk = tree({ 'kernel/b.ko': module(9), 'kernel/c.ko': module(4) }, 'copy').directory;
    expect((await opened([below, above])).values).toEqual([`b: ${alias(2)}`, `a: ${alias(7)}`]);
    expect((await opened([above, below])).values).toEqual([`b: ${alias(2)}`, `a: ${alias(1)}`]);
    const all = await opened([below, above, disk]);
    expect(all.values).toEqual([`b: ${alias(9)}`, `a: ${alias(7)}`, `c: ${alias(4)}`]);
    expect(all.release).toBe('6.1');
    expect(all.text('modules.builtin')).toBe('kernel/z.ko\n');
    expect(all.text('modules.dep')).toBeUndefined();
    expect((await opened([disk, below])).values).toEqual([`b: ${alias(2)}`, `a: ${alias(1)}`, `c: ${alias(4)}`]);
  });

  test('a file of a later layer replaces a directory of an earlier one with all that is in it', async () => {
    const below = tar({ 'kernel/x/a.ko': module(1), 'kernel/b.ko': module(2) });
    expect((await opened([below, tar({ 'kernel/x': 'a file' })])).values).toEqual([`b: ${alias(2)}`]);
  });

  test('the modules of a directory in layers have the names under which they are found, in packages as well', async () => {
    const disk = tree({ 'kernel/a.ko': module(1), 'kernel/round.ko': { to: 'round.ko' } }, 'copy').directory;
    const linked = tar({
      'kernel/to-disk.ko': { to: 'a.ko' },
      'kernel/b.saved': module(2),
      'kernel/b.ko': { to: 'b.saved' },
      'kernel/c.ko': { same: 'kernel/b.saved' },
    });
    const { values, packaged } = await opened([disk, linked]);
    expect(values.sort()).toEqual([`a: ${alias(1)}`, `b: ${alias(2)}`, `c: ${alias(2)}`, `to_disk: ${alias(1)}`]);
    expect(packaged).toBe(true);
    expect((await opened([disk, disk])).packaged).toBe(false);
  });

  test('a directory in layers that is a part of one, or has several below it, is refused', async () => {
    const { root, directory } = tree({ 'kernel/a.ko': module(1), 'modules.order': '' });
    const packed = tar({ 'kernel/b.ko': module(2) });
    for (const wrong of [join(directory, 'kernel'), join(root, 'lib/modules')])
      await expect(opened([packed, wrong])).rejects.toMatchObject({ code: 'not-a-modules-directory' });
  });

  test('several kernels are listed, and one can be chosen', async () => {
    const both = [tar({ 'kernel/a.ko': module(1) }), tar({ 'kernel/a.ko': module(2) }, '6.12')];
    await expect(opened(both)).rejects.toMatchObject({ code: 'several-kernels', message: /--release: 6\.1, 6\.12$/ });
    expect((await opened(both, '6.12')).values).toEqual([`a: ${alias(2)}`]);
    await expect(opened(both, '6.2')).rejects.toMatchObject({
      code: 'no-such-kernel',
      message: /no kernel 6\.2 .* holds 6\.1, 6\.12/,
    });
  });

  test('what is not a package, and a package without modules, are refused with what was expected', async () => {
    const text = join(scratch, 'text');
    writeFileSync(text, 'no package');
    await expect(opened([text])).rejects.toMatchObject({
      code: 'bad-package',
      message: /expected a modules directory, a \.deb/,
    });
    await expect(opened([tar({ 'a.ko': module(1) }, 'x', 'opt')])).rejects.toMatchObject({ code: 'no-modules' });
    await expect(opened([join(scratch, 'missing')])).rejects.toMatchObject({ code: 'unreadable' });
  });
});
