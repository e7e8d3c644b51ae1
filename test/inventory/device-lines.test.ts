import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeviceLines } from '../../src/inventory/device-lines.ts';
import { knownDevice } from '../../src/inventory/known-device.ts';
import { matchOf } from '../../src/packaging/diff/concern.ts';
import { many } from '../support/many.ts';
import { mutate, mutation } from '../support/mutations.ts';

/** The devices of a text, with the fields that it does not tell, and the numbers of the lines that tell of none. */
function read(text: string) {
  const devices: string[] = [];
  const unread: number[] = [];
  const lines = new DeviceLines({
    device({ modalias, machine, count }) {
      const known = knownDevice(modalias);
      devices.push([machine ?? '', count ?? '', known.modalias, known.unknown.join(' ')].join(' ').trim());
    },
    unread: ({ line }) => unread.push(line),
  });
  for (const line of text.split('\n')) lines.add(line);
  lines.finish();
  return { devices, unread };
}

const WHOLE = 'pci:v00001AF4d00001041sv00001AF4sd00001041bc02sc00i00';

test.each([
  ['a modalias', WHOLE, WHOLE],
  ['a modalias with CR', `${WHOLE}\r`, WHOLE],
  ['a modalias of another bus', 'acpi:PNP0C0A:', 'acpi:PNP0C0A:'],
  ['a modalias with spaces', 'dmi:bvnAcme Inc:bvr[1*]:', 'dmi:bvnAcme Inc:bvr[1*]:'],
  ['a truncated modalias', 'pci:v00001AF4d00001041', 'pci:v00001AF4d00001041sv*sd*bc*sc*i* sv sd bc sc i'],
  ['a modalias cut off within a number', 'pci:v00001AF4d000010', 'pci:v00001AF4d000010*sv*sd*bc*sc*i* d sv sd bc sc i'],
  ['a modalias cut off within its first number', 'pci:v0000', 'pci:v0000*d*sv*sd*bc*sc*i* v d sv sd bc sc i'],
  ['a modalias cut off within its last number', WHOLE.slice(0, -1), `${WHOLE.slice(0, -1)}* i`],
  ['a modalias cut off after a tag', 'usb:v1D6Bp', 'usb:v1D6Bp*d*dc*dsc*dp*ic*isc*ip*in* p d dc dsc dp ic isc ip in'],
  ['a modalias cut off before its last colon', 'acpi:PNP0C', 'acpi:PNP0C*: id'],
  ['a number of the wrong case, which is not cut off', 'pci:v00001af4d00001041', 'pci:v00001af4d00001041'],
  ['a uevent', 'DRIVER=virtio-pci\nPCI_CLASS=20000\nMODALIAS=acpi:X:', 'acpi:X:'],
  [
    'lspci -nmm',
    '00:03.0 "0200" "1af4" "1041" -r01 -p00 "1af4" "1041"',
    'pci:v00001AF4d00001041sv00001AF4sd00001041bc02sc00i00',
  ],
  [
    'lspci -nmm without a subsystem and interface',
    '0000:00:00.0 "0600" "8086" "0d57" "" ""',
    'pci:v00008086d00000D57sv*sd*bc06sc00i* sv sd i',
  ],
  ['lspci -n', '00:1f.6 0200: 8086:15b8 (rev 31)', 'pci:v00008086d000015B8sv*sd*bc02sc00i* sv sd i'],
  [
    'lspci -nn with details',
    '00:1f.6 Ethernet controller [0200]: Intel Corporation I219-V [8086:15b8] (rev 31)\n\tSubsystem: Dell [1028:0001]\n\tKernel driver in use: e1000e',
    'pci:v00008086d000015B8sv*sd*bc02sc00i* sv sd i',
  ],
  [
    'lsusb',
    'Bus 001 Device 002: ID 8087:0024 Intel Corp. Integrated Rate Matching Hub',
    'usb:v8087p0024d*dc*dsc*dp*ic*isc*ip*in* d dc dsc dp ic isc ip in',
  ],
])('DeviceLines: reads %s', (_, text, expected) => {
  expect(read(text)).toEqual({ devices: [expected], unread: [] });
});

