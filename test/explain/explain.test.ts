import { expect, test } from 'vitest';
import { DEVICE_FORMATS } from '../../src/bus/buses.ts';
import type { FieldVerdict } from '../../src/explain/explanation.ts';
import { parseAliases } from '../../src/lookup/load.ts';

/**
 * For each bus a device's key, a pattern that matches it, one that nearly does, and what the two say of the key's
 * fields.
 */
const buses = `
pci | pci:v00008086d00000953sv00008086sd00003702bc01sc08i02 | pci:v00008086d00000953sv*sd*bc*sc*i* | v=00008086 d=00000953 | pci:v00008086d00000954sv*sd*bc*sc*i* | d=00000954
pci | vfio_pci:v000015B3d0000101Esv0sd0bc02sc00i00 | vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* | v=000015B3 d=0000101E | vfio_pci:v000015B3d0000101Fsv*sd*bc*sc*i* | d=0000101F
usb | usb:v0BDAp8153d3000dc00dsc00dp00icFFiscFFip00in00 | usb:v0BDAp8153d*dc*dsc*dp*ic*isc*ip*in* | v=0BDA p=8153 | usb:v0BDAp8152d*dc*dsc*dp*ic*isc*ip*in* | p=8152
hid | hid:b0003g0001v0000046Dp0000C52B | hid:b0003g*v0000046Dp0000C52B | b=0003 v=0000046D p=0000C52B | hid:b0003g*v0000046Dp0000C52A | p=0000C52A
cdx | cdx:v000010EEd00008084sv000010EEsd00008084c020000 | cdx:v000010EEd00008084sv*sd*c* | v=000010EE d=00008084 | cdx:v000010EEd00008085sv*sd*c* | d=00008085
ieee1394 | ieee1394:ven00A02Dmo00000001sp0000A02Dver00000102 | ieee1394:ven*mo*sp0000A02Dver00000102* | sp=0000A02D ver=00000102* | ieee1394:ven*mo*sp0000A02Dver00000103* | ver=00000103*
ccw | ccw:t3990mE9dt3390dm0A | ccw:t3990m*dt3390dm* | t=3990 dt=3390 | ccw:t3880m*dt3390dm* | t=3880
scsi | scsi:t-0x05 | scsi:t-0x05* | t_=0x05* | scsi:t-0x04* | t_=0x04*
ap | ap:t0E | ap:t0E* | t=0E* | ap:t0D* | t=0D*
serio | serio:ty06pr00id00ex00 | serio:ty06pr*id*ex* | ty=06 | serio:ty06pr01id*ex* | pr=01
pcmcia | pcmcia:m0101c0562f06fn00pfn00pa0F5E7C1Dpb00000000pc00000000pd00000000 | pcmcia:m0101c0562f*fn*pfn*pa*pb*pc*pd* | m=0101 c=0562 | pcmcia:m0101c0563f*fn*pfn*pa*pb*pc*pd* | c=0563
virtio | virtio:d00000001v00001AF4 | virtio:d00000001v* | d=00000001 | virtio:d00000002v00001AF4* | d=00000002
sdio | sdio:c00v02D0d4324 | sdio:c*v02D0d4324* | v=02D0 d=4324* | sdio:c*v02D0d4325* | d=4325*
ssb | ssb:v4243id0812rev05 | ssb:v4243id0812rev* | v=4243 id=0812 | ssb:v4243id0813rev* | id=0813
bcma | bcma:m04BFid0812rev17cl00 | bcma:m04BFid0812rev17cl* | m=04BF id=0812 rev=17 | bcma:m04BFid0812rev18cl* | rev=18
parisc | parisc:t0Ahv0005rev00sv00000089 | parisc:t0Ahv*rev*sv00000089* | t=0A sv=00000089* | parisc:t0Ahv*rev*sv0000008A* | sv=0000008A*
hdaudio | hdaudio:v10EC0236r00100002a01 | hdaudio:v10EC0236r*a01* | v=10EC0236 a=01* | hdaudio:v10EC0235r*a01* | v=10EC0235
sdw | sdw:m025Dp0711v02c01 | sdw:m025Dp0711v02c01* | m=025D p=0711 v=02 c=01* | sdw:m025Dp0711v03c01* | v=03
slim | slim:217:250:1:0 | slim:217:250:* | =217 :=250 | slim:217:251:* | :=251
fsl-mc | fsl-mc:v00001957ddpni | fsl-mc:v00001957ddpni | v=00001957 d=dpni | fsl-mc:v00001957ddprtc | d=dprtc
tbsvc | tbsvc:knetworkp00000001v00000001r00000001 | tbsvc:knetworkp00000001v*r* | k=network p=00000001 | tbsvc:knetworkp00000002v*r* | p=00000002
typec | typec:idFF01m01 | typec:idFF01m01 | id=FF01 m=01 | typec:idFF01m02 | m=02
typec | typec:idFF01 | typec:idFF01 | id=FF01 | typec:idFF02 | id=FF02
ssam | ssam:d01c02t01i01f00 | ssam:d01c02t*i01f* | d=01 c=02 i=01 | ssam:d01c02t*i02f* | i=02
dfl | dfl:t0000f000E | dfl:t0000f000E* | t=0000 f=000E* | dfl:t0000f000F* | f=000F*
ipack | ipack:f01v000000F0d00000048 | ipack:f01v000000F0d00000048 | f=01 v=000000F0 d=00000048 | ipack:f01v000000F0d00000049 | d=00000049
rapidio | rapidio:v0038d0010av0000ad0000 | rapidio:v0038d0010av*ad* | v=0038 d=0010 | rapidio:v0038d0011av*ad* | d=0011
ulpi | ulpi:v0451p1508 | ulpi:v0451p1508 | v=0451 p=1508 | ulpi:v0451p1507 | p=1507
coreboot | coreboot:t00000012 | coreboot:t00000012 | t=00000012 | coreboot:t00000013 | t=00000013
mcb | mcb:16z125 | mcb:16z125 | 16z=125 | mcb:16z135 | 16z=135
input | input:b0003v046DpC52Be0111-e0,1,k71 | input:b*v*p*e*-e*1,*k*71* |  | input:b*v*p*e*-e*1,*k*72* | _=e*1,*k*72*
amba | amba:d00041061 | amba:d000?1061 |  | amba:d000?1062 | d=000?1062
mdio | mdio:00000000001000100001010101110000 | mdio:????????00100010000101010111???? |  | mdio:????????00100010000101010110???? | =????????00100010000101010110????
i3c | i3c:dcr00manuf0104part006Cext0000 | i3c:dcr*manuf0104part006Cext* | manuf=0104 part=006C | i3c:dcr*manuf0104part006Dext* | part=006D
vio | vio:TnetworkSIBM,l-lan | vio:TnetworkSIBM,l-lan* | T=network S=IBM,l_lan* | vio:TnetworkSIBM,vnic* | S=IBM,vnic*
zorro | zorro:i02020001 | zorro:i02020001 | i=02020001 | zorro:i02020002 | i=02020002
eisa | eisa:sADP7771 | eisa:sADP7771* | s=ADP7771* | eisa:sADP7770* | s=ADP7770*
mipscdmm | mipscdmm:t02 | mipscdmm:t02* | t=02* | mipscdmm:t03* | t=03*
mei | mei:hdcp:b638ab7e-94e2-4ea2-a552-d1c54b627f04:01: | mei:*:b638ab7e-94e2-4ea2-a552-d1c54b627f04:*:* | :=b638ab7e_94e2_4ea2_a552_d1c54b627f04 | mei:*:b638ab7e-94e2-4ea2-a552-d1c54b627f05:*:* | :=b638ab7e_94e2_4ea2_a552_d1c54b627f05
vmbus | vmbus:635161f83edfc546913ff2d2f965ed0e | vmbus:635161f83edfc546913ff2d2f965ed0e | =635161f83edfc546913ff2d2f965ed0e | vmbus:635161f83edfc546913ff2d2f965ed0f | =635161f83edfc546913ff2d2f965ed0f
wmi | wmi:05901221-D566-11D1-B2F0-00A0C9062910 | wmi:05901221-D566-11D1-B2F0-00A0C9062910 | =05901221_D566_11D1_B2F0_00A0C9062910 | wmi:05901221-D566-11D1-B2F0-00A0C9062911 | =05901221_D566_11D1_B2F0_00A0C9062911
tee | tee:ab7a617c-b8e7-4d8f-8301-d09b61036b64 | tee:ab7a617c-b8e7-4d8f-8301-d09b61036b64* | =ab7a617c_b8e7_4d8f_8301_d09b61036b64* | tee:ab7a617c-b8e7-4d8f-8301-d09b61036b65* | =ab7a617c_b8e7_4d8f_8301_d09b61036b65*
ishtp | ishtp:{33AECD58-B679-4E54-9BD9-A04D34F0C226} | ishtp:{33AECD58-B679-4E54-9BD9-A04D34F0C226} | {=33AECD58_B679_4E54_9BD9_A04D34F0C226 | ishtp:{33AECD58-B679-4E54-9BD9-A04D34F0C227} | {=33AECD58_B679_4E54_9BD9_A04D34F0C227
pnp | pnp:dIFX0102 | pnp:dIFX0102* | d=IFX0102 | pnp:dIFX0101* | d=IFX0101*
acpi | acpi:INTC1086:PNP0C0A: | acpi*:PNP0C0A:* | =PNP0C0A | acpi*:INTC1085:* | =INTC1085:*
of | of:NethT(null)Cbrcm,genet-v6Cbrcm,genet-v5Cx,y | of:N*T*Cbrcm,genet-v5C* | C=brcm,genet_v5 | of:N*T*Cbrcm,genet-v4C* | C=brcm,genet_v4C*
cpu | cpu:type:x86,ven0000fam0006mod006A:feature:,0000,0099 | cpu:type:x86,ven*fam*mod006A:feature:* | type:=x86 mod=006A | cpu:type:x86,ven*fam*mod006B:feature:* | mod=006B
dmi | dmi:bvnIBM:bvrGGE1:svnIBM:pnIBMSystemx3350-4193:pvr1:skuX:rvnIBM: | dmi:bvnIBM:*:pnIBMSystemx3350* | bvn=IBM pn=IBMSystemx3350* | dmi*:svn*IBM*:pn*ThinkPad*: | pn=*ThinkPad*
`
  .trim()
  .split('\n')
  .map(
    (line) =>
      line.split(' | ') as [bus: string, key: string, hit: string, exact: string, miss: string, differs: string],
  );

