import { expect, test } from 'vitest';
import { loadDoings } from '../../../src/boot/run/load.ts';
import { memoryModules, memoryStage, said } from '../memory-stage.ts';

const none = () => [];

test('loadDoings gives a module the ids that the configuration has for it last', () => {
  const config =
    'options vfio_pci ids=1:1\noptions vfio_pci disable_vga=1\noptions vfio-pci ids=2:2 ids=3:3\noptions vfio_pci x=1\n';
  const stage = memoryStage(memoryModules({ vfio_pci: [] }, config));
  const [doing] = loadDoings(stage, 'vfio-pci', [], { applyBlacklist: false }, none);
  expect(said([doing!])).toEqual(['load vfio_pci ids=3:3']);
  expect(doing!.because).toEqual([
    { file: 'etc/modprobe.d/a.conf', line: 3, rule: 'options vfio_pci ids=2:2 ids=3:3' },
  ]);
});

test('loadDoings loads nothing that module_blacklist= names, however it is asked', () => {
  const stage = memoryStage(memoryModules({ vfio_pci: [], igb: [] }), {}, 'module_blacklist=a,vfio-pci quiet');
  for (const name of ['vfio_pci', 'vfio-pci'])
    expect(loadDoings(stage, name, [], { applyBlacklist: false }, none)).toEqual([]);
  expect(said(loadDoings(stage, 'igb', [], { applyBlacklist: false }, none))).toEqual(['load igb']);
});
