import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModulesDirectory } from '../../../src/modules-directory/modules-directory.ts';
import { buildIndexFiles, writeIndexFiles } from '../../../src/packaging/build.ts';
import { type VerifyOptions, verifyModulesDirectory } from '../../../src/packaging/verify/verify.ts';
import { runDepmod } from '../../support/depmod.ts';
import { modulesTree, putFiles } from '../../support/modules-tree.ts';
import { type PciModuleFacts, pciAlias, pciModule } from '../../support/pci-module.ts';

/** The id of which the module number n has the only one. */
export const aliasOf = (n: number) => pciAlias(0x10de, n);

/** A module of the kernel's tree. */
export const kernelModule = (name: string, ids: readonly number[], facts: PciModuleFacts = {}) =>
  pciModule(
    ids.map((id) => [0x10de, id]),
    undefined,
    { name, structName: name, release: '6.1', intree: true, ...facts },
  );

/** A sound modules directory 6.1 with the modules m0 to m19, of which each has one id, all indexed. */
export async function soundTree(): Promise<string> {
  const names = Array.from({ length: 20 }, (_, i) => `m${i}`);
  const root = modulesTree({
    ...Object.fromEntries(names.map((name, i) => [`kernel/${name}.ko`, kernelModule(name, [i])])),
    'modules.order': names.map((name) => `kernel/${name}.ko\n`).join(''),
    'modules.builtin': 'kernel/fs/ext4/ext4.ko\n',
    'modules.builtin.modinfo': 'ext4.alias=fs-ext4\0ext4.file=fs/ext4/ext4\0ext4.license=GPL\0',
  });
  await index(root);
  return root;
}

export async function index(root: string): Promise<void> {
  putFiles(root, { 'modules.builtin.bin': '' });
  await writeIndexFiles(
    await buildIndexFiles(openModulesDirectory(root, { depmodConfig: 'none' }), { layout: 'post' }),
    root,
  );
}

/** Runs what wants a tree as BASE/lib/modules/6.1, as depmod and modprobe do; no configuration is in `none`. */
export function inBase<T>(root: string, run: (base: string, none: string) => T): T {
  const base = mkdtempSync(join(tmpdir(), 'base-'));
  const none = join(base, 'none');
  mkdirSync(join(base, 'lib/modules'), { recursive: true });
  mkdirSync(none);
  symlinkSync(root, join(base, 'lib/modules/6.1'));
  try {
    return run(base, none);
  } finally {
    rmSync(base, { recursive: true });
  }
}

/** Has the depmod of this machine index a tree; a module in a compression that it lacks has no aliases then. */
export function indexByDepmod(root: string): void {
  rmSync(join(root, 'modules.alias'), { force: true });
  inBase(root, (base, none) => runDepmod(base, '6.1', none));
  if (!existsSync(join(root, 'modules.alias'))) throw new Error('depmod wrote nothing');
}

/** What verify says of a tree, with the rules of its findings and its notes by rule. */
export async function verified(root: string, options: VerifyOptions = {}) {
  const { findings, summary } = await verifyModulesDirectory(root, { depmodConfig: 'none', ...options });
  const notes = Object.fromEntries(summary.notes.map((note) => [note.rule, note]));
  return { findings, summary, notes, rules: findings.map((f) => f.rule) };
}

export function change(root: string, name: string, edit: (text: string) => string): void {
  const file = join(root, name);
  writeFileSync(file, edit(readFileSync(file, 'latin1')), 'latin1');
}
