import { expect, test } from 'vitest';
import { knownDevice } from '../../src/inventory/known-device.ts';

test.each([
  ['serio:ty6pr00id00ex00', "type (ty) is '6', expected 2 upper-case hexadecimal digits"],
  ['sdw:m025Dp711v02c01', "part (p) is '711'"],
  ['pci:v', 'vendor (v) has no value'],
  ['pci:v00001af4d00001041sv00001AF4sd00001041bc02sc00i00', "vendor (v) is '00001af4'"],
  ['pci:', 'has none of the fields of its bus'],
  ['of:NethernetT', 'it lacks compatible (C)'],
  ['wmi:05901221-D566', "GUID is '05901221_D566'"],
  ['cpu:type:x86,ven0000fam', 'it lacks model (mod), features (:feature:)'],
  ['platform:', 'has no name after its colon'],
])('knownDevice: says what is wrong with %s, which no device prints', (modalias, fault) => {
  expect(knownDevice(modalias)).toEqual({ modalias, unknown: [], fault: expect.stringContaining(fault) });
});

test.each([
  'input:b0003v046DpC52Be0111-e0,1,2,4,k71,72,ram4,lsfw',
  'scsi:t-0x00',
  'wmi:05901221-D566-11D1-B2F0-00A0C9062910',
  'cpu:type:x86,ven0000fam0006mod0055:feature:,0000,0001',
  'of:NethernetT(null)Cfsl,imx8-fec',
  'fsl-mc:v00001957ddpni',
  'foo:bar',
])('knownDevice: finds nothing wrong with %s', (modalias) => {
  expect(knownDevice(modalias)).toEqual({ modalias, unknown: [] });
});
