import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

const OVERRIDE = 'echo vfio-pci > $pci/devices/$dev/driver_override';
const UNBIND = 'echo $dev > $pci/devices/$dev/driver/unbind';
const REST = ['echo $dev > $pci/drivers/vfio-pci/bind', '[ -e $pci/drivers/vfio-pci/$dev ] || exit 1'];

export const unbindBeforeOverride: FindingRule = {
  severity: 'warning',
  what: 'a device is unbound before driver_override names its new driver',
  why: 'In between the device has neither a driver nor an override: whoever writes drivers_probe, or loads or registers a matching driver, gives it back to its own driver, and the bind that follows fails with EBUSY.',
  fix: 'Write driver_override first: it does not touch the driver that the device has.',
  fires: shellExample([...SETUP, 'modprobe vfio-pci', UNBIND, OVERRIDE, ...REST]),
  silent: shellExample([...SETUP, 'modprobe vfio-pci', OVERRIDE, UNBIND, ...REST]),
  *find(run) {
    const writes = bindingWrites(run);
    for (const { file, act, at, bus, device } of writes) {
      if (file !== 'unbind' || act.result.kind === 'errno') continue;
      const after = act.after.devices.find((one) => one.bus === bus && one.name === device);
      const later = writes.find(
        (one) => one.at > at && one.file === 'driver_override' && one.bus === bus && one.device === device,
      );
      const name = later?.data.split('\n', 1)[0] ?? '';
      if (later && name !== '' && after?.override !== name)
        yield {
          place: act.place,
          message: `unbinds ${device} before driver_override is '${name}' (line ${later.act.place.line})`,
        };
    }
  },
};
