import { expect, test } from 'vitest';
import { stageConfig } from '../../../src/boot/modules/modprobe-files.ts';
import { type ProbeOptions, probeList } from '../../../src/boot/modules/probe-list.ts';
import { MODULES, memoryFiles, memoryModules } from '../memory-stage.ts';

const NEEDS = { vfio_pci: ['vfio_pci_core', 'vfio'], vfio_pci_core: ['vfio'], vfio: [], e1000e: [], igb: [] };

/** What is inserted, `!` before what an install line replaces; then what is refused. */
function listed(name: string, config = '', options: Partial<ProbeOptions> = {}) {
  const { insertions, refused } = probeList(memoryModules(NEEDS, config), name, { applyBlacklist: false, ...options });
  return [
    insertions.map(({ module, command }) => (command ? `!${module}` : module)).join(' '),
    refused.map(({ module, because }) => `${module}: ${because.rule}`).join(),
  ];
}

test.each<[what: string, config: string, name: string, options: Partial<ProbeOptions>, list: string, refused: string]>([
  ['what it needs, the farthest first', '', 'vfio-pci', {}, 'vfio vfio_pci_core vfio_pci', ''],
  [
    'softdeps around it',
    'softdep e1000e pre: vfio-pci post: igb',
    'e1000e',
    {},
    'vfio vfio_pci_core vfio_pci e1000e igb',
    '',
  ],
  ['an install line in its place', 'install e1000e /bin/true', 'e1000e', {}, '!e1000e', ''],
  [
    'no install line where it has softdeps',
    'softdep e1000e pre: igb\ninstall e1000e /bin/true',
    'e1000e',
    {},
    'igb e1000e',
    '',
  ],
  [
    'an install line beside a softdep that names nothing',
    'softdep e1000e igb\ninstall e1000e /bin/true',
    'e1000e',
    {},
    '!e1000e',
    '',
  ],
  [
    'no install line where its softdep comes after it',
    'softdep e1000e post: igb\ninstall e1000e /bin/true',
    'e1000e',
    {},
    'e1000e igb',
    '',
  ],
  ['no install line with modprobe -i', 'install e1000e /bin/true', 'e1000e', { ignoreCommands: true }, 'e1000e', ''],
  [
    'the install line of what it needs, even so',
    'install vfio /bin/true',
    'vfio_pci',
    { ignoreCommands: true },
    '!vfio vfio_pci_core vfio_pci',
    '',
  ],
  ['a weakdep for nothing', 'weakdep e1000e igb', 'e1000e', {}, 'e1000e', ''],
  ['the softdep behind a weakdep', 'weakdep e1000e vfio\nsoftdep e1000e pre: igb', 'e1000e', {}, 'igb e1000e', ''],
  [
    'the blacklist where it is applied',
    'blacklist e1000e',
    'e1000e',
    { applyBlacklist: true },
    '',
    'e1000e: blacklist e1000e',
  ],
  ['no blacklist elsewhere', 'blacklist e1000e', 'e1000e', {}, 'e1000e', ''],
  ['the alias of a configuration', 'alias eth0 igb', 'eth0', {}, 'igb', ''],
  ['nothing for a name that is not there', '', 'none', {}, '', ''],
])('probeList takes %s', (_what, config, name, options, list, refused) => {
  expect(listed(name, config, options)).toEqual([list, refused]);
});

test('probeList follows softdeps 200 deep', () => {
  const names = Array.from({ length: 203 }, (_, i) => `m${i}`);
  const config = names.slice(1).map((name, i) => `softdep m${i} pre: ${name}`);
  const modules = memoryModules(Object.fromEntries(names.map((name) => [name, []])), config.join('\n'));
  const { insertions } = probeList(modules, 'm0', { applyBlacklist: false });
  expect(insertions.map(({ module }) => module)).toEqual(names.slice(0, 201).toReversed());
});

test('stageConfig skips a file of modprobe.d of more than 16 MiB, and says so', () => {
  const said: string[] = [];
  const files = memoryFiles({
    'etc/modprobe.d/a.conf': '#'.padEnd(16_777_217),
    'etc/modprobe.d/b.conf': 'blacklist b',
  });
  const { blacklist } = stageConfig(files, MODULES, null, ({ file, message }) => said.push(`${file}: ${message}`));
  expect(blacklist.map(({ module }) => module)).toEqual(['b']);
  expect(said).toEqual(['etc/modprobe.d/a.conf: skipped: 16777217 bytes are more than the limit of 16777216']);
});
