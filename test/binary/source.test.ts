import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { descriptorSource } from '../../src/binary/source.ts';

test('descriptorSource reads 128 MiB at once, and takes more for damage', () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-source-'));
  // What is open for writing only cannot be read: nothing has to be, to tell what was tried.
  const fd = openSync(join(folder, 'a'), 'w');
  ftruncateSync(fd, 1 << 28);
  const reading = (size: number) => () => descriptorSource(fd, 'a.ko').read(0, size, 'a table');
  expect(reading(134_217_728)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  expect(reading(134_217_729)).toThrow(/a table .*, more than the limit of 134217728 bytes for one read/);
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
