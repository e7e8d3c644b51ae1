import { needNumber, needObject } from '../arguments.ts';
import type { DeviceId, PciFacts } from './state.ts';

export const PCI_ANY_ID = 0xffffffff;

const CDX_ANY_ID = 0xffff;

/** A row with C's defaults filled in: any subsystem, no class, no driver data. */
export function deviceId(vendor: number, device: number, rest: Partial<DeviceId> = {}): DeviceId {
  needNumber('vendor', vendor);
  needNumber('device', device);
  needObject('rest', rest);
  return {
    vendor,
    device,
    subvendor: PCI_ANY_ID,
    subdevice: PCI_ANY_ID,
    class: 0,
    class_mask: 0,
    driver_data: 0n,
    override_only: 0,
    ...rest,
  };
}

type Identity = Pick<PciFacts, 'vendor' | 'device' | 'subvendor' | 'subdevice' | 'class'>;

/** One row against a device: drivers/pci/pci.h:pci_match_one_device; for CDX drivers/cdx/cdx.c:cdx_match_one_device. */
export function matchesRow(id: DeviceId, device: Identity, bus = 'pci'): boolean {
  const any = bus === 'cdx' ? CDX_ANY_ID : PCI_ANY_ID;
  const field = (row: number, value: number) => row === any || row === value;
  return (
    field(id.vendor, device.vendor) &&
    field(id.device, device.device) &&
    field(id.subvendor, device.subvendor) &&
    field(id.subdevice, device.subdevice) &&
    ((id.class ^ device.class) & id.class_mask) === 0
  );
}

/**
 * The rows that the kernel reads: it stops at the first whose vendor, subvendor and class_mask are all 0, so a row with
 * only a device ends the table (pci-driver.c:do_pci_match_id).
 */
export function liveRows(ids: readonly DeviceId[]): readonly DeviceId[] {
  const end = ids.findIndex((id) => id.vendor === 0 && id.subvendor === 0 && id.class_mask === 0);
  return end < 0 ? ids : ids.slice(0, end);
}
