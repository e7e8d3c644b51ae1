/** An IP address, or the network part of one. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const BITS = { 4: 32, 6: 128 } as const;
/** `::ffff:0:0/96`: IPv4 addresses as a socket of IPv6 has them. */
const MAPPED = 0xffffn;

/** Whether the first `length` bits of two addresses are equal. */
export function inNetwork(address: Address, network: Address, length: number): boolean {
  if (address.family !== network.family) return false;
  const rest = BigInt(BITS[address.family] - length);
  return address.value >> rest === network.value >> rest;
}

/**
 * An address as proc prints the words of it, each as a number of the machine: byte by byte that is backwards on
 * little-endian machines (net/ipv4/tcp_ipv4.c:get_tcp4_sock, net/ipv6/tcp_ipv6.c:get_tcp6_sock). Undefined for other
 * text.
 */
export function addressOfWords(hex: string, littleEndian: boolean): Address | undefined {
  if (!/^(?:[0-9a-f]{8}|[0-9a-f]{32})$/i.test(hex)) return undefined;
  const words = hex.match(/.{8}/g)!;
  const bytes = words.map((word) => (littleEndian ? word.match(/../g)!.reverse().join('') : word)).join('');
  return plainFamily({ family: words.length === 1 ? 4 : 6, value: BigInt(`0x${bytes}`) });
}

/** An address of IPv6 as its 32 digits in their order (`%pi6`). Undefined for other text. */
export function addressOfDigits(hex: string): Address | undefined {
  return /^[0-9a-f]{32}$/i.test(hex) ? { family: 6, value: BigInt(`0x${hex}`) } : undefined;
}

/** An address as people write it, in brackets or not; undefined for other text. */
export function parseAddress(text: string): Address | undefined {
  const plain = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  const four = parseFour(plain);
  if (four !== undefined) return { family: 4, value: four };
  const tail = /^(.*:)([0-9.]+)$/.exec(plain);
  const embedded = tail ? parseFour(tail[2]!) : undefined;
  const six =
    embedded === undefined
      ? plain
      : `${tail![1]}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}`;
  const halves = six.split('::');
  if (!six.includes(':') || halves.length > 2) return undefined;
  const [head, end] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (end?.length ?? 0);
  if (end === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head!, ...Array<string>(end === undefined ? 0 : missing).fill('0'), ...(end ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return plainFamily({ family: 6, value: BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`) });
}

function parseFour(text: string): bigint | undefined {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!bytes || bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function plainFamily(address: Address): Address {
  if (address.family === 4 || address.value >> 32n !== MAPPED) return address;
  return { family: 4, value: address.value & 0xffffffffn };
}

/** The address as people write it; the longest run of zeros of IPv6 is `::`. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = value.toString(16).padStart(32, '0').match(/.{4}/g)!;
  const text = groups.map((group) => group.replace(/^0{1,3}/, '')).join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  if (runs.length === 0) return text;
  const { index, 0: run } = runs[0]!;
  return `${text.slice(0, index)}::${text.slice(index + run.length).replace(/^:/, '')}`;
}

/** Addresses of the machine itself. */
export function isLoopback(address: Address): boolean {
  return isIn(address, LOOPBACK);
}

/** Addresses that no route is looked up for: loopback, link-local and multicast ones. */
export function isLocal(address: Address): boolean {
  return isIn(address, LOOPBACK) || isIn(address, LINK);
}

function isIn(address: Address, networks: readonly (readonly [network: Address, length: number])[]): boolean {
  return networks.some(([network, length]) => inNetwork(address, network, length));
}

const networks = (...texts: string[]) =>
  texts.map((text) => {
    const [network, length] = text.split('/');
    return [parseAddress(network!)!, Number(length)] as const;
  });
const LOOPBACK = networks('127.0.0.0/8', '::1/128');
const LINK = networks('169.254.0.0/16', '224.0.0.0/4', 'fe80::/10', 'ff00::/8');
