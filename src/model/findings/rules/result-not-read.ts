import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

const PROBE = [
  ...SETUP,
  'modprobe vfio-pci',
  'echo vfio-pci > $pci/devices/$dev/driver_override',
  'echo $dev > $pci/devices/$dev/driver/unbind',
  'echo $dev > $pci/drivers_probe',
];

export const resultNotRead: FindingRule = {
  severity: 'warning',
  what: 'drivers_probe or new_id is the last step for a device, and which driver it has is never read',
  why: 'drivers_probe succeeds where no driver takes the device, and where another one does (drivers/base/bus.c:drivers_probe_store); new_id succeeds whatever the probes answer (drivers/pci/pci-driver.c:new_id_store). Only the `driver` link says which driver the device has.',
  fix: 'Read the `driver` link of the device afterwards, compare the name, and fail if it is another.',
  fires: shellExample(PROBE),
  silent: shellExample([...PROBE, '[ "$(basename "$(readlink $pci/devices/$dev/driver)")" = vfio-pci ] || exit 1']),
  *find(run) {
    const last = bindingWrites(run).findLast(({ file }) => file === 'drivers_probe' || file === 'new_id');
    if (!last || last.act.result.kind === 'errno') return;
    if (run.steps.slice(last.at + 1).some(({ kind }) => kind === 'look')) return;
    if (run.steps.length > 0 && run.status === null) return;
    yield {
      place: last.act.place,
      message: `nothing reads which driver ${last.device ?? 'the devices'} got of ${last.file}`,
    };
  },
};
