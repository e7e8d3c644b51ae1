import { describe, expect, test } from 'vitest';
import type { MachineDescription } from '../../fake-root.ts';
import { AT, net, usesOf } from './used-card.ts';

const HEADER = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
/** A line as the kernel prints it; addresses are backwards on little-endian machines. */
const line = (name: string, to: string, mask: string, gateway = '00000000', metric = 0) =>
  `${name}\t${to}\t${gateway}\t${gateway === '00000000' ? '0001' : '0003'}\t0\t0\t${metric}\t${mask}\t0\t0\t0\n`;
const byDefault = (name: string) => line(name, '00000000', '00000000', '0100000A');
/** 10.0.0.0/24 and 10.0.1.0/24. */
const lan = (name: string) => line(name, '0000000A', '00FFFFFF');
const lab = (name: string) => line(name, '0001000A', '00FFFFFF');

/** A line of tcp: `0200000A:0016` is 10.0.0.2, port 22. */
const tcp = (local: string, remote: string, state = '01') =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 20 4 30 10 -1\n`;

const ETH0 = `${AT}/net/eth0`;
const OTHER = 'pci0000:00/0000:00:1f.6/net/eth1';
/** From a directory of devices/virtual/net to the card's interface. */
const DOWN = `../../../${ETH0}`;

/** What a plan for a network card says, where proc has these tables. */
const said = (tables: Readonly<Record<string, string>>, rest: Partial<MachineDescription> = {}) =>
  usesOf({
    ...rest,
    devices: [net(ETH0), net(OTHER), ...(rest.devices ?? [])],
    proc: {
      ...rest.proc,
      ...Object.fromEntries(
        Object.entries(tables).map(([name, text]) => [`1/net/${name}`, (name === 'route' ? HEADER : '') + text]),
      ),
    },
  });

describe('network: the default route', () => {
  test('is found through every port of Open vSwitch, as sysfs does not say which bridge a port is of', () => {
    const found = said(
      { route: byDefault('br-ex') + lan('br-ex') },
      {
        devices: [net('virtual/net/ovs-system'), net('virtual/net/br-ex')],
        sysfsLinks: {
          [`devices/${ETH0}/master`]: '../../../../../virtual/net/ovs-system',
          [`devices/${ETH0}/upper_ovs-system`]: '../../../../../virtual/net/ovs-system',
          'devices/virtual/net/ovs-system/lower_eth0': DOWN,
        },
      },
    );
    expect(found).toEqual(['default-route: the default route goes through br-ex']);
  });

  test('through PPPoE is found by the interface that proc names for it', () => {
    const ppp: Partial<MachineDescription> = {
      devices: [
        { path: 'virtual/net/ppp0', bus: 'class/net', attributes: { uevent: 'DEVTYPE=ppp\nINTERFACE=ppp0\n' } },
      ],
    };
    const pppoe = (name: string) =>
      `Id       Address              Device\n00000001 00:11:22:33:44:55 ${name.padStart(8)}\n`;
    const expected = ['default-route: the default route goes through ppp0'];
    expect(said({ route: byDefault('ppp0'), pppoe: pppoe('eth0') }, ppp)).toEqual(expected);
    expect(said({ route: byDefault('ppp0'), pppoe: pppoe('eth1') }, ppp)).toEqual([]);
    expect(said({ route: byDefault('ppp0') }, ppp)).toEqual([]);
    expect(said({ route: byDefault('ppp0'), pppoe: 'eth0\n\0\n00000001 x eth0\n' }, ppp)).toEqual([]);
  });

  test.each([
    ['a tunnel', { uevent: 'DEVTYPE=wireguard\n' }],
    ['a TAP device', { tun_flags: '0x1002' }],
    ['a bridge without ports', { 'bridge/bridge_id': '8000.000000000000' }],
  ])('through %s is not taken for one through Open vSwitch', (_what, attributes) => {
    const found = said(
      { route: byDefault('top') },
      {
        devices: [net('virtual/net/ovs-system'), { path: 'virtual/net/top', bus: 'class/net', attributes }],
        sysfsLinks: { 'devices/virtual/net/ovs-system/lower_eth0': DOWN },
      },
    );
    expect(found).toEqual([]);
  });

  test('is found through a bond whose port only names its master', () => {
    const found = said(
      {
        ipv6_route: `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fe80${'0'.repeat(27)}1 00000400 00000001 00000000 00000003 bond0\n`,
      },
      {
        devices: [{ path: 'virtual/net/bond0', bus: 'class/net', attributes: { 'bonding/mode': 'active-backup 1' } }],
        sysfsLinks: { [`devices/${ETH0}/master`]: '../../../../../virtual/net/bond0' },
      },
    );
    expect(found).toEqual(['default-route: the default route goes through bond0']);
  });

  test('that rejects, and one through another card, are none of its', () => {
    expect(
      said({ route: byDefault('eth1') + line('*', '00000000', '00000000').replace('\t0001\t', '\t0200\t') }),
    ).toEqual([]);
  });
});

describe('network: disks of other machines', () => {
  const iscsi = 'platform/host3/session1';
  const sda = `${iscsi}/target3:0:0/3:0:0:0/block/sda`;

  test('NFS is found by the server of its mount and the longest route to it', () => {
    const proc = {
      '1/mountinfo': '22 1 0:20 / / rw - nfs4 10.0.1.5:/root rw,vers=4.2,addr=10.0.1.5,clientaddr=10.0.1.2\n',
    };
    const routes = byDefault('eth1') + lab('eth0');
    expect(said({ route: routes }, { proc })).toEqual([
      'network-disk: / is mounted by NFS from 10.0.1.5, through eth0',
      '(note) route: 10.0.1.0/24 is reached through eth0',
    ]);
    expect(said({ route: routes.replace('0001000A', '0002000A') }, { proc })).toEqual([
      '(note) route: 10.0.2.0/24 is reached through eth0',
    ]);
  });

  test('iSCSI is found by the address of its connection', () => {
    const found = said(
      { route: byDefault('eth1') + lab('eth0') },
      {
        devices: [{ path: sda, bus: 'class/block', attributes: { dev: '8:0' } }],
        sysfs: { [`devices/${iscsi}/connection1:0/iscsi_connection/connection1:0/address`]: '10.0.1.5\n' },
        sysfsLinks: { 'dev/block/8:0': `../../devices/${sda}` },
        proc: { '1/mountinfo': '22 1 8:0 / / rw - ext4 /dev/sda rw\n' },
      },
    );
    expect(found).toContain('network-disk: sda is mounted on /, over iSCSI from 10.0.1.5, through eth0');
  });

  test('iSCSI is found by the address that a connection has now, before the one that it was made with', () => {
    const connection = `devices/${iscsi}/connection1:0/iscsi_connection/connection1:0`;
    const found = said(
      { route: byDefault('eth1') + lab('eth0') },
      {
        devices: [{ path: sda, bus: 'class/block', attributes: { dev: '8:0' } }],
        sysfs: { [`${connection}/address`]: '10.0.1.5\n', [`${connection}/persistent_address`]: '10.0.2.5\n' },
        sysfsLinks: { 'dev/block/8:0': `../../devices/${sda}` },
        proc: { '1/mountinfo': '22 1 8:0 / / rw - ext4 /dev/sda rw\n' },
      },
    );
    expect(found).toContain('network-disk: sda is mounted on /, over iSCSI from 10.0.1.5, through eth0');
  });

  test.each([
    ['its route', 'traddr=10.0.1.5,trsvcid=4420,src_addr=10.0.1.2', lab('eth0')],
    ['the interface that it is bound to', 'traddr=10.0.1.5,trsvcid=4420,host_iface=eth0', lab('eth1')],
  ])('NVMe over TCP is found by %s', (_what, address, routes) => {
    const controller = 'virtual/nvme-fabrics/ctl/nvme0';
    const subsystem = 'virtual/nvme-subsystem/nvme-subsys0';
    const found = said(
      { route: routes },
      {
        devices: [
          { path: controller, bus: 'class/nvme', attributes: { address, transport: 'tcp' } },
          { path: `${subsystem}/nvme0n1`, bus: 'class/block', attributes: { dev: '259:0' } },
        ],
        sysfsLinks: {
          'dev/block/259:0': `../../devices/${subsystem}/nvme0n1`,
          [`devices/${subsystem}/nvme0`]: '../../nvme-fabrics/ctl/nvme0',
        },
        proc: { '1/mountinfo': '22 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n' },
      },
    );
    expect(found).toContain('network-disk: nvme0n1 is mounted on /, over NVMe/TCP from 10.0.1.5, through eth0');
  });

  test('SMB over IPv6 and Ceph are found by their addresses', () => {
    const six = '20010db8000000000000000000000000';
    const found = said(
      { ipv6_route: `${six} 40 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001 eth0\n` },
      {
        proc: {
          '1/mountinfo':
            '30 1 0:30 / /a rw - cifs //nas/a rw,addr=2001:db8::5\n31 1 0:31 / /b rw - ceph [2001:db8::6]:6789,[2001:db8::7]:6789:/ rw\n',
        },
      },
    );
    expect(found).toEqual([
      'network-disk: /a is mounted by SMB from 2001:db8::5, through eth0',
      'network-disk: /b is mounted by Ceph from 2001:db8::6, through eth0',
      'network-disk: /b is mounted by Ceph from 2001:db8::7, through eth0',
      '(note) route: 2001:db8::/64 is reached through eth0',
    ]);
  });
});

describe('network: a VRF', () => {
  const vrf = (port: string): Partial<MachineDescription> => ({
    devices: [{ path: 'virtual/net/mgmt', bus: 'class/net', attributes: { flags: '0x4c1' } }],
    sysfsLinks: { [`devices/${port}/master`]: '../../../../../virtual/net/mgmt' },
  });
  const main = byDefault('eth1') + lan('eth1');

  test('on the card has the connections whose address no visible route leads to, such as that of the ssh', () => {
    const tables = { route: main, tcp: tcp('02020A0A:0016', '0900A8C0:D431') };
    expect(said(tables, vrf(ETH0))).toEqual(['connection: a connection with 192.168.0.9 (ssh) may go through mgmt']);
    expect(said(tables, vrf(OTHER))).toEqual([]);
  });

  test('on the card is named where nothing shows what goes through it', () => {
    const tables = { route: main, tcp: tcp('0200000A:0016', '0500000A:D431') };
    expect(said(tables, vrf(ETH0))).toEqual(['(note) route: the VRF mgmt is on it, whose routes proc does not show']);
    expect(said(tables, vrf(OTHER))).toEqual([]);
  });

  test('is not taken for one where ports make a bond or a team', () => {
    for (const attributes of [
      { flags: '0x1443' },
      { flags: '0x4c1', 'bonding/mode': 'active-backup 1' },
      { flags: '' },
    ])
      expect(
        said({ route: main }, { ...vrf(ETH0), devices: [{ path: 'virtual/net/mgmt', bus: 'class/net', attributes }] }),
      ).toEqual([]);
  });

  test("takes nothing from its card's routes of IPv6, which proc shows for every table", () => {
    const tables = {
      ipv6_route: `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fe80${'0'.repeat(27)}1 00000400 00000001 00000000 00000003     eth0\n`,
    };
    expect(said(tables, vrf(ETH0))).toContain('default-route: the default route goes through eth0');
  });
});

describe('network: established connections', () => {
  test('without a default route are found by the route to the other end, ssh first', () => {
    const tables = {
      route: lan('eth0'),
      tcp: tcp('0200000A:C000', '0700000A:1F90') + tcp('0200000A:0016', '0500000A:C350'),
    };
    expect(said(tables)).toEqual([
      'connection: a connection with 10.0.0.5 (ssh) and 1 more connection go through eth0',
    ]);
  });

  test('are counted once, though proc is read for two namespaces and its counters go on', () => {
    const one = tcp('0200000A:0016', '0500000A:C350');
    const later = one.replace('00:00000000 00000000', '02:000A7F3C 00000000');
    const proc = { 'self/net/tcp': later };
    expect(said({ route: lan('eth0'), tcp: one }, { proc })).toEqual([
      'connection: a connection with 10.0.0.5 (ssh) goes through eth0',
    ]);
  });

  test('are found on a big-endian machine too', () => {
    const tables = { route: line('eth0', '0A000000', 'FFFFFF00'), tcp: tcp('0A000002:0016', '0A000005:C350') };
    expect(said(tables)).toEqual(['connection: a connection with 10.0.0.5 (ssh) goes through eth0']);
  });

  test('that leave by another card still end with the card that has their local address', () => {
    const tables = { route: byDefault('eth1') + lan('eth0'), tcp: tcp('0200000A:0016', '08080808:C350') };
    expect(said(tables)).toEqual(['connection: a connection with 8.8.8.8 (ssh) goes through eth0']);
  });

  test('of IPv6 are found by the interface that has the address, IPv4 in IPv6 by its route', () => {
    const local = '000080FE000000000000000002000000';
    const remote = '000080FE000000000000000005000000';
    const mapped = (word: string) => `0000000000000000FFFF0000${word}`;
    const tables = { if_inet6: `fe80${'0'.repeat(20)}00000002 02 40 20 80     eth0\n`, route: lan('eth1') };
    expect(said({ ...tables, tcp6: tcp(`${local}:0016`, `${remote}:C350`) })).toEqual([
      'connection: a connection with fe80::5 (ssh) goes through eth0',
    ]);
    const global = tables.if_inet6.replace('fe80', '2001');
    const wide = (word: string) => word.replace('000080FE', '00000120');
    expect(said({ ...tables, if_inet6: global, tcp6: tcp(`${wide(local)}:0016`, `${wide(remote)}:C350`) })).toEqual([
      'connection: a connection with 2001::5 (ssh) goes through eth0',
    ]);
    expect(said({ route: lan('eth0'), tcp6: tcp(`${mapped('0200000A')}:0016`, `${mapped('0500000A')}:C350`) })).toEqual(
      ['connection: a connection with 10.0.0.5 (ssh) goes through eth0'],
    );
  });

  test('that are not established, or stay on the machine, or go through another card do not count', () => {
    const listening = tcp('0200000A:0016', '00000000:0000', '0A');
    const loopback = tcp('0100007F:0016', '0100007F:C350');
    const itself = tcp('0201000A:0016', '0201000A:C350');
    const tables = {
      route: lan('eth1') + lab('eth0'),
      tcp: listening + loopback + itself + tcp('0200000A:0016', '0500000A:C350'),
    };
    expect(said(tables)).toEqual(['(note) route: 10.0.1.0/24 is reached through eth0']);
  });

  test('are not reported again where the default route is', () => {
    const tables = { route: byDefault('eth0') + lan('eth0'), tcp: tcp('0200000A:0016', '0500000A:C350') };
    expect(said(tables)).toEqual(['default-route: the default route goes through eth0']);
  });
});

test('network names three networks that are reached through an interface, and counts the others', () => {
  const names = (count: number) =>
    said({
      route: [1, 2, 3, 4, 5]
        .slice(0, count)
        .map((i) => line('eth0', `000${i}000A`, '00FFFFFF'))
        .join(''),
    });
  const three = '(note) route: 10.0.1.0/24, 10.0.2.0/24, 10.0.3.0/24';
  expect([3, 4, 5].map((count) => names(count)[0])).toEqual([
    `${three} is reached through eth0`,
    `${three} and 1 more is reached through eth0`,
    `${three} and 2 more is reached through eth0`,
  ]);
});

test('network looks up no route to an address of the link: it is on every link', () => {
  const local = (digit: string) => `fe80${'0'.repeat(27)}${digit}`;
  const words = (digits: string) =>
    digits
      .match(/.{8}/g)!
      .map((word) => word.match(/../g)!.reverse().join(''))
      .join('');
  const none = `${'0'.repeat(32)} 00 ${'0'.repeat(32)}`;
  const tables = (remote: string) => ({
    if_inet6: `${local('2')} 03 40 20 80     eth1\n`,
    ipv6_route: `fe80${'0'.repeat(28)} 40 ${none} 00000100 00000002 00000000 00000001     eth0\n`,
    tcp6: tcp(`${words(local('2'))}:0016`, `${words(remote)}:C350`),
  });
  expect(said(tables(local('1')))).toEqual([]);
  const near = tables(`fd00${'0'.repeat(27)}1`);
  const host = `fd00${'0'.repeat(27)}1 80 ${none} 00000100 00000002 00000000 00000001     eth0\n`;
  expect(said({ ...near, ipv6_route: near.ipv6_route + host })).toEqual([
    'connection: a connection with fd00::1 (ssh) goes through eth0',
  ]);
});

test('network takes addresses of the machine itself for no networks, though IPv6 has them among its routes', () => {
  const none = `${'0'.repeat(32)} 00 ${'0'.repeat(32)}`;
  const lines = [
    `fd${'0'.repeat(30)} 40 ${none} 00000100 00000001 00000000 00000001     eth0\n`,
    `fd${'0'.repeat(29)}2 80 ${none} 00000000 00000004 00000000 80200001     eth0\n`,
    `fd${'0'.repeat(30)} 80 ${none} 00000000 00000003 00000000 80300001     eth0\n`,
    `fe80${'0'.repeat(28)} 40 ${none} 00000100 00000002 00000000 00000001     eth0\n`,
    `${'0'.repeat(32)} 00 ${none} ffffffff 00000001 00000000 00200200       lo\n`,
  ];
  expect(said({ ipv6_route: lines.join('') })).toEqual(['(note) route: fd00::/64 is reached through eth0']);
});

test.each([
  ['route', '\x00\xff\n\t\t\t\t\nx\n'.repeat(50)],
  ['route', 'eth0\tZZ\t0\t0\t0\t0\t0\tYY\n'],
  ['tcp', '0: zz yy 01\n0: 1:2 3:4 01\n'],
  ['tcp6', `0: ${'F'.repeat(33)}:1 ${'F'.repeat(31)}:2 01\n`],
  ['ipv6_route', `${'f'.repeat(32)} ff\n\n\n`],
  ['if_inet6', 'x\n'],
])('network makes nothing of garbage in %s', (name, text) => {
  expect(said({ [name]: text })).toEqual([]);
});

test('network looks up a thousand addresses at most', () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    tcp('0200000A:0016', `${(0x0a00000a + index * 256).toString(16).toUpperCase().padStart(8, '0')}:C350`),
  );
  const routes = Array.from({ length: 3000 }, (_, index) =>
    line('eth1', `${index.toString(16).padStart(6, '0')}0B`, 'FFFFFFFF'),
  );
  expect(said({ route: lan('eth0') + routes.join(''), tcp: many.join('') })[0]).toMatch(
    /^connection: .*connections go through eth0$/,
  );
});
