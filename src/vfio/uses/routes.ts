import type { MachineRoots } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';

export interface RouteThrough {
  /** Path in sysfs of the network interface. */
  readonly path: string;
  readonly text: string;
}

/** Every interface of a default route, through bridges, bonds and VLANs. */
export function readDefaultRoutes({ sysfs, proc }: MachineRoots): RouteThrough[] {
  const names = new Set<string>();
  for (const net of ['1/net', 'self/net']) {
    for (const line of (proc.read(`${net}/route`, 1 << 20) ?? '').split('\n').slice(1)) {
      // Iface Destination Gateway Flags RefCnt Use Metric Mask ...
      const words = line.split('\t');
      if (words[1] === '00000000' && words[7] === '00000000') names.add(words[0]!);
    }
    for (const line of (proc.read(`${net}/ipv6_route`, 1 << 20) ?? '').split('\n')) {
      // Destination, its prefix length, source, its length, next hop, metric, references, use, flags, interface
      const words = line.trim().split(/\s+/);
      const unreachable = (Number.parseInt(words[8] ?? '', 16) & 0x200) !== 0;
      if (/^0{32}$/.test(words[0]!) && words[1] === '00' && !unreachable && words[9] !== undefined) names.add(words[9]);
    }
  }
  return [...names].sort().flatMap((name) =>
    interfacesUnder(sysfs, `class/net/${name}`, new Set()).map((path) => ({
      path,
      text: `the default route goes through ${name}`,
    })),
  );
}

/** An interface and its lower interfaces; each is visited once, as links may loop. */
function interfacesUnder(sysfs: Tree, at: string, seen: Set<string>): string[] {
  const path = sysfs.real(at);
  if (path === undefined || seen.has(path)) return [];
  seen.add(path);
  const lower = sysfs.list(path).filter((name) => name.startsWith('lower_'));
  return [path, ...lower.flatMap((name) => interfacesUnder(sysfs, `${path}/${name}`, seen))];
}
