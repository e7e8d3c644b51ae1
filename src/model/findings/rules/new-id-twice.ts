import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

const NEW_ID = "echo '8086 10d3' > $pci/drivers/vfio-pci/new_id";

export const newIdTwice: FindingRule = {
  severity: 'warning',
  what: 'new_id is given an id that the driver already has',
  why: 'An id that a row of the table or a dynamic id matches is refused with EEXIST unless all seven fields are given (drivers/pci/pci-driver.c:new_id_store). A script that adds an id for each of several identical devices, or is run twice, fails there; dynamic ids cannot be read back.',
  fix: 'Use driver_override and bind, which concern one device; or add each id once, and take EEXIST for success.',
  fires: shellExample([...SETUP, 'modprobe vfio-pci', NEW_ID, NEW_ID]),
  silent: shellExample([...SETUP, 'modprobe vfio-pci', NEW_ID]),
  *find(run) {
    for (const { file, act, driver, data } of bindingWrites(run))
      if (file === 'new_id' && act.result.kind === 'errno' && act.result.errno === 'EEXIST')
        yield { place: act.place, message: `${driver} has an id that matches '${data.trim()}' already: EEXIST` };
  },
};
