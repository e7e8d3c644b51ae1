import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyModulesDirectory } from '../../../src/packaging/verify/verify.ts';
import { pciAlias, pciModule } from '../../support/pci-module.ts';

const root = mkdtempSync(join(tmpdir(), 'verify-package-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

/** A package with these files of a kernel, and the directory it was made of. */
function packed(files: Readonly<Record<string, Uint8Array | string>>): { directory: string; tar: string } {
  const tree = join(root, `${count++}`);
  const directory = join(tree, 'lib/modules/6.1.0');
  mkdirSync(join(directory, 'kernel/other'), { recursive: true });
  for (const [name, data] of Object.entries(files)) writeFileSync(join(directory, name), data);
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, '.']);
  return { directory, tar: `${tree}.tar.gz` };
}

const verified = (inputs: string | readonly string[]) => verifyModulesDirectory(inputs, { depmodConfig: 'none' });
type Result = Awaited<ReturnType<typeof verified>>;
const noteRules = ({ summary }: Result) => summary.notes.map((note) => note.rule);

const lists = { 'modules.order': 'kernel/good.ko\nkernel/bad.ko\n', 'modules.builtin': '' };
const bad = pciModule([[0x8086, 2]], [pciAlias(0x8086, 3)]);

describe('verifyModulesDirectory', () => {
  test('a package has the findings of its directory, each naming the package and the member', async () => {
    const files = { ...lists, 'kernel/good.ko': pciModule([[0x8086, 1]]), 'kernel/bad.ko': bad };
    const { directory, tar } = packed(files);
    const ofDirectory = await verified(directory);
    const ofPackage = await verified([tar]);
    const bare = ({ findings }: Result) => findings.map(({ file: _file, ...finding }) => finding);
    expect(bare(ofPackage)).toEqual(bare(ofDirectory));
    expect(ofPackage.findings.length).toBeGreaterThan(0);
    expect(new Set(ofPackage.findings.map((finding) => finding.file))).toEqual(
      new Set([`${tar}(lib/modules/6.1.0/kernel/bad.ko)`]),
    );
    expect(ofPackage.summary).toEqual(ofDirectory.summary);
    expect(noteRules(ofPackage)).toEqual(expect.arrayContaining(['not-indexed', 'no-builtin-modinfo']));
  });

  test('findings about one file of two name it as the package has it', async () => {
    const { tar } = packed({
      ...lists,
      'kernel/bad.ko': pciModule([[0x8086, 1]]),
      'kernel/other/bad.ko': pciModule([[0x8086, 2]]),
    });
    const shadowed = (await verified([tar])).findings.filter(({ rule }) => rule === 'shadowed-aliases');
    expect(shadowed.map(({ file }) => file)).toContain(`${tar}(lib/modules/6.1.0/kernel/other/bad.ko)`);
  });

  test('lists that a package lacks, and modules that only another has, are noted; in a directory they are findings', async () => {
    const good = { 'kernel/good.ko': pciModule([[0x8086, 1]]) };
    const [bare, listed] = [packed(good), packed({ ...good, ...lists })];
    expect((await verified(bare.directory)).findings).toMatchObject([{ rule: 'missing-list', count: 2 }]);
    expect((await verified(listed.directory)).findings).toMatchObject([{ rule: 'listed-but-absent' }]);
    const [ofBare, ofListed] = [await verified(bare.tar), await verified(listed.tar)];
    expect(ofBare.findings).toEqual([]);
    expect(ofBare.summary.notes).toContainEqual({
      rule: 'list-elsewhere',
      count: 2,
      message: 'a list of the kernel is missing; another of its packages may have it',
      examples: ['modules.order', 'modules.builtin'],
    });
    expect(ofListed.findings).toEqual([]);
    expect(ofListed.summary.notes).toContainEqual(
      expect.objectContaining({ rule: 'module-elsewhere', count: 1, examples: ['kernel/bad.ko'] }),
    );
    expect(noteRules(await verified([bare.tar, packed(lists).tar]))).not.toContain('list-elsewhere');
  });

  test('aliases that a modules.alias in a package lacks are found with the row that makes them', async () => {
    const { tar } = packed({
      ...lists,
      'kernel/good.ko': pciModule([[0x8086, 1]]),
      'modules.alias': '# none\n',
    });
    expect((await verified([tar])).findings).toContainEqual(
      expect.objectContaining({
        rule: 'missing-in-text',
        module: 'good',
        row: 0,
        file: `${tar}(lib/modules/6.1.0/modules.alias)`,
      }),
    );
  });
});
