import type { IommuView } from '../vfio/sysfs/groups.ts';
import { type IdList, installedIdList } from './id-list.ts';
import { className } from './pci-classes.ts';
import { availabilityText, longName } from './vfio-groups-text.ts';

const COLOURS = { now: 'darkgreen', 'after-moving': 'orange', no: 'red' } as const;

/**
 * Groups as a graph for Graphviz: a box for each group, coloured by whether it can be given to a guest, its members
 * with class, name and driver, and lines from bridges to what is behind them.
 */
export function groupsDot({ groups }: IommuView, names: IdList = installedIdList('pci')): string {
  const lines = ['digraph iommu {', '  rankdir=LR;', '  node [shape=box, fontname="monospace"];'];
  const paths = new Set(groups.flatMap((group) => group.members.map(({ path }) => path)));
  for (const group of groups) {
    const { id, type, members, viability } = group;
    lines.push(`  subgraph ${quote(`cluster_${id}`)} {`);
    const head = `group ${id}${type === null ? '' : ` ${type}`}`;
    lines.push(`    label=${quote(`${head}\n${availabilityText(group)}`)};`);
    lines.push(`    color=${COLOURS[group.availability.state]};`);
    for (const member of members) {
      const { path, name, driver, bus } = member;
      const blocks = viability.blockers.some(({ device }) => device === name);
      const what = member.class === null ? bus : className(member.class);
      const text = [name, what, longName(member, names), driver ?? 'no driver']
        .filter((one) => one !== null)
        .join('\n');
      lines.push(`    ${quote(path)} [label=${quote(text)}${blocks ? ', color=red' : ''}];`);
    }
    lines.push('  }');
  }
  for (const path of paths) {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (paths.has(parent)) lines.push(`  ${quote(parent)} -> ${quote(path)};`);
  }
  return `${lines.join('\n')}\n}\n`;
}

function quote(text: string): string {
  const safe = text
    .replaceAll(/[^\x20-\x7e\n]/g, '?')
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
  return `"${safe}"`;
}