test('DeviceLines: reads records of lspci -vmmn and -vmmnn, up to a blank line or the end', () => {
  const text = `Slot:\t00:00.0
Class:\t0600
Vendor:\t8086
Device:\t0d57
ProgIf:\t00

Slot:\t00:01.0
Class:\tEthernet controller [0200]
Vendor:\tRed Hat, Inc. [1af4]
Device:\tVirtio 1.0 network device [1041]
SVendor:\tRed Hat, Inc. [1af4]
SDevice:\tDevice [1100]
PhySlot:\t1
Rev:\t01
ProgIf:\t02
Driver:\tvirtio-pci`;
  expect(read(text).devices).toEqual([
    'pci:v00008086d00000D57sv*sd*bc06sc00i00 sv sd',
    'pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i02',
  ]);
});

test('DeviceLines: of lspci without numbers nothing is read, and it says so', () => {
  const text =
    'Slot:\t00:00.0\nClass:\tHost bridge\nVendor:\tIntel Corporation\nDevice:\tDevice 0d57\n\n00:01.0 "Bridge" "A" "B"';
  expect(read(text)).toEqual({ devices: [], unread: [1, 6] });
});

test('DeviceLines: reads udevadm info -e', () => {
  const text = `P: /devices/LNXSYSTM:00
M: LNXSYSTM:00
R: 00
U: acpi
E: DEVPATH=/devices/LNXSYSTM:00
E: MODALIAS=acpi:LNXSYSTM:

P: /devices/pci0000:00/0000:00:03.0
E: ID_MODEL_FROM_DATABASE=Virtio: network
E: MODALIAS=${WHOLE}
`;
  expect(read(text)).toEqual({ devices: ['acpi:LNXSYSTM:', WHOLE], unread: [] });
});

test('DeviceLines: lines that identify no device are not skipped', () => {
  expect(read(`hello\n${WHOLE}\nlo: <LOOPBACK> up\n0000:00:03.0\nMODALIAS=\n# comment`)).toEqual({
    devices: [WHOLE],
    unread: [1, 3, 4, 6],
  });
});

const EVERY_FORM = `${WHOLE}
Slot:\t00:01.0
Class:\tEthernet controller [0200]
Vendor:\t1af4
Device:\t1041

00:03.0 "0200" "1af4" "1041" -r01 -p00 "1af4" "1041"
00:1f.6 Ethernet controller [0200]: Intel Corporation I219-V [8086:15b8] (rev 31)
Bus 001 Device 002: ID 8087:0024 Intel Corp. Integrated Rate Matching Hub
E: MODALIAS=dmi:bvnAcme[*]:
of:NnodeT(null)Cvendor,part
`;

test('DeviceLines: whatever is damaged, each device can be compared with a pattern', () => {
  const original = Buffer.from(EVERY_FORM, 'latin1');
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const { devices } = read(Buffer.from(mutate(original, mutations)).toString('latin1'));
      for (const device of devices)
        for (const pattern of ['pci:v*d*sv*sd*bc02sc*i*', 'dmi*:bvn*', 'of:N*T*Cvendor,partC*'])
          expect(['yes', 'no', 'depends']).toContain(matchOf(pattern, knownDevice(device)));
    }),
    { numRuns: many(125), seed: 1 },
  );
});

test.each([
  ['12 pci:x', '12 pci:x'],
  [`   3\t${WHOLE}`, `3 ${WHOLE}`],
  [`host1 ${WHOLE}`, `host1  ${WHOLE}`],
  [`host1.example.org: ${WHOLE}`, `host1.example.org  ${WHOLE}`],
  ['web-1\tdmi:bvnAcme Inc:bvr1:', 'web-1  dmi:bvnAcme Inc:bvr1:'],
  ['host1 pci:v00001AF4d00001041', 'host1  pci:v00001AF4d00001041sv*sd*bc*sc*i* sv sd bc sc i'],
  [`\xef\xbb\xbf${WHOLE}`, WHOLE],
])('DeviceLines: reads a count or a machine before a modalias: %j', (text, expected) => {
  expect(read(text)).toEqual({ devices: [expected], unread: [] });
});

test.each([
  '0 pci:x',
  'alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio',
  'host1 host2 pci:x',
  'error: file: missing',
  'host1 nobus:x',
])('DeviceLines: does not take %j for a device of a machine', (text) => {
  expect(read(text)).toEqual({ devices: [], unread: [1] });
});
