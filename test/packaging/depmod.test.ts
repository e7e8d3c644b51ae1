import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDepmodConfig } from '../../src/config/depmod-config.ts';
import { readDepmodConfigFiles } from '../../src/config/depmod-config-files.ts';
import { readablePath } from '../../src/files/raw-path.ts';
import { depmodOrder } from '../../src/modules-directory/module-order.ts';
import { openModulesDirectory, readOptional } from '../../src/modules-directory/modules-directory.ts';
import { chooseWinners } from '../../src/modules-directory/same-name.ts';
import { scanTree } from '../../src/modules-directory/tree-scan.ts';
import { buildIndexFiles } from '../../src/packaging/build.ts';
import { depmodCompressions, depmodLayout, hasDepmod, runDepmod } from '../support/depmod.ts';
import { filesAsListed, makeOddTree } from '../support/odd-tree.ts';
import { randomFrom } from '../support/random.ts';

const TREES = Number(process.env.DEPMOD_TREES ?? 25);
const SEED = Number(process.env.DEPMOD_SEED ?? 1);
const RELEASE = '6.1-x';
const repeated = depmodLayout === 'pre' ? 'first' : 'last';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'depmod-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (directory: string) =>
  ['modules.alias', 'modules.alias.bin', 'modules.builtin.alias.bin'].map((name) =>
    readFileSync(join(directory, name), 'latin1'),
  );

/** The modules directory with the files in the order of the file system, where depmod's answer depends on it. */
function asListed(base: string, root: string) {
  const external = join(base, 'external');
  const { config } = parseDepmodConfig(readDepmodConfigFiles([join(base, 'conf')]).files, RELEASE);
  const scan = scanTree(root, config, depmodCompressions);
  const ranks = new Map(
    [...filesAsListed(root), ...(config.externals.includes(external) ? filesAsListed(external) : [])].map((file, i) => [
      file,
      i,
    ]),
  );
  const rank = (path: string) => ranks.get(readablePath(path)) ?? Number.NaN;
  const listed = scan.modules.toSorted((a, b) => rank(a.scanned) - rank(b.scanned));
  const order = readOptional(`${root}/modules.order`);
  const winners = [...chooseWinners(config, root, listed).values()].map((winner) => winner.module);
  return {
    root,
    release: RELEASE,
    diagnostics: [],
    modules: depmodOrder(winners, order, repeated).modules,
    sameName: [],
    order,
  };
}

describe.skipIf(!hasDepmod)('buildIndexFiles and depmod', () => {
  test(`buildIndexFiles gives depmod's bytes on ${TREES} odd trees`, async () => {
    let open = 0;
    for (let seed = SEED; seed < SEED + TREES; seed++) {
      const base = join(folder, String(seed));
      const root = join(base, 'lib/modules', RELEASE);
      makeOddTree(randomFrom(seed), base, RELEASE);
      const directory = openModulesDirectory(root, {
        depmodConfig: join(base, 'conf'),
        repeated,
        compressions: depmodCompressions,
      });
      // From kmod 34 on, depmod gives up on a module's name outside ASCII.
      const refused = depmodLayout === 'pre' && directory.modules.some((m) => /[^\0-\x7f]/.test(m.name));
      expect(runDepmod(base, RELEASE, join(base, 'conf')), `seed ${seed}`).toBe(refused ? 1 : 0);
      if (refused) continue;
      const isOpen = directory.diagnostics.some((d) => d.code === 'same-name');
      if (isOpen) open++;
      const ours = await buildIndexFiles(isOpen ? asListed(base, root) : directory, { layout: depmodLayout });
      expect(
        [ours.aliasText, ...[ours.aliasIndex, ours.builtinIndex].map((index) => Buffer.from(index).toString('latin1'))],
        `seed ${seed}`,
      ).toEqual(written(root));
      rmSync(base, { recursive: true });
    }
    expect(open).toBeGreaterThan(TREES / 50);
    expect(open).toBeLessThan(TREES / 2);
  });
});
