import type { Code } from '../../codes.ts';
import type { MachineDevice } from '../sysfs/device.ts';
import { isX86 } from '../sysfs/platform.ts';
import type { Machine } from './machine.ts';
import type { PlannedDevice, Warning } from './plan-types.ts';
import { removedWith } from './removed.ts';

/** What is worth knowing about a device that is given to VFIO. Nothing of it prevents the plan. */
export function deviceWarnings(machine: Machine, devices: readonly PlannedDevice[], device: PlannedDevice): Warning[] {
  const found = machine.devices.find(({ path }) => path === device.path);
  const texts = KINDS.flatMap((kind) => kind(machine, device, found, devices));
  return texts.map(([code, message]) => ({ code, about: device.name, message, blocks: null }));
}

type Note = readonly [code: Code, message: string];
type Kind = (
  machine: Machine,
  device: PlannedDevice,
  found: MachineDevice | undefined,
  devices: readonly PlannedDevice[],
) => Note[];

const KINDS: readonly Kind[] = [driverKnown, virtualFunctions, iommu, interrupts, overrideSet, otherFunctions, reset];

function driverKnown(_machine: Machine, { vfio, after: { driver } }: PlannedDevice): Note[] {
  if (driver === null || vfio) return [];
  return [
    ['not-vfio', `${driver} is not known as a VFIO driver: it may not be possible to pass the device to a guest`],
  ];
}

/** Virtual functions that the driver leaves behind; what it removes is reported with what goes away. */
function virtualFunctions(machine: Machine, device: PlannedDevice, found: MachineDevice | undefined): Note[] {
  const enabled = found?.sriov?.numVfs ?? 0;
  if (enabled === 0) return [];
  const restore = 'restore does not make them again';
  if (removedWith(machine, device.path).some(({ sriov }) => sriov?.physfn === device.name))
    return [['vfs-enabled', `${device.before.driver} removes its ${enabled} virtual functions; ${restore}`]];
  return [
    [
      'vfs-enabled',
      `${enabled} virtual functions are enabled; VFIO requires a physical function without any: write 0 to its sriov_numvfs first, or pass a virtual function through`,
    ],
  ];
}

function iommu(machine: Machine, device: PlannedDevice): Note[] {
  if (device.group !== null || ['css', 'ap'].includes(device.bus) || device.after.driver === null) return [];
  if (machine.noiommu) {
    const message = 'it has no IOMMU: with enable_unsafe_noiommu_mode it can access all memory and taints the kernel';
    return [['noiommu', message]];
  }
  const what = machine.iommu ? 'it has no IOMMU group' : 'this machine has no active IOMMU';
  const unsafe = 'or set vfio.enable_unsafe_noiommu_mode=1 and run without protection';
  return [['no-iommu', `${what}: ${iommuAdvice(machine)}, ${unsafe}`]];
}

/** What turns on the IOMMU of an architecture, by `uname -m`. */
const IOMMUS: Readonly<Record<string, string>> = {
  // drivers/acpi/arm64/iort.c, drivers/iommu/of_iommu.c, drivers/iommu/arm
  aarch64:
    'the firmware has to describe its SMMU (IORT table, or iommu-map in the device tree) and the kernel to have the driver (CONFIG_ARM_SMMU_V3, CONFIG_ARM_SMMU)',
  // drivers/iommu/riscv
  riscv64:
    'the firmware has to describe its IOMMU (RIMT table, or iommu-map in the device tree) and the kernel to have the driver (CONFIG_RISCV_IOMMU)',
  // arch/powerpc/kernel/iommu.c, drivers/vfio/vfio_iommu_spapr_tce.c
  ppc64le: 'the host bridge has its IOMMU, and the kernel has to have the driver (CONFIG_SPAPR_TCE_IOMMU)',
  // drivers/iommu/s390-iommu.c
  s390x: 'every PCI function has one, and the kernel has to have the driver (CONFIG_S390_IOMMU)',
};

const X86 = {
  // drivers/iommu/intel/iommu.c:intel_iommu_setup
  intel: 'turn on VT-d in the firmware, and boot with intel_iommu=on',
  // drivers/iommu/amd/init.c:parse_amd_iommu_options
  amd: 'turn on AMD-Vi (IOMMU) in the firmware, and boot without amd_iommu=off',
} as const;

function iommuAdvice({ platform: { architecture, vendor } }: Machine): string {
  if (isX86(architecture) && vendor !== null) return X86[vendor];
  if (isX86(architecture)) return 'turn on VT-d or AMD-Vi in the firmware, on Intel with intel_iommu=on';
  const known = architecture !== null && Object.hasOwn(IOMMUS, architecture) ? IOMMUS[architecture] : undefined;
  return known ?? 'turn on VT-d (with intel_iommu=on), AMD-Vi or SMMU in the firmware';
}

/** drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group refuses a group without isolated interrupts. */
function interrupts({ platform, iommu: active }: Machine): Note[] {
  const { remapsInterrupts, unsafeInterrupts } = platform;
  if (!active || remapsInterrupts === true) return [];
  if (unsafeInterrupts)
    return [
      [
        'interrupts',
        'allow_unsafe_interrupts is on, and interrupts are not known to be remapped: a guest may raise any of the host',
      ],
    ];
  if (remapsInterrupts === null) return [];
  return [
    [
      'interrupts',
      'interrupts are not remapped, so the kernel will refuse to give it to a guest (EPERM): turn on interrupt remapping (x2APIC) in the firmware and boot without intremap=off, or set vfio_iommu_type1.allow_unsafe_interrupts=1 and let a guest raise any interrupt of the host',
    ],
  ];
}

function overrideSet(_machine: Machine, { before, after }: PlannedDevice): Note[] {
  if (typeof before.override !== 'string' || before.override === after.override) return [];
  return [['override-set', `driver_override is '${before.override}' already; restore sets it again`]];
}

/** Functions of the same card that stay behind in other groups, such as the sound of a graphics card. */
function otherFunctions(
  { cards }: Machine,
  device: PlannedDevice,
  _found: MachineDevice | undefined,
  devices: readonly PlannedDevice[],
): Note[] {
  const functions = cards.find((card) => card.device === device.name)?.functions ?? [];
  const left = functions.filter(
    ({ path, group }) => group !== device.group && !devices.some((one) => one.path === path),
  );
  if (left.length === 0) return [];
  const list = left.map(({ name, driver, group }) => {
    const where = group === null ? 'no group' : `group ${group}`;
    return `${name} (${driver ?? 'no driver'}, ${where})`;
  });
  const [stay, it] = list.length === 1 ? ['stays', 'it'] : ['stay', 'them'];
  const message = `${list.join(', ')} on the same card ${stay} with the host; --all-functions moves ${it} too`;
  return [['other-functions', message]];
}

function reset(
  _machine: Machine,
  { reset: known }: PlannedDevice,
  _found: MachineDevice | undefined,
  devices: readonly PlannedDevice[],
): Note[] {
  if (known?.methods?.length !== 0) return [];
  const outside = known.reaches.filter((name) => !devices.some((one) => one.name === name));
  const alone = 'the kernel cannot reset it alone, so a guest may find it as the last one left it';
  if (known.reaches.length === 0) return [['reset', alone]];
  const reaches = `a reset of its bus reaches ${known.reaches.join(', ')} too`;
  const then =
    outside.length === 0
      ? 'all of them go to VFIO, which resets them together for one guest'
      : 'move these to VFIO as well to allow it';
  return [['reset', `${alone}: ${reaches}; ${then}`]];
}
