import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, Splitter } from '../../src/tables/split.ts';

/**
 * What a splitter makes of a text that comes in these parts: line, pointer, members and text of a piece, or what is out
 * of place.
 */
function split(...parts: readonly string[]) {
  const splitter = new Splitter('f.json');
  for (const part of parts) splitter.push(Buffer.from(part));
  if (!splitter.done) splitter.end();
  return splitter.pieces.map((piece) => {
    const { line, pointer } = piece;
    if ('found' in piece) return [line, pointer, piece.found, piece.expected];
    const text = piece.bytes.toString();
    return piece.tooDeepAt === undefined ? [line, pointer, piece.members, text] : [line, pointer, piece.tooDeepAt];
  });
}

const sound: [what: string, text: string, pieces: ReturnType<typeof split>][] = [
  ['one object', '{"a":1}', [[1, '', 1, '{"a":1}']]],
  [
    'one after the other, each on its line',
    ' {"a":1}\r\n\t{"b":{"c":2}}\n\n{}',
    [
      [1, '', 1, '{"a":1}'],
      [2, '', 2, '{"b":{"c":2}}'],
      [4, '', 0, '{}'],
    ],
  ],
  [
    'an array: pointers count its elements, lines are those where they begin',
    '[\n{"a":\n1} ,\n{"b":[2]}\n]\n',
    [
      [2, '/0', 1, '{"a":\n1}'],
      [4, '/1', 1, '{"b":[2]}'],
    ],
  ],
  ['an empty array', ' [ ] ', []],
  ['brackets and colons in strings', '{"a":"}{][:","b\\"}":"\\\\"}', [[1, '', 2, '{"a":"}{][:","b\\"}":"\\\\"}']]],
  [
    'a string that lacks its quote ends with its line, be it ended by \\n or \\r',
    '{"a":"b\n}{"c":"d\r}',
    [
      [1, '', 1, '{"a":"b\n}'],
      [2, '', 1, '{"c":"d\r}'],
    ],
  ],
  ['an object that does not end', '{"a":[1,', [[1, '', 1, '{"a":[1,']]],
  ['what one object leaves open, the next does not find', '{"a":"\\\n}{"b":1}', [[1, '', 1, '{"a":"\\\n}{"b":1}']]],
];

describe('Splitter', () => {
  test.each(sound)('Splitter: %s', (_what, text, pieces) => {
    expect(split(text)).toEqual(pieces);
  });

  test.each(sound)('Splitter: %s, wherever the bytes are cut', (_what, text, pieces) => {
    for (let i = 0; i <= text.length; i++) expect(split(text.slice(0, i), text.slice(i)), `at ${i}`).toEqual(pieces);
    expect(split(...text)).toEqual(pieces);
  });

  test('Splitter skips a byte order mark at the start, and there only', () => {
    expect(split('\ufeff{}')).toEqual([[1, '', 0, '{}']]);
    expect(split('{}', '\ufeff{}')).toMatchObject([
      [1, '', 0, '{}'],
      [1, '', expect.any(String), 'a module object'],
      [1, '', 0, '{}'],
    ]);
  });

  const MODULES = 'a module object, an array of them, or one per line';

  test.each<[what: string, text: string, pieces: ReturnType<typeof split>]>([
    ['nothing', '', [[1, '', 'an empty file', MODULES]]],
    ['blanks', ' \t\r\n\n', [[3, '', 'an empty file', MODULES]]],
    [
      'a word first',
      'word {}',
      [
        [1, '', "'word'", MODULES],
        [1, '', 0, '{}'],
      ],
    ],
    [
      'a word between objects',
      '{} word\n{}',
      [
        [1, '', 0, '{}'],
        [1, '', "'word'", 'a module object'],
        [2, '', 0, '{}'],
      ],
    ],
    [
      'an array that does not begin',
      ']{}',
      [
        [1, '', "']'", MODULES],
        [1, '', 0, '{}'],
      ],
    ],
    [
      'an array within objects',
      '{}[',
      [
        [1, '', 0, '{}'],
        [1, '', "'['", 'a module object'],
      ],
    ],
    [
      'an array that does not end',
      '[{}',
      [
        [1, '/0', 0, '{}'],
        [1, '/1', 'the end of the file', "']'"],
      ],
    ],
    [
      'an array that ends with a comma',
      '[{},',
      [
        [1, '/0', 0, '{}'],
        [1, '/1', 'the end of the file', "']'"],
      ],
    ],
    [
      'a comma before its end',
      '[{},]',
      [
        [1, '/0', 0, '{}'],
        [1, '/1', "']'", 'a module object'],
      ],
    ],
    [
      'a comma first',
      '[,{}]',
      [
        [1, '/0', "','", 'a module object'],
        [1, '/0', 0, '{}'],
      ],
    ],
    [
      'a number as an element',
      '[12 ,{}]',
      [
        [1, '/0', "'12'", 'a module object'],
        [1, '/1', 0, '{}'],
      ],
    ],
    [
      'no comma between',
      '[{} {}]',
      [
        [1, '/0', 0, '{}'],
        [1, '/1', "'{'", "',' or ']'"],
        [1, '/1', 0, '{}'],
      ],
    ],
    [
      'a word instead of a comma',
      '[{} x {}]',
      [
        [1, '/0', 0, '{}'],
        [1, '/1', "'x'", "',' or ']'"],
        [1, '/1', "'{'", "',' or ']'"],
        [1, '/1', 0, '{}'],
      ],
    ],
    [
      'something behind the array',
      '[{}]x{}',
      [
        [1, '/0', 0, '{}'],
        [1, '', "'x'", 'nothing after the closing bracket'],
      ],
    ],
    [
      'a long word: its first 40 bytes',
      `${'w'.repeat(45)}`,
      [
        [1, '', `'${'w'.repeat(40)}'`, MODULES],
        [1, '', `'${'w'.repeat(5)}'`, 'a module object'],
      ],
    ],
  ])('Splitter says what is out of place: %s', (_what, text, pieces) => {
    expect(split(text)).toEqual(pieces);
  });

  test('Splitter looks at nothing behind 20 things out of place', () => {
    const pieces = (words: number) => split(`${'x\n'.repeat(words)}{}`, '{}').length;
    expect(pieces(19)).toBe(19 + 2);
    expect(pieces(20)).toBe(20);
    const splitter = new Splitter('f.json');
    splitter.push(Buffer.from('x\n'.repeat(19)));
    expect(splitter.done).toBe(false);
    splitter.push(Buffer.from('x\n'));
    expect(splitter.done).toBe(true);
  });

  test('Splitter marks the line on which an object is more than 32 brackets deep, and goes on with the next', () => {
    const nested = (depth: number) => `{"a":\n${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(MAX_DEPTH).toBe(32);
    expect(split(nested(32))).toEqual([[1, '', 1, nested(32)]]);
    expect(split(nested(33))).toEqual([[1, '', 2]]);
    expect(split(`${nested(34)}\n{}`)).toEqual([
      [1, '', 2],
      [3, '', 0, '{}'],
    ]);
  });
});

test('Splitter calls UTF-16 by its name, once', () => {
  for (const bom of ['\xff\xfe', '\xfe\xff']) {
    const splitter = new Splitter('f.json');
    splitter.push(Buffer.from(`${bom}{\0"\0`, 'latin1'));
    splitter.push(Buffer.from('a\0', 'latin1'));
    if (!splitter.done) splitter.end();
    expect(splitter.pieces).toEqual([{ line: 1, pointer: '', found: 'text in UTF-16', expected: 'UTF-8' }]);
  }
});
