import { describe, expect, test } from 'vitest';
import {
  atRelease,
  formatRelease,
  history,
  knownRelease,
  NEWEST_RELEASE,
  parseRelease,
  since,
  until,
} from '../src/release.ts';

describe('parseRelease', () => {
  test.each([
    ['6.12', 6012],
    ['6.12.117+deb12-amd64', 6012],
    ['5.10.0-32-686-pae', 5010],
    ['v7.2-rc1', 7002],
    ['7.2', 7002],
  ])('parseRelease(%s) is %i', (text, release) => {
    expect(parseRelease(text)).toBe(release);
  });

  test.each(['', '6', '6.', 'six.one', '6.1234', '.1', '-6.1'])('parseRelease(%j) is refused', (text) => {
    expect(() => parseRelease(text)).toThrow(/is no kernel release; wanted two numbers first/);
  });
});

test('formatRelease is the inverse of parseRelease', () => {
  for (const text of ['5.10', '6.1', '6.12', '7.3']) expect(formatRelease(parseRelease(text))).toBe(text);
});

describe('knownRelease', () => {
  test('knownRelease takes a newer release for the newest known, and says so', () => {
    const said: string[] = [];
    expect(knownRelease('99.9', (message) => said.push(message))).toBe(NEWEST_RELEASE);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^99\.9 is newer than /);
  });

  test('knownRelease refuses what is older than any known', () => {
    expect(() => knownRelease('5.9', () => {})).toThrow(/the rules of 5\.9 are not known/);
  });
});

describe('atRelease', () => {
  const sizes = history({ '5.10': 9, '5.18': 16 });

  test.each([
    [5009, undefined],
    [5010, 9],
    [5017, 9],
    [5018, 16],
    [7003, 16],
  ])('atRelease at %i: the last value that holds', (release, value) => {
    expect(atRelease(sizes, release)).toBe(value);
  });

  test('atRelease knows what came and what went', () => {
    expect([6000, 6001].map((at) => atRelease(since('6.1', 'x'), at))).toEqual([undefined, 'x']);
    expect([6000, 6001].map((at) => atRelease(until('6.1', 'x'), at))).toEqual(['x', null]);
  });
});
