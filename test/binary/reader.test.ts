import { expect, test } from 'vitest';
import { Reader } from '../../src/binary/reader.ts';

const ABI = { wordSize: 8, littleEndian: true, maxAlign: 8 } as const;

test('Reader.indexOf: finds what Buffer.indexOf finds, with and without leading underscores', () => {
  const text = '__m_mod__mod___mod_x____mod_';
  const bytes = Buffer.from(text);
  const reader = new Reader(bytes, ABI, 'x');
  for (const sought of ['__mod_', '_mod_', 'mod_', '_', '__', '____', '____m', 'mod_x', '_x_', 'nothing', '_nothing'])
    for (let from = 0; from <= text.length; from++)
      expect([sought, from, reader.indexOf(Buffer.from(sought), from)]).toEqual([
        sought,
        from,
        bytes.indexOf(sought, from),
      ]);
});
