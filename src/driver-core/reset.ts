import { errno, type Transition, unknown } from './event.ts';
import type { Device, KernelState } from './state.ts';
import { kstrtoul } from './text.ts';

/**
 * A write to a PCI device's `reset` (drivers/pci/pci-sysfs.c:reset_store). It changes nothing of which driver has which
 * device; whether the file is there and the reset succeeds depends on how the device can be reset, which the state does
 * not tell. Only 1 is taken.
 */
export function resetDevice(state: KernelState, device: Device, data: string): Transition {
  const rule = 'drivers/pci/pci-sysfs.c:reset_store';
  if (kstrtoul(data) !== 1n)
    return { state, result: errno('EINVAL'), trace: [{ rule, text: 'expected 1', device: device.name }] };
  const why = `whether ${device.name} can be reset is not known`;
  return { state, result: unknown(why), trace: [{ rule, text: why, device: device.name }] };
}
