import { type FindingRule, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

export const shortAddress: FindingRule = {
  severity: 'warning',
  what: 'a PCI address without its domain is written to bind, unbind or drivers_probe',
  why: 'The kernel compares the whole name of the device (drivers/base/bus.c:bus_find_device_by_name): 01:00.0, as lspci prints it, is ENODEV where the device is named 0000:01:00.0.',
  fix: 'Use the name below /sys/bus/pci/devices; lspci -D prints it.',
  fires: shellExample(['echo 01:00.0 > /sys/bus/pci/drivers/e1000e/unbind']),
  silent: shellExample(['echo 0000:01:00.0 > /sys/bus/pci/drivers/e1000e/unbind']),
  *find(run) {
    for (const { file, bus, act, device } of bindingWrites(run))
      if (
        bus === 'pci' &&
        device !== null &&
        file !== 'driver_override' &&
        /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i.test(device)
      )
        yield { place: act.place, message: `${device} lacks its domain: the name is 0000:${device}` };
  },
};
