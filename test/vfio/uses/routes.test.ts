import { expect, test } from 'vitest';
import { readPlatform } from '../../../src/vfio/sysfs/platform.ts';
import { type Address, parseAddress } from '../../../src/vfio/uses/addresses.ts';
import { interfacesWith, type Route, readNetwork, routesTo } from '../../../src/vfio/uses/routes.ts';
import { machineRoot } from '../machine-root.ts';

const at = (text: string): Address => parseAddress(text)!;
const route = (through: string, network: string, length: number, rest: Partial<Route> = {}): Route => ({
  through,
  network: at(network),
  length,
  metric: 0,
  direct: true,
  ...rest,
});
const names = (routes: readonly Route[]) => routes.map(({ through }) => through);

test('routesTo takes the longest prefix, then the lowest metric, and all that are equal in both', () => {
  const routes = [
    route('far', '0.0.0.0', 0, { direct: false }),
    route('slow', '10.0.0.0', 24, { metric: 600 }),
    route('fast', '10.0.0.0', 24, { metric: 100 }),
    route('also', '10.0.0.0', 24, { metric: 100 }),
    route('wide', '10.0.0.0', 8),
  ];
  expect(names(routesTo(routes, at('10.0.0.7')))).toEqual(['fast', 'also']);
  expect(names(routesTo(routes, at('10.9.9.9')))).toEqual(['wide']);
  expect(names(routesTo(routes, at('192.0.2.1')))).toEqual(['far']);
});

test('interfacesWith finds an address by its interface, else by the link that it is on, never by a default route', () => {
  const routes = [route('ppp0', '0.0.0.0', 0), route('eth0', '10.0.0.0', 24), route('eth1', '10.0.0.0', 8)];
  const tables = { routes, connections: [], addresses: [{ address: at('fd00::1'), name: 'eth2' }] };
  expect(interfacesWith(tables, at('fd00::1'))).toEqual(['eth2']);
  expect(interfacesWith(tables, at('10.0.0.2'))).toEqual(['eth0']);
  expect(interfacesWith(tables, at('192.0.2.1'))).toEqual([]);
});

test('readNetwork reads 1 MiB of a table, and readPlatform of the interrupts', () => {
  const root = (beyond: number) => {
    const ending = (line: string) => `${'x'.repeat((1 << 20) - line.length - 1 + beyond)}\n${line}`;
    const proc = {
      cpuinfo: 'vendor_id : GenuineIntel\n',
      'self/net/if_inet6': ending(`${'0'.repeat(31)}1 01 80 10 80 eth10`),
      interrupts: ending('  1: IR-PCI-MSI'),
    };
    return machineRoot({ version: 1, name: 'm', release: '6.12.0', drivers: {}, devices: [], proc }).roots;
  };
  const names = (beyond: number) => readNetwork(root(beyond).proc).addresses.map(({ name }) => name);
  expect([names(0), names(1)]).toEqual([['eth10'], ['eth1']]);
  expect([0, 1].map((beyond) => readPlatform(root(beyond)).remapsInterrupts)).toEqual([true, null]);
});
