import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

const NEW_ID = "echo '8086 10d3' > $pci/drivers/vfio-pci/new_id";

export const autoprobeAroundNewId: FindingRule = {
  severity: 'warning',
  what: 'drivers_autoprobe is switched off around new_id, which ignores it',
  why: 'new_id offers the driver every unbound device whatever drivers_autoprobe says (drivers/pci/pci-driver.c:new_id_store, driver_attach). Before 6.19 a PCI device that is plugged in meanwhile is probed all the same, by its own driver if that registered first; from 6.19 on it is left alone (drivers/pci/bus.c:pci_bus_add_device), and new_id itself takes it.',
  fix: 'Use driver_override and bind: they concern one device.',
  fires: shellExample([
    ...SETUP,
    'modprobe vfio-pci',
    'echo 0 > $pci/drivers_autoprobe',
    NEW_ID,
    'echo 1 > $pci/drivers_autoprobe',
  ]),
  silent: shellExample([...SETUP, 'modprobe vfio-pci', NEW_ID]),
  *find(run) {
    for (const { file, act, bus, driver } of bindingWrites(run)) {
      const off = act.before.buses.some(({ name, autoprobe }) => name === bus && !autoprobe);
      if (file === 'new_id' && act.result.kind !== 'errno' && off)
        yield {
          place: act.place,
          message: `new_id of ${driver} probes every unbound device although drivers_autoprobe is 0`,
        };
    }
  },
};
