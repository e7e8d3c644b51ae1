import type { GroupMember } from '../vfio/sysfs/device.ts';
import type { IommuGroup, IommuView } from '../vfio/sysfs/groups.ts';
import { type IdList, installedIdList } from './id-list.ts';
import { className } from './pci-classes.ts';
import { fold, outputWidth, plain } from './terminal.ts';

/** IOMMU groups as trees, as text. `width` is that of the terminal, in characters. */
export function groupsText(view: IommuView, names: IdList = installedIdList('pci'), width = outputWidth()): string {
  const lines: string[] = [];
  for (const group of view.groups) addGroup(lines, group, names, width);
  if (view.groups.length === 0) lines.push(noGroups(view));
  const why = view.groups.flatMap(({ viability }) => viability.blockers)[0]?.why;
  if (why !== undefined) lines.push(...fold(`blocks: ${why}`, width));
  for (const note of view.notes) lines.push(...fold(`note: ${note}`, width));
  return `${lines.join('\n')}\n`;
}

function noGroups({ iommu, noiommu }: IommuView): string {
  if (iommu) return 'none of these devices is in an IOMMU group';
  if (noiommu) return 'no active IOMMU; vfio is in its unsafe no-IOMMU mode';
  return 'no active IOMMU, so there are no groups';
}

function addGroup(lines: string[], group: IommuGroup, names: IdList, width: number): void {
  const { id, type, name, members, reserved, notes, nodes } = group;
  const head = [`group ${id}`, type, name].filter((text) => text !== null).join('  ');
  lines.push(...fold(`${plain(head)}  ${availabilityText(group)}`, width));
  for (const member of members) {
    const last = member === members.at(-1);
    lines.push(...memberLines(member, group, names, width, last));
  }
  const extra = (label: string, text: string) => lines.push(...fold(`${label}: ${text}`, width, '   '));
  if (reserved.length > 0)
    extra('reserved', reserved.map(({ from, to, type: kind }) => `${from}-${to} ${kind}`).join(', '));
  if (reserved.some(({ type: kind }) => kind === 'direct'))
    extra('direct', 'the firmware uses these addresses (RMRR, IVMD): the kernel refuses to give the group to a guest');
  for (const note of notes) extra('isolation', note);
  if (nodes.length > 0) extra('files', nodes.map(plain).join(', '));
}

function memberLines(member: GroupMember, group: IommuGroup, names: IdList, width: number, last: boolean): string[] {
  const blocks = group.viability.blockers.some(({ device }) => device === member.name);
  const driver = member.driver === null ? 'no driver' : plain(member.driver);
  const what = member.class === null ? (member.bus ?? '') : className(member.class);
  const indent = last ? '   ' : '│  ';
  const words = [plain(member.name), ` ${what}`, ` ${driver}`, ...(blocks ? [' (blocks)'] : [])];
  const [first = '', ...more] = fold(words, width, indent);
  const name = longName(member, names);
  return [
    `${last ? '└─ ' : '├─ '}${first.slice(indent.length)}`,
    ...more,
    ...(name === null ? [] : fold(name, width, `${indent}   `)),
  ];
}

/** Whether a group can be given to a guest, in words. */
export function availabilityText({ availability }: Pick<IommuGroup, 'availability'>): string {
  const { state, move, unbind, why } = availability;
  if (state === 'now') return 'can be given now';
  if (state === 'no') return `cannot be given: ${why}`;
  const moving = move.length === 0 ? '' : `moving ${move.length} endpoint${move.length === 1 ? '' : 's'}`;
  const unbinding = unbind.length === 0 ? '' : `unbinding ${unbind.map(plain).join(', ')}`;
  const and = moving !== '' && unbinding !== '' ? ' and ' : '';
  return `in use by the host: can be given after ${moving}${and}${unbinding}`;
}

/** Maker and name of a PCI function, by pci.ids; null where that does not know it. */
export function longName({ modalias }: GroupMember, names: IdList): string | null {
  const ids = /^pci:v0000(\w{4})d0000(\w{4})/.exec(modalias ?? '');
  return (ids && names.names(ids[1]!.toLowerCase(), ids[2]!.toLowerCase()).join(' ')) || null;
}
