import { expect, test } from 'vitest';
import { groupsDot } from '../../src/report/vfio-groups-dot.ts';
import { readGroups } from '../../src/vfio/sysfs/groups.ts';
import { machineRoot } from '../vfio/machine-root.ts';

test('groupsDot draws a line from a bridge to each device right behind it', () => {
  const dot = groupsDot(readGroups(machineRoot('intel-desktop').roots));
  const bridge = 'devices/pci0000:00/0000:00:01.0';
  expect(dot.split('\n').filter((line) => line.includes(`"${bridge}" ->`))).toEqual([
    `  "${bridge}" -> "${bridge}/0000:01:00.0";`,
    `  "${bridge}" -> "${bridge}/0000:01:00.1";`,
  ]);
});

test('groupsDot quotes what Graphviz would take for syntax', () => {
  const { groups, ...view } = readGroups(machineRoot('intel-desktop').roots);
  const member = { ...groups[0]!.members[0]!, path: 'devices/a"b\\', name: 'a"b\\', driver: 'x\x1b' };
  expect(groupsDot({ ...view, groups: [{ ...groups[0]!, members: [member] }] }, { names: () => [] })).toContain(
    String.raw`"devices/a\"b\\" [label="a\"b\\\nhost bridge\nx?"];`,
  );
});

test('groupsDot shows class, name and driver of a member, and whether its group can be given', () => {
  const { roots } = machineRoot('intel-desktop');
  const names = { names: (...ids: readonly string[]) => (ids[0] === '10de' ? ['NVIDIA', `card ${ids[1]}`] : []) };
  const lines = groupsDot(readGroups(roots, new Set(['1', '2', '5'])), names).split('\n');
  expect(lines).toContain(
    String.raw`    "devices/pci0000:00/0000:00:01.0/0000:01:00.0" [label="0000:01:00.0\nVGA controller\nNVIDIA card 2704\nnouveau", color=red];`,
  );
  expect(lines).toContain(
    String.raw`    label="group 1 DMA-FQ\nin use by the host: can be given after moving 2 endpoints";`,
  );
  expect(lines.filter((line) => line.startsWith('    color='))).toEqual([
    '    color=orange;',
    '    color=red;',
    '    color=orange;',
  ]);
});
