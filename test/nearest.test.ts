import { expect, test } from 'vitest';
import { didYouMean, didYouMistype } from '../src/nearest.ts';

const mean = (written: string, ...known: readonly string[]) => didYouMean(written, known);

test('didYouMean suggests a name in other case, with its letters swapped, three letters that the text begins with, or the closest', () => {
  expect(mean('PCI', 'usb', 'pci')).toBe("; did you mean 'pci'?");
  expect(mean('ubs', 'usa', 'usb')).toBe("; did you mean 'usb'?");
  expect(mean('pcibus-of-old', 'usb', 'pci')).toBe("; did you mean 'pci'?");
  expect(mean('offsets-of-old', 'of')).toBe('');
  expect(mean('platfrom', 'plat', 'platform')).toBe("; did you mean 'platform'?");
  expect(mean('abcdefghi', 'abcdefxyz')).toBe("; did you mean 'abcdefxyz'?");
  expect(mean('abcdefgh', 'abcdewxyz')).toBe('');
  expect(mean('x', 'y')).toBe('');
  // A third of the letters, rounded, may be wrong.
  expect(mean('abcdefgh', 'abcdexyz')).toBe("; did you mean 'abcdexyz'?");
  expect(mean('abcdefg', 'abcdxyz')).toBe('');
  expect([mean('ox', 'oy'), mean('oxen', 'oyyn')]).toEqual(["; did you mean 'oy'?", '']);
  expect(mean('abcdefghijkl', 'abcdefghwxyz')).toBe('');
});

test('didYouMistype suggests what a slip of the keys makes of a name, not what begins like it', () => {
  const mistype = (written: string, ...known: readonly string[]) => didYouMistype(written, known);
  expect(mistype('e1000', 'e1000e')).toBe("; did you mean 'e1000e'?");
  expect(mistype('igb_vf', 'igb')).toBe('');
  expect(mistype('xyz', 'xya')).toBe('');
  expect(mistype('abcdefgh', 'abcdefxy')).toBe("; did you mean 'abcdefxy'?");
  expect(mistype('abcdefgh', 'abcdexyz')).toBe('');
});
