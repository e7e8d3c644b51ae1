import { expect, test } from 'vitest';
import { isX86, readPlatform } from '../../../src/vfio/sysfs/platform.ts';
import { machineRoot } from '../machine-root.ts';

/** What is read where proc, and the parameters of modules, are these. */
function platform(proc: Readonly<Record<string, string>>, modules: Readonly<Record<string, string>> = {}) {
  const sysfs = Object.fromEntries(
    Object.entries(modules).map(([module, value]) => [`module/${module}/parameters/allow_unsafe_interrupts`, value]),
  );
  return readPlatform(
    machineRoot({ version: 1, name: 'platform', release: '6.12.0', drivers: {}, devices: [], proc, sysfs }).roots,
  );
}

test.each<[proc: Readonly<Record<string, string>>, architecture: string | null, vendor: string | null]>([
  [{}, null, null],
  [{ 'sys/kernel/arch': 'loongarch64\n', cpuinfo: 'vendor_id : GenuineIntel\n' }, 'loongarch64', 'intel'],
  [{ 'sys/kernel/arch': '\n', cpuinfo: 'hart : 1\nisa : rv64imac\n' }, 'riscv64', null],
  [{ cpuinfo: 'vendor_id\t: HygonGenuine\n' }, 'x86_64', 'amd'],
  [{ cpuinfo: 'vendor_id\t: CentaurHauls\n' }, 'x86_64', null],
  [{ cpuinfo: 'vendor_id       : IBM/S390\n' }, 's390x', null],
  [{ cpuinfo: 'cpu\t\t: POWER9\n' }, 'ppc64le', null],
  [{ cpuinfo: 'isa : rv32imac\n' }, null, null],
])('readPlatform knows the architecture and the maker of the processor: %j', (proc, architecture, vendor) => {
  expect(platform(proc)).toMatchObject({ architecture, vendor });
});

test.each([
  ['x86_64', ' 0: 5 IO-APIC 2-edge timer\n', false],
  ['x86_64', ' 24: 0 PCI-MSI 1-edge x\n', false],
  ['x86_64', ' 24: 0 IR-PCI-MSI-0000:01:00.0 0-edge x\n 0: 5 IO-APIC 2-edge\n', true],
  ['i686', ' 24: 0 IR-IO-APIC 1-edge x\n', true],
  ['x86_64', 'NMI: 0\n', null],
  ['aarch64', ' 24: 0 IR-PCI-MSI 1-edge x\n', null],
])('readPlatform on %s takes %j for remapped: %s', (arch, interrupts, expected) => {
  expect(platform({ 'sys/kernel/arch': `${arch}\n`, interrupts }).remapsInterrupts).toBe(expected);
});

test.each<[Readonly<Record<string, string>>, boolean]>([
  [{}, false],
  [{ vfio_iommu_type1: 'N\n', iommufd: 'N\n' }, false],
  [{ vfio_iommu_type1: 'Y\n' }, true],
  [{ vfio_iommu_type1: 'N\n', iommufd: '1\n' }, true],
])('readPlatform asks both modules for unsafe interrupts: %j', (modules, expected) => {
  expect(platform({}, modules).unsafeInterrupts).toBe(expected);
});

test('isX86 of names as uname -m prints them', () => {
  expect(['x86_64', 'i386', 'i486', 'i586', 'i686'].map(isX86)).toEqual(Array(5).fill(true));
  expect([null, 'i286', 'i786', 'aarch64', 'xx86_64', 'x86_64x'].map(isX86)).toEqual(Array(6).fill(false));
});
