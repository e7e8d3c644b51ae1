import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDevice } from '../../../src/vfio/sysfs/device.ts';
import { holdersOf } from '../../../src/vfio/uses/device-nodes.ts';
import { readNodes, readOpenFiles } from '../../../src/vfio/uses/holders.ts';
import { readMachine } from '../../fake-root.ts';
import { machineRoot, type TestRoot } from '../machine-root.ts';

const CARD = 'devices/pci0000:00/0000:00:1f.2';

/** A machine whose processes have these files open and these names. */
function processes(links: Readonly<Record<string, string>>, proc: Readonly<Record<string, string>> = {}): TestRoot {
  return machineRoot({ ...readMachine('viommu-guest'), procLinks: links, proc });
}

describe('readOpenFiles', () => {
  test('readOpenFiles gives the processes that have something open that is asked for, with what they are called', () => {
    const { roots } = processes(
      {
        '9/fd/3': '/dev/a',
        '9/fd/4': '/dev/b',
        '10/fd/0': '/dev/a',
        '11/fd/0': '/dev/b',
        '12/fd/1': '/dev/a',
        'x1/fd/0': '/dev/a',
      },
      { '9/comm': 'qemu\n', '10/comm': 'a\x1b[2J\n', '12/comm': '\n' },
    );
    expect(readOpenFiles(roots.proc, (file) => file === '/dev/a')).toEqual({
      processes: [
        { pid: '10', text: 'process 10 (a?[2J)', files: [{ fd: '0', file: '/dev/a' }] },
        { pid: '12', text: 'process 12', files: [{ fd: '1', file: '/dev/a' }] },
        { pid: '9', text: 'process 9 (qemu)', files: [{ fd: '3', file: '/dev/a' }] },
      ],
      unseen: 0,
    });
  });

  test('readOpenFiles counts those that do not show what they have open, and not those that have nothing', () => {
    // What cannot be entered looks like a link to nowhere.
    const { roots } = processes({ '5/fd': 'nowhere', '6/fd': 'nowhere', '7/fd/0': '/dev/a' }, { '8/comm': 'gone\n' });
    fs.mkdirSync(path.join(roots.proc.root, '9/fd'), { recursive: true });
    expect(readOpenFiles(roots.proc, () => false)).toEqual({ processes: [], unseen: 2 });
  });
});