const list = (fields: readonly FieldVerdict[], verdict: string, shown: (f: FieldVerdict) => string) =>
  fields
    .filter((f) => f.verdict === verdict)
    .map((f) => `${f.tag.replace(',', '')}=${shown(f)}`)
    .join(' ');

test.each(buses)('explain says of %s which fields match and miss: %s', (_bus, key, hit, exact, miss, differs) => {
  const { title, candidates, nearest } = parseAliases(`alias ${hit} good\nalias ${miss} bad\n`).explain(key);
  expect(title).toBeDefined();
  expect(candidates.map((c) => c.module)).toEqual(['good']);
  const { fields } = candidates[0]!.matches[0]!;
  const inList = (f: FieldVerdict) => (['acpi', 'of', 'pnp'].includes(_bus) ? f.value : f.pattern);
  expect(list(fields, 'exact', inList)).toBe(exact);
  expect(list(fields, 'differs', inList)).toBe('');
  expect(nearest.map((m) => m.module)).toEqual(['bad']);
  expect(list(nearest[0]!.fields, 'differs', (f) => f.pattern)).toBe(differs);
});

test('explain is tested for every regular bus', () => {
  const tested = new Set(buses.map(([bus]) => bus));
  expect(DEVICE_FORMATS.map((f) => f.bus).filter((bus) => !tested.has(bus))).toEqual(['css']);
});

