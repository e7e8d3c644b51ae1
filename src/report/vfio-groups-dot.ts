import type { IommuView } from '../vfio/sysfs/groups.ts';

/**
 * Groups as a graph for Graphviz: a box for each group, red if it is not viable, and lines from bridges to what is
 * behind them.
 */
export function groupsDot({ groups }: IommuView): string {
  const lines = ['digraph iommu {', '  rankdir=LR;', '  node [shape=box, fontname="monospace"];'];
  const paths = new Set(groups.flatMap((group) => group.members.map(({ path }) => path)));
  for (const { id, type, members: inside, viability } of groups) {
    lines.push(`  subgraph ${quote(`cluster_${id}`)} {`);
    lines.push(`    label=${quote(`group ${id}${type === null ? '' : ` ${type}`}`)};`);
    lines.push(`    color=${viability.viable ? 'darkgreen' : 'red'};`);
    for (const { path, name, driver } of inside) {
      const blocks = viability.blockers.some(({ device }) => device === name);
      lines.push(
        `    ${quote(path)} [label=${quote(`${name}\n${driver ?? 'no driver'}`)}${blocks ? ', color=red' : ''}];`,
      );
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
