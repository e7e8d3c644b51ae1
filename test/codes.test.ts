import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manPages } from '../scripts/man-pages.ts';
import { CODES } from '../src/codes.ts';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'codes.ts')
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n');

test('CODES: stand in order, each is used, and each says what it means in one line', () => {
  const names = Object.keys(CODES);
  expect(names).toEqual([...names].sort());
  expect(names.filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
  expect(Object.values(CODES).filter((meaning) => !/^[a-zA-Z.].{10,90}[^.]$/.test(meaning))).toEqual([]);
});

test('modalias-codes(7): lists every code with its meaning', () => {
  const page = manPages([], { version: '1.2.3', date: '' })['man/modalias-codes.7']!;
  for (const [name, meaning] of Object.entries(CODES)) {
    expect(page).toContain(`\\fB${name.replaceAll('-', '\\-')}\\fR\n${meaning.replaceAll('-', '\\-')}`);
  }
});
