import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bracketOf, type GlobLanguage, globsOfTokens } from '../../../src/packaging/export/globs.ts';
import { fnmatch } from '../../../src/pattern/fnmatch.ts';
import { normalizeAlias } from '../../../src/pattern/normalize.ts';
import { tokenize } from '../../../src/pattern/tokens.ts';

const globsOf = (pattern: string, language: GlobLanguage) => globsOfTokens(tokenize(pattern, 'alias')!, language);

const plain: GlobLanguage = {
  literal: (byte) => {
    const char = String.fromCharCode(byte);
    return /[!-~]/.test(char) && char !== '*' && char !== '?' ? char : undefined;
  },
};
const brackets: GlobLanguage = {
  literal: (byte) => String.fromCharCode(byte).replace(/[\\*?[]/, '\\$&'),
  oneOf: bracketOf,
};

test.each([
  ['pci:v*d1sv*', ['pci:v*d1sv*']],
  ['pci:v*d[0-2]', ['pci:v*d0', 'pci:v*d1', 'pci:v*d2']],
  ['pci:v*d[01]i[ab]', ['pci:v*d0ia', 'pci:v*d0ib', 'pci:v*d1ia', 'pci:v*d1ib']],
  ['i2c:a_b', ['i2c:a-b', 'i2c:a_b']],
  ['i2c:a?b', ['i2c:a?b']],
  ['dmi:a**b', ['dmi:a*b']],
])('globsOfTokens: %s without brackets is %j', (pattern, texts) => {
  expect(globsOf(pattern, plain)).toEqual({ texts, widened: [], isCrowded: false });
});

test.each([
  ['pci:v*d[0-2A]', 'pci:v*d[0-2A]'],
  ['i2c:a_b', 'i2c:a[_-]b'],
  ['x:\\*[a]', 'x:\\\\*a'],
  ['x:*[!a]', 'x:*[]'],
])('globsOfTokens: %s with brackets begins as %j', (pattern, text) => {
  const globs = globsOf(pattern, brackets)!;
  expect(globs.texts[0]!.startsWith(text)).toBe(true);
  expect(globs).toMatchObject({ texts: { length: 1 }, widened: [] });
});

test('globsOfTokens: a star that stands for itself is a question mark where there is no other way, and is reported', () => {
  expect(globsOf('x:?\\*', plain)).toMatchObject({ texts: ['x:??'], widened: [0x2a] });
  expect(globsOf('x:?\\*', brackets)).toMatchObject({ texts: ['x:?\\*'], widened: [] });
});

test('globsOfTokens: a bracket that a dash alone is in matches no modalias, as lookups have no dash', () => {
  expect(globsOf('x:*[-]', plain)).toBeUndefined();
});

test('globsOfTokens: what a reader cannot say is a question mark, and is reported', () => {
  expect(globsOf('dmi:a(b*', { literal: (byte) => (byte === 0x28 ? undefined : String.fromCharCode(byte)) })).toEqual({
    texts: ['dmi:a?b*'],
    widened: [0x28],
    isCrowded: false,
  });
});

test('globsOfTokens: what needs too many texts is wider, and is reported', () => {
  const globs = globsOf('x:*[0-9A-F][0-9A-F][0-9A-F]', plain)!;
  expect(globs.texts).toHaveLength(256);
  expect(globs.texts[0]).toBe('x:*00?');
  expect([globs.widened, globs.isCrowded]).toEqual([[], true]);
});

test('globsOfTokens: a pattern of nothing but brackets takes no longer than another', () => {
  const globs = globsOf(`x:*${'[0-9]'.repeat(800)}`, plain)!;
  expect(globs.texts).toHaveLength(100);
  expect(globs.texts[0]).toHaveLength(803);
});

const piece = fc.constantFrom(
  'a',
  'b',
  '_',
  '-',
  '*',
  '?',
  '[ab]',
  '[a-c]',
  '[!b]',
  '[_x]',
  '[]a]',
  '[^-a]',
  '\\',
  ':',
  ',',
);
const key = fc.array(fc.constantFrom(...'ab_-c:],x^!'), { maxLength: 6 }).map((letters) => letters.join(''));

test('globsOfTokens: the texts match what a lookup matches, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.array(key, { minLength: 20, maxLength: 20 }), (pieces, keys) => {
      const pattern = normalizeAlias(`x:${pieces.join('')}`);
      fc.pre(pattern !== undefined);
      const tokens = tokenize(pattern!, 'alias');
      for (const text of keys.map((one) => `x:${one}`)) {
        const asked = text.replaceAll('-', '_');
        const start = pattern!.search(/[*?[]/);
        const matches =
          start === -1
            ? asked === pattern
            : asked.startsWith(pattern!.slice(0, start)) && fnmatch(pattern!.slice(start), asked.slice(start));
        if (text.includes(']')) continue;
        for (const language of [plain, brackets]) {
          const globs = tokens && globsOfTokens(tokens, language);
          if (!globs) expect(tokens === undefined || !matches).toBe(true);
          else if (language === brackets || (globs.widened.length === 0 && !globs.isCrowded))
            expect([pattern, text, globs.texts.some((glob) => globMatches(glob, text, language))]).toEqual([
              pattern,
              text,
              matches,
            ]);
        }
      }
    }),
  );
});

/** A text without brackets as a reader without them takes it: a backslash, too, stands for itself. */
const globMatches = (glob: string, text: string, language: GlobLanguage) =>
  fnmatch(language === brackets ? glob : glob.replaceAll('\\', '\\\\').replaceAll('[', '\\['), text);

test('bracketOf: holds the bytes given and no other', () => {
  const bytes = fc.uniqueArray(fc.constantFrom(...Buffer.from('abcdxyz]-!^[\\:.=09')), { minLength: 1 });
  fc.assert(
    fc.property(bytes, (some) => {
      const text = bracketOf([...some].sort((a, b) => a - b));
      for (let byte = 1; byte < 256; byte++)
        expect([text, byte, fnmatch(text, String.fromCharCode(byte))]).toEqual([text, byte, some.includes(byte)]);
    }),
  );
});

test('bracketOf: writes three bytes in a row as a range, and two by themselves', () => {
  const of = (text: string) => bracketOf([...Buffer.from(text)]);
  expect([of('ab'), of('abc'), of('abd'), of('abcxyz')]).toEqual(['[ab]', '[a-c]', '[abd]', '[a-cx-z]']);
});

test('globsOfTokens: of choices that make too many texts, the largest are given up', () => {
  const globs = globsOf('pci:*[0-9][0-9A-Fa-f][01]i[0-9]', plain)!;
  expect(globs).toMatchObject({ texts: { length: 200 }, isCrowded: true });
  expect(globs.texts[0]).toBe('pci:*0?0i0');
});
