import type { Tree } from '../sysfs/tree.ts';
import { formatAddress, isLocal, isLoopback } from './addresses.ts';
import { interfaceReader } from './interfaces.ts';
import { readRemoteDisks } from './remote-disks.ts';
import { type Connection, interfacesWith, type NetworkTables, readNetwork, routesTo } from './routes.ts';
import type { Use, UseContext, UseKind } from './use.ts';

/**
 * Default routes, disks of other machines and established connections through the devices, and what else is reached
 * through them.
 */
export const network: UseKind = (context) => {
  const { sysfs, proc } = context.roots;
  const tables = readNetwork(proc);
  const interfacesUnder = interfaceReader(context.roots);
  const uses = (kind: Use['kind'], name: string, text: string) =>
    interfacesUnder(name).flatMap((path) => context.at(path, kind, text));
  const byDefault = sorted(tables.routes.flatMap((route) => (route.length === 0 ? route.through : [])));
  const vrfs = readVrfs(sysfs);
  const connections = connectionsBy(tables, vrfs);
  return once([
    ...byDefault.flatMap((name) => uses('route', name, `the default route goes through ${name}`)),
    ...remoteDisks(context, tables).flatMap(({ name, text }) => uses('network-disk', name, `${text}, through ${name}`)),
    ...sorted([...connections.keys()]).flatMap((name) =>
      // That its connections end is what the end of the default route means.
      byDefault.includes(name) ? [] : uses('connection', name, `${connections.get(name)} through ${name}`),
    ),
    ...networksBy(tables, [...byDefault, ...connections.keys()]).flatMap(({ name, text }) =>
      uses('address', name, text),
    ),
    ...vrfs.flatMap((name) =>
      connections.has(name) ? [] : uses('address', name, `the VRF ${name} is on it, whose routes proc does not show`),
    ),
  ]);
};

const IFF_NOARP = 0x80;
const IFF_MASTER = 0x400;

/**
 * VRF devices, whose ports have them for a master: those with ports and without ARP that are no bonds
 * (drivers/net/vrf.c:vrf_dev_init). /proc/net/route shows the main table only, not theirs
 * (net/ipv4/fib_trie.c:fib_route_seq_start); ipv6_route shows every table.
 */
function readVrfs(sysfs: Tree): string[] {
  const both = IFF_NOARP | IFF_MASTER;
  return sysfs.list('class/net').filter((name) => {
    const flags = Number.parseInt(sysfs.line(`class/net/${name}/flags`) ?? '', 16);
    return (flags & both) === both && !sysfs.exists(`class/net/${name}/bonding`);
  });
}

function remoteDisks({ roots, mounts, mounted }: UseContext, tables: NetworkTables): { name: string; text: string }[] {
  return readRemoteDisks(roots.sysfs, mounts, mounted).flatMap(({ text, address, through }) => {
    const names = through === null ? routesTo(tables.routes, address).map((route) => route.through) : [through];
    return sorted(names).map((name) => ({ name, text: `${text} from ${formatAddress(address)}` }));
  });
}

/** The most addresses that routes are looked up for: a server may have many clients, and a router many routes. */
const MOST_ADDRESSES = 1000;

/**
 * Established connections by interface, in words. A connection ends with the interface that has its local address, and
 * with the one by which its packets leave. An address that no visible route leads to may be in any VRF.
 */
function connectionsBy(tables: NetworkTables, vrfs: readonly string[]): Map<string, string> {
  const known = new Map<string, readonly string[]>();
  const found = new Map<string, Connection[]>();
  for (const connection of tables.connections) {
    const { local, remote } = connection;
    if (isLoopback(remote) || remote.value === local.value) continue;
    const key = `${local.value} ${remote.value}`;
    let names = known.get(key);
    if (names === undefined) {
      if (known.size >= MOST_ADDRESSES) continue;
      const out = isLocal(remote) ? [] : routesTo(tables.routes, remote).map(({ through }) => through);
      const having = interfacesWith(tables, local);
      names = sorted([...out, ...(having.length > 0 ? having : vrfs)]);
      known.set(key, names);
    }
    for (const name of names) {
      const others = found.get(name);
      if (others) others.push(connection);
      else found.set(name, [connection]);
    }
  }
  return new Map(
    [...found].map(([name, connections]) => [name, connectionsText(connections, vrfs.includes(name) ? ' may' : '')]),
  );
}

const SSH = 22;
const isSsh = ({ localPort, remotePort }: Connection) => localPort === SSH || remotePort === SSH;

/** Names the one that a person may be typing into, if there is one. */
function connectionsText(connections: readonly Connection[], may: string): string {
  const first = connections.find(isSsh) ?? connections[0]!;
  const more = connections.length - 1;
  const go = more === 0 && may === '' ? 'goes' : 'go';
  const others = more === 0 ? '' : ` and ${more} more connection${more === 1 ? '' : 's'}`;
  return `a connection with ${formatAddress(first.remote)}${isSsh(first) ? ' (ssh)' : ''}${others}${may} ${go}`;
}

/** Networks on interfaces that nothing else was said about. */
function networksBy({ routes }: NetworkTables, said: readonly string[]): { name: string; text: string }[] {
  const networks = new Map<string, string[]>();
  for (const { through, network: to, length } of routes) {
    if (said.includes(through) || isLocal(to)) continue;
    networks.set(through, [...(networks.get(through) ?? []), `${formatAddress(to)}/${length}`]);
  }
  return [...networks].map(([name, list]) => {
    const more = list.length > 3 ? ` and ${list.length - 3} more` : '';
    return { name, text: `${list.slice(0, 3).join(', ')}${more} is reached through ${name}` };
  });
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function once(uses: readonly Use[]): Use[] {
  return [...new Map(uses.map((use) => [`${use.device} ${use.text}`, use])).values()];
}
