import { describe, expect, test } from 'vitest';
import { depmodOrder, hashOrder } from '../../src/modules-directory/module-order.ts';

const modules = ['kernel/a-b.ko', 'kernel/c.ko.xz', 'kernel/x.y.ko', 'updates/d.ko', 'e.ko', 'f.ko.zst'].map(
  (relative) => {
    const name = relative
      .slice(relative.lastIndexOf('/') + 1)
      .replace(/\..*/, '')
      .replaceAll('-', '_');
    return { name, relative, path: `/m/${relative}`, scanned: `/m/${relative}` };
  },
);
const names = (list: readonly { name: string }[]) => list.map((m) => m.name);
const hashed = names(hashOrder(modules));
const order = (text: string | undefined, repeated: 'first' | 'last' = 'last') =>
  names(depmodOrder(modules, text, repeated).modules);
const rest = (...listed: string[]) => hashed.filter((name) => !listed.includes(name));

test('hashOrder does not depend on the order of the files', () => {
  expect(names(hashOrder(modules.toReversed()))).toEqual(hashed);
});

test('hashOrder orders the names of one bucket by their bytes', () => {
  // Pairs that share one of the 512 buckets.
  for (const pair of [
    ['ao', 'bi'],
    ['ab', 'bj'],
  ]) {
    const files = pair.map((name) => ({ name, path: `/m/${name}.ko`, scanned: `/m/${name}.ko` }));
    for (const order of [files, files.toReversed()]) expect(names(hashOrder(order))).toEqual(pair);
  }
});

describe('depmodOrder', () => {
  test('depmodOrder is the hash order without a modules.order', () => {
    expect(order(undefined)).toEqual(hashed);
    expect(order('')).toEqual(hashed);
  });

  test('depmodOrder lists first what modules.order lists, compressed files under .ko', () => {
    expect(order('f.ko\nkernel/c.ko\nkernel/a-b.ko\n')).toEqual(['f', 'c', 'a_b', ...rest('f', 'c', 'a_b')]);
  });

  test.each([
    'kernel/a_b.ko',
    'kernel/c.ko.xz',
    'kernel/x.y.ko',
    'x.ko',
    '/m/e.ko',
    './e.ko',
    '#e.ko',
    ' e.ko',
    'e.ko\r',
  ])('depmodOrder takes no notice of the line %j', (line) => {
    expect(order(`${line}\n`)).toEqual(hashed);
  });

  test('depmodOrder uses the last of repeated lines up to kmod 33, the first from 34 on', () => {
    const text = 'e.ko\nf.ko\nkernel/c.ko\ne.ko\n';
    expect(order(text, 'last').slice(0, 3)).toEqual(['f', 'c', 'e']);
    expect(order(text, 'first').slice(0, 3)).toEqual(['e', 'f', 'c']);
  });

  test.each([
    ['no newline at the end', 'f.ko\ne.ko', 2],
    ['a NUL inside a line', 'f.ko\ne.k\0o\n', 2],
    ['a line of 4,095 bytes', `f.ko\n${'x'.repeat(4095)}\n`, 2],
  ])('depmodOrder ignores a modules.order with %s, and says where', (_what, text, line) => {
    const { modules: ordered, diagnostics } = depmodOrder(modules, text, 'last');
    expect(names(ordered)).toEqual(hashed);
    expect(diagnostics).toMatchObject([{ code: 'damaged-order', line }]);
  });

  test('depmodOrder reads a modules.order of many lines once', { timeout: 4000 }, () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `kernel/${'x'.repeat(80)}${i}.ko\n`).join('');
    expect(order(`${lines}f.ko\n`)[0]).toBe('f');
  });

  test('depmodOrder accepts a line of 4,094 bytes and skips one that begins with a NUL', () => {
    expect(order(`${'x'.repeat(4094)}\n\0abc\nf.ko\n`)[0]).toBe('f');
  });
});
