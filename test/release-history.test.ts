import { describe, expect, test } from 'vitest';
import { parseRelease } from '../src/release.ts';
import { always, atRelease, history, since, until } from '../src/release-history.ts';

describe('atRelease', () => {
  const sizes = history({ '5.10': 9, '5.18': 16 });

  test.each([
    ['5.9', undefined],
    ['5.10.0', 9],
    ['5.10', 9],
    ['5.17.99', 9],
    ['5.18.0', 16],
    ['7.3', 16],
  ])('atRelease at %s: the last value that holds', (release, value) => {
    expect(atRelease(sizes, parseRelease(release))).toBe(value);
  });

  const mended = history({
    '5.10': 'no',
    '6.13': 'yes',
    '6.12.9': 'yes',
    '6.1.124': 'yes',
    '6.6.60': '?',
    '6.6.70': 'yes',
  });

  test.each([
    ['6.1.123', 'no'],
    ['6.1.124', 'yes'],
    ['6.1.0', 'no'],
    ['6.1', 'yes'],
    ['6.1.0-56-amd64', 'yes'],
    ['6.2', 'no'],
    ['6.2.200', 'no'],
    ['6.6.59', 'no'],
    ['6.6.65', '?'],
    ['6.6', 'yes'],
    ['6.11', 'no'],
    ['6.12.8', 'no'],
    ['6.12.9+deb13-amd64', 'yes'],
    ['6.13.0', 'yes'],
    ['7.0', 'yes'],
  ])('atRelease at %s: what a series took over holds for the rest of it alone', (release, value) => {
    expect(atRelease(mended, parseRelease(release))).toBe(value);
  });

  test('atRelease keeps what one series took over to its major number as well', () => {
    const taken = history({ '5.10': 'no', '5.15.9': 'yes' });
    const at = ['5.15.9', '5.14', '6.15', '6.15.9'].map((text) => atRelease(taken, parseRelease(text)));
    expect(at).toEqual(['yes', 'no', 'no', 'no']);
  });

  test('atRelease knows what came, what went and what always was', () => {
    const at = ['6.0', '6.1.0'].map(parseRelease);
    expect(at.map((release) => atRelease(since('6.1', 'x'), release))).toEqual([undefined, 'x']);
    expect(at.map((release) => atRelease(until('6.1', 'x'), release))).toEqual(['x', null]);
    expect(at.map((release) => atRelease(always('x'), release))).toEqual(['x', 'x']);
  });
});
