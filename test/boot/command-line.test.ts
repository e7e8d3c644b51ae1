import { expect, test } from 'vitest';
import { listOf, parameters } from '../../src/boot/command-line.ts';

test('parameters reads names and values as the kernel does, up to what is for init', () => {
  expect(parameters('ro vfio-pci.ids=1:2,3:4 "a=b c" d="e f"\tg= -- vfio.x=1\n')).toEqual([
    { name: 'ro', value: null },
    { name: 'vfio-pci.ids', value: '1:2,3:4' },
    { name: 'a', value: 'b c' },
    { name: 'd', value: 'e f' },
    { name: 'g', value: '' },
  ]);
});

test('listOf puts the lists of every parameter of a name one after the other', () => {
  expect(listOf(parameters('x=a,b x x=,c y=d'), 'x')).toEqual(['a', 'b', 'c']);
});

test('parameters reads 4,096 characters, the most that a kernel takes', () => {
  expect(parameters(`${'x'.repeat(4094)} ab`).at(-1)).toEqual({ name: 'a', value: null });
});
