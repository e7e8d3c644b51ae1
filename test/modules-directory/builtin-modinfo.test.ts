import { describe, expect, test } from 'vitest';
import { parseBuiltinModinfo } from '../../src/modules-directory/builtin-modinfo.ts';

describe('parseBuiltinModinfo', () => {
  test.each([
    ['a.alias=x\0', [['a', 'x']]],
    [
      'a.license=GPL\0a.alias=x=y\0b.file=z\0b.alias=p q\0',
      [
        ['a', 'x=y'],
        ['b', 'p q'],
      ],
    ],
    ['a.alias=\0b.alias=x\0', [['b', 'x']]],
    ['nothing\0a.alias=x\0', [['a', 'x']]],
    ['a.key\0b.alias=lost\0c.alias=x\0', [['c', 'x']]],
    ['.alias=x\0', []],
    ['a.b.alias=x\0', []],
    ['a.Alias=x\0', []],
    ['a.alias=unfinished', []],
    ['\0\0a.alias=x\0', [['a', 'x']]],
    ['', []],
  ])('parseBuiltinModinfo reads %j as depmod does', (text, expected) => {
    expect(parseBuiltinModinfo(text).map((a) => [a.module, a.alias])).toEqual(expected);
  });

  test('parseBuiltinModinfo cuts a value of 4,096 bytes and loses its place after a longer one', () => {
    const value = (length: number) =>
      parseBuiltinModinfo(`a.alias=${'x'.repeat(length)}\0b.alias=y\0`).map((a) => [a.module, a.alias.length]);
    expect(value(4095)).toEqual([
      ['a', 4095],
      ['b', 1],
    ]);
    expect(value(4096)).toEqual([
      ['a', 4095],
      ['b', 1],
    ]);
    expect(value(4097)).toEqual([['b', 1]]);
    expect(value(4099)).toEqual([['b', 1]]);
  });
});
