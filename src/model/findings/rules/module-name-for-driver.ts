import { findDriver } from '../../../driver-core/index.ts';
import { underscored } from '../../../pattern/normalize.ts';
import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

export const moduleNameForDriver: FindingRule = {
  severity: 'warning',
  what: 'driver_override holds the name of a module whose driver has another name',
  why: 'The kernel compares driver_override with the name of the driver, letter by letter (drivers/pci/pci-driver.c:pci_match_device): the module vfio_pci holds the driver vfio-pci. No driver takes the device, and its own is kept from it, too.',
  fix: 'Write the name below /sys/bus/pci/drivers, or that of /sys/module/MODULE/drivers after the colon.',
  fires: shellExample([...SETUP, 'modprobe vfio-pci', 'echo vfio_pci > $pci/devices/$dev/driver_override']),
  silent: shellExample([...SETUP, 'modprobe vfio-pci', 'echo vfio-pci > $pci/devices/$dev/driver_override']),
  *find(run) {
    for (const { file, act, bus, device, data } of bindingWrites(run)) {
      const name = data.split('\n', 1)[0]!;
      if (file !== 'driver_override' || name === '' || findDriver(run.end, bus, name)) continue;
      const same = (other: string | null) => other !== null && underscored(other) === underscored(name);
      const drivers = [...act.before.drivers, ...act.before.modules.flatMap(({ drivers }) => drivers)];
      const meant = drivers.find((driver) => driver.bus === bus && (same(driver.module) || same(driver.name)));
      if (meant && meant.name !== name)
        yield {
          place: act.place,
          message: `no driver is named '${name}': the driver of that module is ${meant.name} (${device})`,
        };
    }
  },
};