test('explain finds a generic processor feature and a model in one key', () => {
  const text = 'alias cpu:type:*:feature:*0099* sha\nalias cpu:type:x86,ven*fam*mod006A:feature:* edac\n';
  const { candidates } = parseAliases(text).explain('cpu:type:x86,ven0000fam0006mod006A:feature:,0000,0099');
  const features = (module: string) => candidates.find((c) => c.module === module)!.matches[0]!.fields.at(-1)!;
  expect(features('sha')).toMatchObject({ pattern: '*0099*', verdict: 'any' });
  expect(features('edac')).toMatchObject({ pattern: '*', verdict: 'any' });
});

test('explain shows one near miss of those that tell the same, and none of a name that matches in its other form', () => {
  const text = ['good_v5', 'good_v5C*', 'good_v4', 'good_v4C*', 'other,thing'].map((c) => `alias of:N*T*C${c} m\n`);
  const { nearest } = parseAliases(text.join('')).explain('of:NaTbCgood_v5');
  expect(nearest.map((m) => m.pattern)).toEqual(['of:N*T*Cgood_v4']);
});

test('explain prefers near misses whose numbers start alike, and leaves out what has nothing in common', () => {
  const pattern = (device: string) => `alias pci:v00008086d0000${device}sv*sd*bc*sc*i* m${device}\n`;
  const text = `${['0100', '1539', '1533', '15B8'].map(pattern).join('')}alias pci:v0000FFFFd00001538sv*sd*bc*sc*i* far\n`;
  const { nearest } = parseAliases(text).explain('pci:v00008086d00001538sv00000000sd00000000bc02sc00i00');
  expect(nearest.map((m) => m.module)).toEqual(['m1539', 'm1533', 'm15B8']);
});

test('explain shows the fields that a machine has, and of a pattern those that it names', () => {
  const text = 'alias dmi*:svn*Dell*:pn*Latitude*: one\nalias dmi*:svn*Dell*:ct*9*: two\nalias dmi:*:[bs]vn* three\n';
  const { fields, candidates, nearest } = parseAliases(text).explain('dmi:bvnAMI:svnDellInc.:pnLatitude5:');
  expect(fields.map((f) => `${f.name} ${f.value}`)).toEqual([
    'BIOS vendor AMI',
    'system vendor DellInc.',
    'product name Latitude5',
  ]);
  const reasons = (list: readonly { readonly fields: readonly FieldVerdict[] }[]) =>
    list.map((m) => m.fields.map((f) => `${f.tag} ${f.value} ${f.verdict} ${f.pattern}`));
  const found = new Map(candidates.map((c) => [c.module, reasons(c.matches)]));
  expect(found.get('one')).toEqual([['svn DellInc. any *Dell*', 'pn Latitude5 any *Latitude*']]);
  expect(found.get('three')).toEqual([[]]);
  expect(reasons(nearest)).toEqual([['svn DellInc. any *Dell*', 'ct missing differs *9*']]);
  expect(parseAliases(text).explain('dmi:x')).toMatchObject({
    title: 'machine',
    fields: [],
    missing: [{ tag: 'bvn' }],
  });
});
