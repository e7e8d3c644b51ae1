import { describe, expect, test } from 'vitest';
import { Elf } from '../../src/binary/elf.ts';
import { memorySource } from '../../src/binary/source.ts';
import { buses } from '../../src/bus/buses.ts';
import { registerFunctions, registrationsWithout } from '../../src/module/driver-registrations.ts';
import { judgeModule } from '../../src/packaging/verify/verify-read.ts';
import { type PciModuleFacts, pciModule } from '../support/pci-module.ts';

const elfOf = (bytes: Uint8Array) => new Elf(memorySource(bytes, 'a.ko'));
/** The drivers without a table, by bus, of a module with these aliases and a pci table or none. */
const drivers = (facts: PciModuleFacts, aliases: string[] = [], rows?: [number, number][]) =>
  judgeModule(elfOf(pciModule(rows, aliases, facts)), 'a', 'a.ko', undefined).drivers.map(({ bus }) => bus.name);

describe('registrationsWithout', () => {
  test.each([...registerFunctions])('registrationsWithout knows %s', (name, bus) => {
    const found = registrationsWithout(elfOf(pciModule(undefined, [], { imports: [name] })), () => false);
    expect(found).toEqual([{ bus, by: name }]);
  });

  test('registrationsWithout reads each bus from one table: no function is of two', () => {
    const names = buses.flatMap((bus) => bus.drivers?.register ?? []);
    expect(new Set(names).size).toBe(names.length);
  });

  test('registrationsWithout skips drivers with a table or an alias', () => {
    const pci = { imports: ['__pci_register_driver'] };
    expect(drivers(pci)).toEqual(['pci']);
    expect(drivers(pci, [], [])).toEqual([]);
    expect(drivers(pci, ['pci:v*'])).toEqual([]);
    expect(drivers(pci, ['vfio_pci:v*'])).toEqual([]);
    expect(drivers(pci, ['usb:v*', 'of:N*'])).toEqual(['pci']);
    expect(drivers({ imports: ['acpi_bus_register_driver'] }, ['acpi*:PNP0C0A:*'])).toEqual([]);
  });

  test('registrationsWithout takes device tree and ACPI for an i2c driver, and any alias for a platform driver', () => {
    const i2c = { imports: ['i2c_register_driver'] };
    expect(drivers(i2c)).toEqual(['i2c']);
    expect(drivers(i2c, ['of:N*T*Cti,x'])).toEqual([]);
    const platform = { imports: ['__platform_driver_register'] };
    expect(drivers(platform)).toEqual(['platform']);
    expect(drivers(platform, ['by-hand'])).toEqual([]);
    expect(drivers({ imports: [...platform.imports, 'platform_device_register_full'] })).toEqual([]);
  });

  test('registrationsWithout does not count modules that register the drivers of others, nor such as only have the name', () => {
    expect(drivers({ imports: ['__pci_register_driver'], exports: ['comedi_pci_driver_register'] })).toEqual([]);
    expect(drivers({ imports: ['__pci_register_driver'], exports: ['saa7146_register_extension'] })).toEqual([]);
    expect(drivers({ exports: ['__pci_register_driver'] })).toEqual([]);
    expect(drivers({ imports: ['pci_unregister_driver', 'my__pci_register_driver'] })).toEqual([]);
    expect(drivers({ imports: ['__platform_register_drivers'] })).toEqual([]);
  });
});

test('registrationsWithout finds a name that shares its end with that of the function that unregisters', () => {
  const name = 'register_virtio_driver';
  const bytes = pciModule(undefined, [], { imports: [`un${name}`, name] });
  const { sectionCount, sectionAt } = elfOf(bytes);
  const sections = Array.from({ length: sectionCount }, (_, i) => sectionAt.call(elfOf(bytes), i));
  const symbols = sections.find(({ type }) => type === 2)!;
  const names = sections[symbols.link]!.offset;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [un, own] = [text.indexOf(`un${name}\0`) - names, text.indexOf(`\0${name}\0`) + 1 - names];
  // Linkers write such a name once.
  text.fill('x', names + own, names + own + name.length);
  for (let at = symbols.offset; at < symbols.offset + symbols.size; at += 24)
    if (text.readUInt32LE(at) === own) text.writeUInt32LE(un + 2, at);
  expect(registrationsWithout(elfOf(bytes), () => false).map(({ by }) => by)).toEqual([name]);
});

test('registrationsWithout names a bus once, by the first function that stands in the file', () => {
  const [first, second] = [...registerFunctions].filter(([, bus]) => bus.name === 'platform').map(([name]) => name);
  const found = registrationsWithout(elfOf(pciModule(undefined, [], { imports: [first!, second!] })), () => false);
  expect(found.map(({ bus, by }) => `${bus.name} ${by}`)).toEqual([`platform ${first}`]);
});
