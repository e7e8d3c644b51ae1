import { describe, expect, test } from 'vitest';
import { buses } from '../../src/bus/buses.ts';
import type { JsonRow } from '../../src/tables/complete-row.ts';
import { aliasesOf } from './aliases.ts';

/**
 * One entry a device-table type, in the kernel's order: JSON rows and the aliases that the newest modpost makes of
 * them.
 */
const EXPECTED: Record<string, readonly [rows: readonly JsonRow[], aliases: readonly string[]]> = {
  hid: [
    [{ bus: 3, group: 1, vendor: '0x046d', product: '0xc52b' }, {}],
    ['hid:b0003g0001v0000046Dp0000C52B', 'hid:b*g*v*p*'],
  ],
  ieee1394: [
    [
      { specifier_id: '0x00a02d', version: '0x000102' },
      { match_flags: 3, vendor_id: 0x123456, version: 7 },
    ],
    ['ieee1394:ven*mo*sp0000A02Dver00000102*', 'ieee1394:ven00123456mo00000000sp*ver*'],
  ],
  pci: [
    [{ vendor: '0x8086', device: '0x10d3', subvendor: 0, subdevice: 1, class: '0x020000' }],
    ['pci:v00008086d000010D3sv00000000sd00000001bc02sc00i00*'],
  ],
  ccw: [
    [
      { cu_type: '0x3990', dev_type: '0x3390' },
      { cu_type: '0x1731', cu_model: 1, dev_type: 0, dev_model: 0 },
    ],
    ['ccw:t3990m*dt3390dm*', 'ccw:t1731m01dt0000dm00*'],
  ],
  ap: [[{ dev_type: 10 }], ['ap:t0A*']],
  css: [
    [{ type: 0 }, { type: 0x1f }],
    ['css:t0', 'css:t1F'],
  ],
  serio: [
    [
      { type: 2, proto: 8 },
      { type: 1, proto: 0xff, id: 0, extra: 3 },
    ],
    ['serio:ty02pr08id*ex*', 'serio:ty01pr*id00ex03*'],
  ],
  acpi: [
    [{ id: 'ACPI0003' }, { cls: '0x010601', cls_msk: '0xffffff' }, { cls: '0x0cab30', cls_msk: '0x01ff00' }],
    ['acpi*:ACPI0003:*', 'acpi*:010601:*', 'acpi*:0cab??:*'],
  ],
  pcmcia: [
    [
      { manf_id: '0x0149', card_id: '0xc1ab' },
      { func_id: 2, function: 0, device_no: 1, prod_id_hash: ['0xb4be14e3', null, 0, null] },
    ],
    ['pcmcia:m0149cC1ABf*fn*pfn*pa*pb*pc*pd*', 'pcmcia:m*c*f02fn00pfn01paB4BE14E3pb*pc00000000pd*'],
  ],
  vio: [
    [{ type: 'network', compat: 'IBM,l-lan' }, { type: 'a b' }, {}],
    ['vio:TnetworkSIBM,l-lan*', 'vio:Ta_bS*', 'vio:T*S*'],
  ],
  input: [
    [
      { evbit: [1, 3], keybit: [0x70, 0x71, 0x110], absbit: [0, 1], swbit: [0x11] },
      { bustype: 3, vendor: 0x54c, product: 0xba0, version: 0 },
    ],
    ['input:b*v*p*e*-e*1,*3,*k*71,*110,*r*a*0,*1,*m*l*s*f*w*11,*', 'input:b0003v054Cp0BA0e0000-e*k*r*a*m*l*s*f*w*'],
  ],
  eisa: [[{ sig: 'ADP7771' }], ['eisa:sADP7771*']],
  parisc: [
    [
      { hw_type: 10, sversion: '0x89' },
      { hversion: 1, hversion_rev: 2 },
    ],
    ['parisc:t0Ahv*rev*sv00000089*', 'parisc:t*hv0001rev02sv*'],
  ],
  sdio: [
    [{ vendor: '0x02d0', device: '0xa9a6' }, { class: 2 }],
    ['sdio:c*v02D0dA9A6*', 'sdio:c02v*d*'],
  ],
  ssb: [
    [{ vendor: '0x4243', coreid: '0x812', revision: 5 }, {}],
    ['ssb:v4243id0812rev05*', 'ssb:v*id*rev*'],
  ],
  bcma: [
    [{ manuf: '0x4bf', id: '0x812', rev: 17 }, { class: 0 }],
    ['bcma:m04BFid0812rev11cl*', 'bcma:m*id*rev*cl00*'],
  ],
  virtio: [
    [{ device: 1 }, {}],
    ['virtio:d00000001v*', 'virtio:d*v*'],
  ],
  vmbus: [[{ guid: 'f8615163-df3e-46c5-913f-f2d2f965ed0e' }], ['vmbus:635161f83edfc546913ff2d2f965ed0e']],
  rpmsg: [[{ name: 'rpmsg_chrdev' }], ['rpmsg:rpmsg_chrdev']],
  i2c: [[{ name: 'lm75' }], ['i2c:lm75']],
  i3c: [
    [{ manuf_id: '0x104', part_id: '0x6c' }, { dcr: 0 }],
    ['i3c:dcr*manuf0104part006Cext*', 'i3c:dcr00manuf*part*ext*'],
  ],
  slim: [[{ manf_id: '0x217', prod_code: '0x0c0' }], ['slim:217:c0:*']],
  spi: [[{ name: 'spidev' }], ['spi:spidev']],
  dmi: [
    [
      {
        matches: [
          { slot: 'DMI_PRODUCT_VERSION', substr: 'ThinkPad X:1' },
          { slot: 'DMI_SYS_VENDOR', substr: 'LEN OVO\x7f', exact_match: true },
          { slot: 'DMI_PRODUCT_SKU', substr: 'unprinted' },
        ],
      },
      { matches: [] },
    ],
    ['dmi*:svn*LENOVO*:pvr*ThinkPadX1*:', 'dmi*:'],
  ],
  platform: [[{ name: 'hi6421v530-regulator-23' }], ['platform:hi6421v530-regulator-23']],
  mdio: [
    [{ phy_id: '0x01410cc0', phy_id_mask: '0xfffffff0' }, { phy_id: '0x80000001' }],
    ['mdio:0000000101000001000011001100????', 'mdio:10000000000000000000000000000001'],
  ],
  zorro: [
    [{ id: '0x02020001' }, {}],
    ['zorro:i02020001', 'zorro:i*'],
  ],
  isapnp: [[{ vendor: 0x8c0e, function: 0x4300 }], ['pnp:dCTL0043*']],
  ipack: [
    [{ format: 1, vendor: '0xf0', device: '0x48' }, {}],
    ['ipack:f01v000000F0d00000048*', 'ipack:f*v*d*'],
  ],
  amba: [
    [{ id: '0x00041061', mask: '0x000fffff' }, { id: '0xb0', mask: '0xfc' }, { id: '0xffffffff' }],
    ['amba:d???41061', 'amba:d??????B[0123]', 'amba:dFFFFFFFF'],
  ],
  mipscdmm: [[{ type: 2 }], ['mipscdmm:t02*']],
  x86cpu: [
    [{ feature: '0x99' }, { vendor: 0, family: 6, model: 158 }, {}],
    [
      'cpu:type:x86,ven*fam*mod*:feature:*0099*',
      'cpu:type:x86,ven0000fam0006mod009E:feature:*',
      'cpu:type:x86,ven*fam*mod*:feature:*',
    ],
  ],
  cpu: [[{ feature: 4 }], ['cpu:type:*:feature:*0004*']],
  mcb: [
    [{ device: 25 }, { device: 1000 }],
    ['mcb:16z025', 'mcb:16z1000'],
  ],
  mei: [
    [
      { uuid: '12F80028-B4B7-4B2D-ACA8-46E0FF65814C' },
      { name: 'iwl', uuid: 'd9c1e6bb-0000-0000-0000-000000000001', version: 1 },
    ],
    ['mei:*:12f80028-b4b7-4b2d-aca8-46e0ff65814c:*:*', 'mei:iwl:d9c1e6bb-0000-0000-0000-000000000001:01:*'],
  ],
  rapidio: [[{ did: '0x0570', vid: '0x38' }], ['rapidio:v0038d0570av*ad*']],
  ulpi: [[{ vendor: '0x0451', product: '0xABCD' }], ['ulpi:v0451pabcd']],
  hdaudio: [
    [{ vendor_id: '0x10ec0892', api_version: 1 }, {}],
    ['hdaudio:v10EC0892r*a01*', 'hdaudio:v*r*a*'],
  ],
  sdw: [
    [{ mfg_id: '0x025d', part_id: '0x0711', sdw_version: 3 }, { class_id: 1 }],
    ['sdw:m025Dp0711v03c*', 'sdw:m*p*v*c01*'],
  ],
  fslmc: [[{ vendor: '0x1957', obj_type: 'dpni' }], ['fsl-mc:v00001957ddpni']],
  tbsvc: [
    [{ protocol_key: 'network', protocol_id: 1 }, { protocol_version: 0 }],
    ['tbsvc:knetworkp00000001v*r*', 'tbsvc:k*p*v00000000r*'],
  ],
  typec: [[{ svid: '0xff01', mode: 1 }], ['typec:idFF01']],
  tee: [[{ uuid: '70f41fcb-bf29-4a1a-a70e-29a3dd8ba4ea' }], ['tee:70f41fcb-bf29-4a1a-a70e-29a3dd8ba4ea*']],
  wmi: [[{ guid_string: '8d9ddcbc-a997-11DA-b012-b622a1ef5492' }], ['wmi:8D9DDCBC-A997-11DA-B012-B622A1EF5492']],
  mhi: [[{ chan: 'IPCR' }], ['mhi:IPCR']],
  mhi_ep: [[{ chan: 'IP_SW0' }], ['mhi_ep:IP_SW0']],
  auxiliary: [[{ name: 'mlx5_core.eth' }], ['auxiliary:mlx5_core.eth']],
  ssam: [
    [
      { domain: 1, category: 2, target: 1, instance: 1, function: 0 },
      { domain: 0, category: 0x1f },
    ],
    ['ssam:d01c02t01i01f00', 'ssam:d00c1Ft*i*f*'],
  ],
  dfl: [[{ type: 0, feature_id: 14 }], ['dfl:t0000f000E*']],
  ishtp: [[{ guid: '33aecd58-b679-4e54-9bd9-a04d34f0c226' }], ['ishtp:{33AECD58-B679-4E54-9BD9-A04D34F0C226}']],
  cdx: [
    [
      { vendor: '0x10ee', device: '0x8084' },
      { override_only: 'vfio', vendor: '0x10ee', subvendor: 0 },
    ],
    ['cdx:v10EEd8084sv*sd*c*', 'vfio_cdx:v10EEd*sv0000sd*c*'],
  ],
  vchiq: [[{ name: 'bcm2835-audio' }], ['vchiq:bcm2835-audio']],
  coreboot: [[{ tag: '0x12' }], ['coreboot:t00000012']],
  of: [
    [{ compatible: 'nvidia,tegra30-fuse' }, { type: 'cpu', compatible: 'a b' }, { name: 'rtc' }],
    [
      'of:N*T*Cnvidia,tegra30-fuse',
      'of:N*T*Cnvidia,tegra30-fuseC*',
      'of:N*Tcpu*Ca_b',
      'of:N*Tcpu*Ca_bC*',
      'of:NrtcT*',
      'of:NrtcT*C*',
    ],
  ],
  usb: [
    [
      { idVendor: '0x0499', idProduct: '0x1000' },
      { bInterfaceClass: 3, bInterfaceSubClass: 0, bInterfaceNumber: 10 },
    ],
    ['usb:v0499p1000d*dc*dsc*dp*ic*isc*ip*in*', 'usb:v*p*d*dc*dsc*dp*ic03isc00ip*in0A*'],
  ],
  pnp: [[{ id: 'PNPb02f' }], ['pnp:dPNPb02f*', 'acpi*:PNPB02F:*']],
  pnp_card: [
    [{ id: 'CSC7532', devs: ['CSC0000', 'CSC0010'] }, { devs: ['CSC0010', 'CSC0003'] }],
    ['pnp:dCSC0000*', 'acpi*:CSC0000:*', 'pnp:dCSC0010*', 'acpi*:CSC0010:*', 'pnp:dCSC0003*', 'acpi*:CSC0003:*'],
  ],
};

describe('buses', () => {
  test('buses has the 57 types of the kernel in its order, each with an entry here', () => {
    expect(buses.map(({ name }) => name)).toEqual(Object.keys(EXPECTED));
    expect(buses).toHaveLength(57);
  });

  test.each(Object.entries(EXPECTED))('%s rows make the aliases that modpost makes', (bus, [rows, aliases]) => {
    expect(aliasesOf(bus, rows)).toEqual({ aliases, codes: [] });
  });
});
