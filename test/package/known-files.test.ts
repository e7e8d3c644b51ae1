import { expect, test } from 'vitest';
import { type KnownFile, KnownFiles } from '../../src/package/known-files.ts';

const file = (path: string, isGhost = false): KnownFile => ({
  ...{ path, mode: 0o100644, size: 0, target: '', inode: path, links: 1, isGhost },
});

test('KnownFiles: finds files by number, and by path however it begins', () => {
  const [a, b] = [file('./a'), file('/b/c')];
  const known = new KnownFiles([a, b]);
  expect([known.count, known.numbered(1), known.numbered(2)]).toEqual([2, b, undefined]);
  expect(['a', './a', '/a', './/a'].map((path) => known.named(path))).toEqual([a, a, a, a]);
  expect([known.named('b/c'), known.named('c')]).toEqual([b, undefined]);
});

test('KnownFiles: the first file that was not found is missing, and ghosts never are', () => {
  const known = new KnownFiles([file('./a'), file('./ghost', true), file('./b'), file('./c')]);
  expect(known.missing()!.path).toBe('./a');
  known.numbered(0);
  expect(known.missing()!.path).toBe('./b');
  known.named('b');
  known.numbered(7);
  expect(known.missing()!.path).toBe('./c');
  known.named('/c');
  expect(known.missing()).toBeUndefined();
});
