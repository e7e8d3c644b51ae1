import type { MachineRoots } from './roots.ts';

/** What VFIO depends on besides the devices. */
export interface Platform {
  /** As `uname -m` prints it: `x86_64`, `aarch64`; null where proc does not say. */
  readonly architecture: string | null;
  /** Maker of an x86 processor. */
  readonly vendor: 'intel' | 'amd' | null;
  /** Whether the IOMMU remaps interrupts; null where that is not known. */
  readonly remapsInterrupts: boolean | null;
  /** allow_unsafe_interrupts of vfio_iommu_type1 or iommufd is set. */
  readonly unsafeInterrupts: boolean;
}

const LIMIT = 1 << 20;

/** Reads it from proc and the modules' parameters. */
export function readPlatform({ sysfs, proc }: MachineRoots): Platform {
  const cpuinfo = proc.read('cpuinfo') ?? '';
  const id = /^vendor_id\s*:\s*(\S+)/m.exec(cpuinfo)?.[1] ?? '';
  // kernel/utsname_sysctl.c, from 6.1 on.
  const named = proc.line('sys/kernel/arch')?.trim();
  const architecture = named || (CPUINFO.find(([pattern]) => pattern.test(cpuinfo))?.[1] ?? null);
  const isSet = (module: string) =>
    /^[Y1]/.test(sysfs.line(`module/${module}/parameters/allow_unsafe_interrupts`) ?? '');
  return {
    architecture,
    vendor: id === 'GenuineIntel' ? 'intel' : id === 'AuthenticAMD' || id === 'HygonGenuine' ? 'amd' : null,
    remapsInterrupts: isX86(architecture) ? remaps(proc.read('interrupts', LIMIT) ?? '') : null,
    unsafeInterrupts: isSet('vfio_iommu_type1') || isSet('iommufd'),
  };
}

/** What only one architecture has in /proc/cpuinfo (arch/ARCH/kernel: show_cpuinfo, c_show). */
const CPUINFO: readonly (readonly [pattern: RegExp, architecture: string])[] = [
  [/^vendor_id\s*:\s*IBM\/S390/m, 's390x'],
  [/^vendor_id\s*:/m, 'x86_64'],
  [/^CPU implementer\s*:/m, 'aarch64'],
  [/^isa\s*:\s*rv64/m, 'riscv64'],
  [/^cpu\s*:\s*POWER/m, 'ppc64le'],
];

export function isX86(architecture: string | null): boolean {
  return /^(?:x86_64|i[3-6]86)$/.test(architecture ?? '');
}

/**
 * By the names of the interrupt controllers: remapped ones begin with IR (drivers/iommu/intel/irq_remapping.c and
 * drivers/iommu/amd/iommu.c: `.prefix`, arch/x86/kernel/apic/io_apic.c:ioapic_ir_chip).
 */
function remaps(interrupts: string): boolean | null {
  if (/\sIR-(?:IO-APIC|PCI-MSI)/.test(interrupts)) return true;
  return /\s(?:IO-APIC|PCI-MSI)/.test(interrupts) ? false : null;
}
