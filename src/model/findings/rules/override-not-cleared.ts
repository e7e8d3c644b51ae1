import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

export const overrideNotCleared: FindingRule = {
  severity: 'warning',
  what: 'an empty write to driver_override leaves it as it is',
  why: "A write of no bytes reaches no store function (fs/kernfs/file.c:kernfs_fop_write_iter), so `echo -n '' > driver_override`, `: > driver_override` and a write of an empty string by a program change nothing, and succeed. The override stays, and the device goes to its driver again at the next probe.",
  fix: 'Write a newline: echo > driver_override.',
  fires: shellExample([
    ...SETUP,
    'echo vfio-pci > $pci/devices/$dev/driver_override',
    "printf '' > $pci/devices/$dev/driver_override",
  ]),
  silent: shellExample([
    ...SETUP,
    'echo vfio-pci > $pci/devices/$dev/driver_override',
    'echo > $pci/devices/$dev/driver_override',
  ]),
  *find(run) {
    for (const { file, data, act, device, bus } of bindingWrites(run)) {
      if (file !== 'driver_override' || data !== '') continue;
      const override = act.before.devices.find((one) => one.bus === bus && one.name === device)?.override ?? null;
      if (override !== null)
        yield {
          place: act.place,
          message: `writes no byte to driver_override of ${device}, which stays '${override}'`,
        };
    }
  },
};
