import { expect, test } from 'vitest';
import { type LayerEntry, LayeredFiles } from '../../src/modules-directory/layered-files.ts';

test('LayeredFiles follows 40 links in one path, as the kernel does', () => {
  const files = new LayeredFiles<never>('/x/6.1', '6.1', () => undefined);
  const links = Array.from({ length: 41 }, (_, i): [string, LayerEntry<never>] => [
    `${i + 1}`,
    { kind: 'symlink', target: `${i}` },
  ]);
  files.lay([['0', { kind: 'file', file: '0' }], ...links]);
  expect(files.follow('/x/6.1/40')).toBe('file');
  expect(() => files.follow('/x/6.1/41')).toThrow('ELOOP');
});
