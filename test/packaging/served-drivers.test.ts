import { expect, test } from 'vitest';
import { busNamed } from '../../src/bus/buses.ts';
import { isServed } from '../../src/packaging/served-drivers.ts';

test.each<[bus: string, tables: readonly string[], aliases: readonly string[], served: boolean]>([
  ['pci', ['pci'], [], true],
  ['pci', ['usb'], [], false],
  ['pci', [], ['pci:v1*'], true],
  ['pci', [], ['vfio_pci:v1*'], true],
  ['pci', [], ['xpci:v1*'], false],
  ['spi', ['of'], [], true],
  ['spi', [], ['acpi*:ACME0001:*'], true],
  ['spi', [], ['i2c:acme'], false],
  ['platform', [], ['dmi*:svn*Acme*:'], true],
  ['platform', [], [], false],
])('isServed: a driver of %s with tables %j and aliases %j: %s', (bus, tables, aliases, served) => {
  expect(isServed(busNamed(bus)!, tables, aliases)).toBe(served);
});
