import { expect, test } from 'vitest';
import { BusCounter } from '../../../src/packaging/verify/bus-summary.ts';
import type { TableCount } from '../../../src/packaging/verify/verify-module.ts';

const table = (bus: string, rows: number, aliases: number, ...prefixes: readonly string[]): TableCount => ({
  ...{ bus, rows, aliases },
  prefixes: new Set(prefixes),
});
const summary = (
  ...modules: readonly (readonly [tables: readonly TableCount[], handWritten?: readonly string[]])[]
) => {
  const counter = new BusCounter();
  for (const [tables, handWritten = []] of modules) counter.add({ causes: [], handWritten, tables, diagnostics: [] });
  return counter
    .summary()
    .map(({ bus, modules: of, tables, rows, aliases, handWritten }) =>
      [bus, of, tables, rows, aliases, handWritten].join(' '),
    );
};

test('BusCounter counts a module once for each type, however many tables it has of it, in the order of names', () => {
  expect(summary([[table('usb', 1, 1, 'usb'), table('pci', 2, 3, 'pci'), table('pci', 1, 1, 'pci')]])).toEqual([
    'pci 1 2 3 4 0',
    'usb 1 1 1 1 0',
  ]);
});

test('BusCounter gives hand-written aliases to the type of that very name, else to the first that makes their prefix', () => {
  const modules = [
    [[table('vfio', 1, 1, 'pci', 'vfio_pci')], ['pci:x', 'vfio_pci:x']],
    [[table('pci', 1, 1, 'pci')], []],
    [[table('late', 1, 1, 'vfio_pci')], ['char-major-10-200']],
  ] as const;
  expect(summary(...modules)).toEqual(['late 1 1 1 1 0', 'pci 1 1 1 1 1', 'vfio 1 1 1 1 1', 'other 0 0 0 0 1']);
});
