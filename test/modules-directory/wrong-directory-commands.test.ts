import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cliProcess } from '../support/cli.ts';
import { putFiles } from '../support/modules-tree.ts';
import { pciModule } from '../support/pci-module.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'modules-'));
  putFiles(base, {
    'lib/modules/6.1.0-1/kernel/a.ko': pciModule([[1, 2]]),
    'lib/modules/6.1.0-1/modules.order': 'kernel/a.ko\n',
  });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test.each(['verify', 'build', 'extract'])(
  'refuseOuter: %s exits with 2 for lib/modules, a package and kernel/, and writes nothing',
  (command) => {
    for (const path of ['lib/modules', '.', 'lib/modules/6.1.0-1/kernel']) {
      const run = cliProcess([command, path], { cwd: base });
      expect(run).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/did you mean that\?\n$/) });
      expect(existsSync(join(base, path, 'modules.alias'))).toBe(false);
    }
  },
);
