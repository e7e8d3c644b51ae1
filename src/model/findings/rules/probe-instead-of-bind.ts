import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

const BEFORE = [
  ...SETUP,
  'modprobe vfio-pci',
  'echo vfio-pci > $pci/devices/$dev/driver_override',
  'echo $dev > $pci/devices/$dev/driver/unbind',
];
const READ = '[ "$(basename "$(readlink $pci/devices/$dev/driver)")" = vfio-pci ] || exit 1';

export const probeInsteadOfBind: FindingRule = {
  severity: 'note',
  what: 'drivers_probe is used to bind a device with an override, where bind would say why it cannot',
  why: 'drivers_probe succeeds where no driver takes the device and gives EINVAL for every error of the core; bind of the driver returns the error of its probe, since 5.14 as it is (drivers/base/bus.c:bind_store).',
  fix: 'Write the device to drivers/DRIVER/bind, and read the `driver` link afterwards.',
  fires: shellExample([...BEFORE, 'echo $dev > $pci/drivers_probe', READ]),
  silent: shellExample([...BEFORE, 'echo $dev > $pci/drivers/vfio-pci/bind', READ]),
  *find(run) {
    for (const { file, act, bus, device } of bindingWrites(run)) {
      if (file !== 'drivers_probe') continue;
      const override = act.before.devices.find((one) => one.bus === bus && one.name === device)?.override;
      if (override)
        yield { place: act.place, message: `asks any driver to take ${device}, where only ${override} may` };
    }
  },
};
