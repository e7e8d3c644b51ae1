import type { Tree } from '../sysfs/tree.ts';
import { type Address, addressOfDigits, addressOfWords, inNetwork } from './addresses.ts';

/** A line of the routing table. */
export interface Route {
  /** Name of the network interface. */
  readonly through: string;
  readonly network: Address;
  /** How many bits of the network count: 0 for the default route. */
  readonly length: number;
  readonly metric: number;
  /** No gateway: the network is on the interface's own link. */
  readonly direct: boolean;
}

/** An established connection of TCP. */
export interface Connection {
  readonly local: Address;
  readonly localPort: number;
  readonly remote: Address;
  readonly remotePort: number;
}

/** What proc says about the network of the first process's namespace and of this one's. */
export interface NetworkTables {
  readonly routes: readonly Route[];
  readonly connections: readonly Connection[];
  /** The addresses of IPv6 with their interfaces; those of IPv4 are not in proc. */
  readonly addresses: readonly { readonly address: Address; readonly name: string }[];
}

const LIMIT = 1 << 20;
/** Where proc has the network of the first process, and that of this one. */
export const NAMESPACES = ['1/net', 'self/net'] as const;
const RTF_GATEWAY = 0x2;
/** RTF_REJECT: unreachable, prohibited or blackhole. */
const RTF_REJECT = 0x200;
/** RTF_LOCAL and RTF_ANYCAST: addresses of the machine itself, which IPv6 has in the same table. */
const RTF_OWN = 0x80100000;
const ESTABLISHED = '01';

/** Reads the routes, the connections and the addresses. Lines that are not understood are left out. */
export function readNetwork(proc: Tree): NetworkTables {
  const lines = (name: string) =>
    NAMESPACES.flatMap((net) => [...new Set((proc.read(`${net}/${name}`, LIMIT) ?? '').split('\n'))]);
  const four = [...new Set(lines('route'))].map((line) => line.split(/\s+/));
  const littleEndian = !four.some((words) => isBigEndianMask(words[7] ?? ''));
  return {
    routes: [
      ...four.flatMap((words) => routeOf4(words, littleEndian) ?? []),
      ...[...new Set(lines('ipv6_route'))].flatMap((line) => routeOf6(line.trim().split(/\s+/)) ?? []),
    ],
    connections: distinct(
      [...lines('tcp'), ...lines('tcp6')].flatMap((line) => connectionOf(line, littleEndian) ?? []),
    ),
    addresses: [...new Set(lines('if_inet6'))].flatMap((line) => {
      const words = line.trim().split(/\s+/);
      const address = addressOfDigits(words[0]!);
      return address && words[5] !== undefined ? { address, name: words[5] } : [];
    }),
  };
}

/** Iface Destination Gateway Flags RefCnt Use Metric Mask ... (net/ipv4/fib_trie.c:fib_route_seq_show). */
function routeOf4(words: readonly string[], littleEndian: boolean): Route | undefined {
  const network = addressOfWords(words[1] ?? '', littleEndian);
  const mask = addressOfWords(words[7] ?? '', littleEndian);
  const flags = Number.parseInt(words[3] ?? '', 16);
  // A route that rejects has no interface.
  if (network?.family !== 4 || mask?.family !== 4 || words[0] === '*') return undefined;
  const length = mask.value.toString(2).replaceAll('0', '').length;
  return { through: words[0]!, network, length, metric: Number(words[6]) || 0, direct: (flags & RTF_GATEWAY) === 0 };
}

/**
 * Destination, its prefix length, source, its length, next hop, metric, references, use, flags, interface
 * (net/ipv6/ip6_fib.c:ipv6_route_native_seq_show).
 */
function routeOf6(words: readonly string[]): Route | undefined {
  const network = addressOfDigits(words[0]!);
  const length = Number.parseInt(words[1] ?? '', 16);
  const flags = Number.parseInt(words[8] ?? '', 16);
  if (!network || !(length >= 0 && length <= 128) || words[9] === undefined) return undefined;
  if (flags & RTF_REJECT || flags & RTF_OWN) return undefined;
  const metric = Number.parseInt(words[5]!, 16) || 0;
  return { through: words[9], network, length, metric, direct: (flags & RTF_GATEWAY) === 0 };
}

/** A mask has its ones first; backwards that is so only for those of 0 and 32 bits, which do not count. */
function isBigEndianMask(hex: string): boolean {
  if (!/^[0-9a-f]{8}$/i.test(hex)) return false;
  const mask = Number.parseInt(hex, 16);
  const rest = 0xffffffff - mask;
  return mask !== 0 && rest !== 0 && Number.isInteger(Math.log2(rest + 1));
}

/** Both namespaces may be the same one, read at two moments. */
function distinct(connections: readonly Connection[]): Connection[] {
  const key = ({ local, localPort, remote, remotePort }: Connection) =>
    `${local.value} ${localPort} ${remote.value} ${remotePort}`;
  return [...new Map(connections.map((one) => [key(one), one])).values()];
}

/** Number, local address:port, remote address:port, state ... */
function connectionOf(line: string, littleEndian: boolean): Connection | undefined {
  const words = line.trim().split(/\s+/);
  if (words[3] !== ESTABLISHED) return undefined;
  const [local, remote] = [words[1]!, words[2]!].map((word) => {
    const [address = '', port = ''] = word.split(':');
    return { address: addressOfWords(address, littleEndian), port: Number.parseInt(port, 16) };
  });
  if (!local?.address || !remote?.address) return undefined;
  return { local: local.address, localPort: local.port, remote: remote.address, remotePort: remote.port };
}

/** The routes that packets to an address may take: the longest that fit, of these the ones with the least metric. */
export function routesTo(routes: readonly Route[], address: Address): Route[] {
  const fitting = routes.filter(({ network, length }) => inNetwork(address, network, length));
  const length = Math.max(...fitting.map((route) => route.length));
  const longest = fitting.filter((route) => route.length === length);
  const metric = Math.min(...longest.map((route) => route.metric));
  return longest.filter((route) => route.metric === metric);
}

/** The interfaces that may have an address of this machine: those on whose own link it is. */
export function interfacesWith({ routes, addresses }: NetworkTables, local: Address): string[] {
  const named = addresses.filter(({ address }) => address.family === local.family && address.value === local.value);
  if (named.length > 0) return named.map(({ name }) => name);
  const direct = routes.filter(
    (route) => route.direct && route.length > 0 && inNetwork(local, route.network, route.length),
  );
  const length = Math.max(...direct.map((route) => route.length));
  return direct.filter((route) => route.length === length).map(({ through }) => through);
}
