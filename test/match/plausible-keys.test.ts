import { expect, test } from 'vitest';
import { parseAliases } from '../../src/lookup/load.ts';
import { plausibleKeys } from '../../src/match/plausible-keys.ts';

const first = (pattern: string, count = 1) => [...plausibleKeys(pattern)].slice(0, count);

test.each([
  // A pattern without wildcards is its only key.
  ['platform:acme', 'platform:acme'],
  ['pci:v00008086d000010D3sv*sd*bc*sc*i*', 'pci:v00008086d000010D3sv00001AF4sd00001100bc02sc00i00'],
  ['vfio_pci:v00008086d*sv*sd*bc*sc*i*', 'vfio_pci:v00008086d00001041sv00001AF4sd00001100bc02sc00i00'],
  ['pci:v0000808[67]d000010D?sv*sd*bc*sc*i*', 'pci:v00008086d000010D0sv00001AF4sd00001100bc02sc00i00'],
  ['usb:v046DpC52Bd*dc*dsc*dp*ic*isc*ip*in*', 'usb:v046DpC52Bd0100dc00dsc00dp00icFFisc00ip00in00'],
  ['usb:v046Dp*d01*dc*dsc*dp*ic03isc*ip*in*', 'usb:v046Dp0104d0100dc00dsc00dp00ic03isc00ip00in00'],
  ['hid:b0003g*v0000046Dp*', 'hid:b0003g0001v0000046Dp0000C52B'],
  ['cdx:v000010EEd*sv*sd*c*', 'cdx:v000010EEd8084sv10EEsd0000c020000'],
  ['virtio:d00000002v*', 'virtio:d00000002v00001AF4'],
  ['sdio:c*v02D0d4329*', 'sdio:c00v02D0d4329'],
  ['mei:wifi:*:*:*', 'mei:wifi:::'],
  ['of:N*T*Cacme,sensor', 'of:NnodeT(null)Cacme,sensor'],
  ['of:N*T*Cacme,sensorC*', 'of:NnodeT(null)Cacme,sensorCexample,part'],
  ['of:NportT*Cacme,x', 'of:NportT(null)Cacme,x'],
  ['dmi*:svnAcme*:', 'dmi:bvnExample:bvr1.0:bd01/01/2024:svnAcme:'],
  ['cpu:type:x86,ven*fam*mod*:feature:*00C0*', 'cpu:type:x86,ven0000fam0006mod009A:feature:,00C0'],
  ['acpi*:PNP0C0A:*', 'acpi:PNP0C0A:'],
])('plausibleKeys of %s begins with %s, which it matches', (pattern, key) => {
  expect(first(pattern)).toEqual([key]);
  expect(parseAliases(`alias ${pattern} m\n`).lookup(key)).toHaveLength(1);
});

test('plausibleKeys goes on with other classes, groups and letters, from usual to odd', () => {
  const pci = [...plausibleKeys('pci:v00008086d000010D3sv*sd*bc*sc*i*')];
  expect(pci.map((key) => key.slice(-10))).toEqual(
    ['02sc00i00', 'FFsc00i00', '11sc80i00', '01sc08i02', '03sc00i00', '04sc03i00', '0Csc03i30']
      .concat(['07sc80i00', '08sc80i00', '05sc80i00', '12sc00i00'])
      .map((end) => `c${end}`),
  );
  const usb = [...plausibleKeys('usb:v046DpC52Bd*dc*dsc*dp*ic*isc*ip*in*')];
  expect(usb.slice(0, 4).map((key) => key.slice(-16))).toEqual([
    'icFFisc00ip00in00'.slice(1),
    'icFFiscFFipFFin00'.slice(1),
    'ic03isc00ip00in00'.slice(1),
    'ic02isc02ip01in00'.slice(1),
  ]);
  expect([...plausibleKeys('hid:b*g*v0000046Dp0000C52B')].slice(0, 4).map((key) => key.slice(4, 14))).toEqual([
    'b0003g0001',
    'b0005g0001',
    'b0018g0001',
    'b0003g0000',
  ]);
  expect(first('platform:acme-*', 9)).toEqual(['platform:acme-', 'platform:acme-0', 'platform:acme-x1']);
  expect(first('of:N*T*Cacme,sensor*', 9).slice(1)).toEqual([
    'of:NnodeT(null)Cacme,sensorCexample,part0',
    'of:NnodeT(null)Cacme,sensorCexample,partx1',
  ]);
});
