import { findDevice, findDriver, matchDevice } from '../../../driver-core/index.ts';
import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

const BIND = 'echo $dev > $pci/drivers/vfio-pci/bind';
const UNBIND = 'echo $dev > $pci/devices/$dev/driver/unbind';

export const bindWithoutOverride: FindingRule = {
  severity: 'warning',
  what: 'a device is bound to a driver that does not match it, and driver_override does not name that driver',
  why: 'A driver that no row of its id table and no dynamic id matches is refused with ENODEV (drivers/base/bus.c:bind_store). vfio-pci has only a row that counts under driver_override; the override is compared with the name of the driver.',
  fix: 'Write the name of the driver to driver_override of the device before.',
  fires: shellExample([...SETUP, 'modprobe vfio-pci', UNBIND, BIND]),
  silent: shellExample([
    ...SETUP,
    'modprobe vfio-pci',
    'echo vfio-pci > $pci/devices/$dev/driver_override',
    UNBIND,
    BIND,
  ]),
  *find(run) {
    for (const { file, act, bus, driver, device } of bindingWrites(run)) {
      if (file !== 'bind' || device === null || act.result.kind !== 'errno' || act.result.errno !== 'ENODEV') continue;
      const there = findDevice(act.before, bus, device);
      const registered = findDriver(act.before, bus, driver!);
      if (!there || !registered || matchDevice(act.before, registered, there).answer !== 'no') continue;
      const override = there.override === null ? 'no driver_override is set' : `driver_override is '${there.override}'`;
      yield { place: act.place, message: `${driver} does not match ${device}, and ${override}: ENODEV` };
    }
  },
};
