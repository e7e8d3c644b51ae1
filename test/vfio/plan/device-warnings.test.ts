import { describe, expect, test } from 'vitest';
import { deviceWarnings } from '../../../src/vfio/plan/device-warnings.ts';
import type { Machine } from '../../../src/vfio/plan/machine.ts';
import type { PlannedDevice } from '../../../src/vfio/plan/plan-types.ts';
import type { DeviceDescription, MachineDescription } from '../../fake-root.ts';
import { machineOf, pci, planned, warned } from './planned.ts';

const PORT = 'pci0000:00/0000:00:01.1';
const CARD = '0000:03:00.0';
const AUDIO = '0000:03:00.1';

/** A graphics card and its sound, each in a group of its own as on AMD's switch. */
const card = (attributes: Readonly<Record<string, string>> = {}, more: readonly DeviceDescription[] = []) => [
  pci(PORT, '060400', { driver: 'pcieport', group: '2' }),
  pci(`${PORT}/${CARD}`, '038000', { driver: 'amdgpu', group: '5', attributes }),
  pci(`${PORT}/${AUDIO}`, '040300', { driver: 'snd_hda_intel', group: '6', attributes }),
  ...more,
];
const said = (devices: readonly DeviceDescription[], names = [CARD], rest: Partial<MachineDescription> = {}) =>
  warned(planned(machineOf(devices, rest), names).plan);

describe('deviceWarnings: the card', () => {
  test('other functions of it in other groups are named, until they move too', () => {
    expect(said(card())).toEqual([
      `(note) other-functions: ${AUDIO} (snd_hda_intel, group 6) on the same card stays with the host; --all-functions moves it too`,
    ]);
    expect(said(card(), [CARD, AUDIO])).toEqual([]);
  });

  test('one that cannot be reset alone says what a reset of its bus reaches', () => {
    const devices = card({ reset_method: '' });
    expect(said(devices)).toContain(
      `(note) reset: the kernel cannot reset it alone, so a guest may find it as the last one left it: a reset of its bus reaches ${AUDIO} too; move these to VFIO as well to allow it`,
    );
    expect(said(devices, [CARD, AUDIO])).toContainEqual(
      expect.stringMatching(/all of them go to VFIO, which resets them together/),
    );
  });

  test('one that can be reset says so in the plan, and is not warned of', () => {
    const { plan } = planned(machineOf(card({ reset_method: 'flr bus' })), [CARD]);
    expect(plan.devices[0]!.reset).toEqual({ methods: ['flr', 'bus'], reaches: [AUDIO] });
    expect(warned(plan).filter((text) => text.includes('reset:'))).toEqual([]);
  });
});

