import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { moduleMemory, withModule } from '../../src/module/module-file.ts';

test('withModule refuses a compressed module that is larger than 512 MiB before it reads it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-module-'));
  const file = join(folder, 'a.ko.gz');
  writeFileSync(file, Buffer.from([0x1f, 0x8b]));
  truncateSync(file, 536_870_913);
  expect(() => withModule(file, moduleMemory(), () => 0)).toThrow(/unpacks to more than 536870912 bytes/);
  rmSync(folder, { recursive: true });
});