describe('readNodes', () => {
  const nodes = (root: TestRoot) => readNodes(root.roots, [readDevice(root.roots.sysfs, CARD)]);
  const put = (root: TestRoot, at: string, node: string) => {
    const directory = path.join(root.sysfs, CARD, at);
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, 'uevent'), `MAJOR=8\nDEVNAME=${node}\n`);
  };

  test('readNodes finds the files of what lies below a device, and those of its group', () => {
    const root = machineRoot('viommu-guest');
    put(root, 'ata1/block/sda', 'sda');
    const mine = ['0000:00:1f.2'];
    expect([...nodes(root)]).toEqual([
      ['/dev/sda', mine],
      ['/dev/vfio/5', mine],
      ['/dev/vfio/noiommu-5', mine],
    ]);
  });

  test('readNodes finds the namespaces that NVMe controllers share, by both of their files', () => {
    const root = machineRoot('viommu-guest');
    const subsystem = (name: string, controller: string) => {
      const at = path.join(root.sysfs, 'devices/virtual/nvme-subsystem', name);
      for (const [file, node] of [
        ['nvme7n1', `${name}n1`],
        ['ng7n1', `${name}g1`],
        ['nvme7c0n1', `${name}c1`],
      ] as const) {
        fs.mkdirSync(path.join(at, file), { recursive: true });
        fs.writeFileSync(path.join(at, file, 'uevent'), `DEVNAME=${node}\n`);
      }
      fs.mkdirSync(path.join(root.sysfs, controller), { recursive: true });
      fs.symlinkSync(path.relative(at, path.join(root.sysfs, controller)), path.join(at, 'nvme7'));
      fs.mkdirSync(path.join(root.sysfs, 'class/nvme-subsystem'), { recursive: true });
      fs.symlinkSync(
        path.relative(path.join(root.sysfs, 'class/nvme-subsystem'), at),
        path.join(root.sysfs, 'class/nvme-subsystem', name),
      );
    };
    subsystem('mine', `${CARD}/nvme/nvme7`);
    subsystem('other', 'devices/virtual/nvme-fabrics/ctl/nvme7');
    expect([...nodes(root).keys()].filter((name) => !name.startsWith('/dev/vfio/')).sort()).toEqual([
      '/dev/mineg1',
      '/dev/minen1',
    ]);
  });

  test('readNodes finds the groups of mediated devices, which UUIDs name, and of nothing else below a device', () => {
    const root = machineRoot('viommu-guest');
    for (const [name, group] of [
      ['83b8f4f2-509f-382f-3c1e-e6bfe0fa1001', '77'],
      ['83b8f4f2-509f-382f-3c1e-e6bfe0fa100', '78'],
      ['0000:05:00.0', '79'],
    ] as const) {
      fs.mkdirSync(path.join(root.sysfs, CARD, name));
      fs.symlinkSync(`../../../../kernel/iommu_groups/${group}`, path.join(root.sysfs, CARD, name, 'iommu_group'));
    }
    const groups = [...nodes(root).keys()].filter((name) => /^\/dev\/vfio\/\d+$/.test(name));
    expect(groups.sort()).toEqual(['/dev/vfio/5', '/dev/vfio/77']);
  });

  test('readNodes names a device once of a file that several things below it have', () => {
    const root = machineRoot('viommu-guest');
    put(root, 'ata1/block/sda', 'sda');
    put(root, 'ata1/scsi/sda', 'sda');
    expect(nodes(root).get('/dev/sda')).toEqual(['0000:00:1f.2']);
  });

  test('readNodes looks at a device inside another by itself, and shares the files of a group', () => {
    const { roots } = machineRoot('viommu-guest');
    const { sysfs } = roots;
    const outer = readDevice(sysfs, 'devices/pci0000:00/0000:00:04.0/0000:03:00.0');
    const inner = readDevice(sysfs, `${outer.path}/0000:04:01.0`);
    fs.writeFileSync(path.join(sysfs.root, inner.path, 'uevent'), 'DEVNAME=x\n');
    expect(readNodes(roots, [outer, inner]).get('/dev/x')).toEqual(['0000:04:01.0']);
    expect(readNodes(roots, [outer]).get('/dev/x')).toEqual(['0000:03:00.0']);
    expect(readNodes(roots, [outer, inner]).get('/dev/vfio/8')).toEqual(['0000:03:00.0', '0000:04:01.0']);
  });

  test('readNodes goes twenty directories down and no further', () => {
    const root = machineRoot('viommu-guest');
    const down = (depth: number) => Array.from({ length: depth }, (_, i) => `d${i}`).join('/');
    put(root, down(20), 'deep');
    put(root, down(21), 'deeper');
    expect(nodes(root).has('/dev/deep')).toBe(true);
    expect(nodes(root).has('/dev/deeper')).toBe(false);
  });

  test('readNodes looks at five thousand directories of a device, itself among them, and no more', () => {
    const root = machineRoot('viommu-guest');
    for (let i = 0; i < 4998; i++) fs.mkdirSync(path.join(root.sysfs, CARD, `a${i}`));
    put(root, 'b', 'last');
    expect(nodes(root).has('/dev/last')).toBe(true);
    fs.mkdirSync(path.join(root.sysfs, CARD, 'a4998'));
    expect(nodes(root).has('/dev/last')).toBe(false);
  });
});

test('holdersOf names each file of a process once, for every device whose it is', () => {
  const files = ['/dev/a', '/dev/b', '/dev/a'].map((file, fd) => ({ fd: `${fd}`, file }));
  const owners = new Map([['/dev/a', ['x', 'y']]]);
  expect(holdersOf([{ pid: '7', text: 'process 7', files }], owners)).toEqual([
    { device: 'x', kind: 'process', text: 'process 7 has /dev/a open' },
    { device: 'y', kind: 'process', text: 'process 7 has /dev/a open' },
  ]);
});