describe('deviceWarnings: a device without a group', () => {
  const plain = [pci(`${PORT}/${CARD}`, '020000', { driver: 'e1000e' })];
  const advice = (proc: Readonly<Record<string, string>>) =>
    said(plain, [CARD], { proc }).find((text) => /no-iommu/.test(text));

  test.each([
    ['aarch64', { 'sys/kernel/arch': 'aarch64\n' }, /: the firmware has to describe its SMMU \(IORT table/],
    ['aarch64 by cpuinfo', { cpuinfo: 'processor\t: 0\nCPU implementer\t: 0x41\n' }, /SMMU/],
    ['riscv64', { cpuinfo: 'processor\t: 0\nhart\t: 1\nisa\t\t: rv64imafdc\n' }, /CONFIG_RISCV_IOMMU/],
    ['ppc64le', { 'sys/kernel/arch': 'ppc64le\n' }, /CONFIG_SPAPR_TCE_IOMMU/],
    ['s390x', { cpuinfo: 'vendor_id       : IBM/S390\n' }, /CONFIG_S390_IOMMU/],
    [
      'x86_64 of Intel',
      { cpuinfo: 'vendor_id\t: GenuineIntel\n' },
      /: turn on VT-d in the firmware, and boot with intel_iommu=on,/,
    ],
    ['x86_64 of AMD', { 'sys/kernel/arch': 'x86_64\n', cpuinfo: 'vendor_id\t: AuthenticAMD\n' }, /: turn on AMD-Vi/],
    ['x86_64 of neither', { 'sys/kernel/arch': 'x86_64\n' }, /: turn on VT-d or AMD-Vi in the firmware/],
    ['an unknown architecture', {}, /: turn on VT-d \(with intel_iommu=on\), AMD-Vi or SMMU/],
  ])('is advised by the architecture: %s', (_what, proc, message) => {
    expect(advice(proc)).toMatch(message);
    if (!/x86|unknown/.test(_what)) expect(advice(proc)).not.toMatch(/VT-d|intel_iommu/);
  });
});

describe('deviceWarnings: interrupts', () => {
  const x86 = (interrupts: string) => ({ 'sys/kernel/arch': 'x86_64\n', interrupts: `           CPU0\n${interrupts}` });
  const IR =
    '  2:  0  IR-IO-APIC   2-edge  timer\n 24:  1  IR-PCI-MSI-0000:00:1f.2   0-edge  ahci\n 0: 1 DMAR-MSI 0-edge dmar0\n';
  const PLAIN = '  2:  0  IO-APIC   2-edge  timer\n 24:  1  PCI-MSI 512000-edge  ahci\n';
  const unsafe = { modules: { vfio_iommu_type1: { allow_unsafe_interrupts: 'Y' } } };
  const about = (rest: Partial<MachineDescription>) =>
    said([pci(`${PORT}/${CARD}`, '020000', { driver: 'e1000e', group: '5' })], [CARD], rest).filter((text) =>
      /interrupts:/.test(text),
    );

  test('that are remapped, or of which nothing is known, are nothing to say', () => {
    expect(about({ proc: x86(IR) })).toEqual([]);
    expect(about({ proc: x86(IR), ...unsafe })).toEqual([]);
    expect(about({})).toEqual([]);
    expect(
      about({ proc: { 'sys/kernel/arch': 'aarch64\n', interrupts: ' 1: 0 GICv3 25 Level vgic PCI-MSI\n' } }),
    ).toEqual([]);
  });

  test('that are not remapped keep the group from a guest', () => {
    expect(about({ proc: x86(PLAIN) })).toEqual([
      expect.stringMatching(/will refuse to give it to a guest \(EPERM\).*allow_unsafe_interrupts=1/),
    ]);
  });

  test.each([{ proc: x86(PLAIN) }, {}])('that a parameter allows to be unsafe are said to be', (rest) => {
    expect(about({ ...rest, ...unsafe })).toEqual([
      expect.stringMatching(/allow_unsafe_interrupts is on.*any of the host/),
    ]);
    expect(about({ ...rest, modules: { iommufd: { allow_unsafe_interrupts: 'Y' } } })).toHaveLength(1);
  });
});

describe('deviceWarnings of plain data', () => {
  const at = (name: string) => `devices/${name}`;
  const device = (rest: Partial<PlannedDevice> = {}) =>
    ({
      ...{ name: CARD, bus: 'pci', path: at(CARD), group: '5', vfio: true, physfn: null },
      before: { driver: 'igb', override: null },
      after: { driver: 'vfio-pci', override: 'vfio-pci' },
      ...rest,
    }) as PlannedDevice;
  const machine = (rest: object = {}) =>
    ({
      ...{ devices: [], cards: [], noiommu: false, iommu: true },
      platform: { architecture: null, vendor: null, remapsInterrupts: true, unsafeInterrupts: false },
      ...rest,
    }) as unknown as Machine;
  const told = (rest: object, planned = device(), all = [planned]) =>
    deviceWarnings(machine(rest), all, planned).map(({ code, message, about, blocks }) => {
      expect([about, blocks]).toEqual([planned.name, null]);
      return `${code}: ${message}`;
    });
  const known = (name: string, rest: object) => ({
    name,
    bus: 'pci',
    path: at(name),
    driver: null,
    bridge: false,
    ...rest,
  });
  const card = (rest: object) => ({
    cards: [
      { device: 'x', functions: [] },
      { device: CARD, functions: [], ...rest },
    ],
  });

  test('deviceWarnings says that a driver is not known for VFIO, unless the device gets none', () => {
    const other = (driver: string | null) => told({}, device({ vfio: false, after: { driver, override: driver } }));
    expect(other('uio_pci_generic')).toEqual([
      'not-vfio: uio_pci_generic is not known as a VFIO driver: it may not be possible to pass the device to a guest',
    ]);
    expect(other(null)).toEqual([]);
    expect(told({}, device({ vfio: false, group: null, after: { driver: null, override: null } }))).toEqual([]);
  });

  test('deviceWarnings counts the virtual functions of the device itself, which its driver removes or leaves', () => {
    const sriov = { physfn: null, numVfs: 2 };
    const behind = known(`${CARD}/0000:04:00.0`, {});
    const physical = known(CARD, { driver: 'igb', sriov });
    const first = known('0000:00:00.0', { sriov: { physfn: null, numVfs: 7 } });
    const left = 'vfs-enabled: 2 virtual functions are enabled; VFIO requires a physical function without any:';
    expect(told({ devices: [first, physical, behind] })).toEqual([expect.stringContaining(left)]);
    const function_ = known('0000:03:10.0', { sriov: { physfn: CARD, numVfs: 0 } });
    expect(told({ devices: [first, physical, behind, function_] })).toEqual([
      'vfs-enabled: igb removes its 2 virtual functions; restore does not make them again',
    ]);
    expect(told({ devices: [first] })).toEqual([]);
  });

  test('deviceWarnings without an IOMMU names what turns it on, by the architecture, and what goes without', () => {
    const about = (architecture: string | null, iommu: boolean) =>
      told({ iommu, platform: { architecture, vendor: null, remapsInterrupts: true } }, device({ group: null }))[0];
    const unsafe = 'or set vfio.enable_unsafe_noiommu_mode=1 and run without protection';
    const any = 'turn on VT-d (with intel_iommu=on), AMD-Vi or SMMU in the firmware';
    expect(about(null, false)).toBe(`no-iommu: this machine has no active IOMMU: ${any}, ${unsafe}`);
    expect(about('constructor', true)).toBe(`no-iommu: it has no IOMMU group: ${any}, ${unsafe}`);
    expect(told({}, device({ group: null, after: { driver: null, override: null } }))).toEqual([]);
  });

  test('deviceWarnings names every function of the card that stays in another group, with its driver', () => {
    const one = { name: AUDIO, path: at(AUDIO), driver: null, group: null };
    const two = { name: '0000:03:00.2', path: at('0000:03:00.2'), driver: 'xhci_hcd', group: '7' };
    const same = { name: '0000:03:00.3', path: at('0000:03:00.3'), driver: 'i2c', group: '5' };
    const others = (...functions: object[]) => told(card({ functions }));
    expect(others(one, two, same)).toEqual([
      `other-functions: ${AUDIO} (no driver, no group), 0000:03:00.2 (xhci_hcd, group 7) on the same card stay with the host; --all-functions moves them too`,
    ]);
    expect(others(two)).toEqual([expect.stringContaining('stays with the host; --all-functions moves it too')]);
    expect(others(same)).toEqual([]);
  });

  test('deviceWarnings says what a reset of the bus reaches, of the device itself, if it cannot be reset alone', () => {
    const alone = 'reset: the kernel cannot reset it alone, so a guest may find it as the last one left it';
    const reset = (methods: string[] | null, ...reaches: string[]) => told({}, device({ reset: { methods, reaches } }));
    expect(reset([])).toEqual([alone]);
    expect(reset([], 'a', 'b')).toEqual([
      `${alone}: a reset of its bus reaches a, b too; move these to VFIO as well to allow it`,
    ]);
    expect([reset(null, 'a'), reset(['flr'], 'a')]).toEqual([[], []]);
  });
});
