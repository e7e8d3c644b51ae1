import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

export const autoprobeLeftOff: FindingRule = {
  severity: 'warning',
  what: 'drivers_autoprobe is switched off and never on again',
  why: 'With drivers_autoprobe at 0 a driver that is loaded later binds nothing (drivers/base/bus.c:bus_add_driver), and from 6.19 on neither is a device that is plugged in probed. Nothing says why.',
  fix: 'Write 1 at the end, in a trap on EXIT too.',
  fires: shellExample([...SETUP, 'echo 0 > $pci/drivers_autoprobe']),
  silent: shellExample([...SETUP, 'echo 0 > $pci/drivers_autoprobe', 'echo 1 > $pci/drivers_autoprobe']),
  *find(run) {
    if (run.status === null) return;
    for (const { name, autoprobe } of run.end.buses) {
      const before = run.start.buses.find((one) => one.name === name)?.autoprobe ?? true;
      const last = bindingWrites(run).findLast(({ file, bus }) => file === 'drivers_autoprobe' && bus === name);
      if (before && !autoprobe && last)
        yield { place: last.act.place, message: `leaves drivers_autoprobe of ${name} at 0` };
    }
  },
};
