import { matchesRow } from '../../../driver-core/device-id.ts';
import { idsGiven } from '../../../driver-core/dynamic-ids.ts';
import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';

export const idsTakesTwins: FindingRule = {
  severity: 'warning',
  what: 'an id that is given to a driver belongs to several devices of the machine',
  why: 'ids= and new_id are about a vendor and a device, not about one card: every device of that id that is unbound, now or later, goes to the driver, the disk that holds the system among them.',
  fix: 'Use driver_override and bind with the address, or add subvendor and subdevice where they differ.',
  fires: shellExample(['modprobe vfio-pci ids=8086:10d3']),
  silent: shellExample([...SETUP, 'modprobe vfio-pci', 'echo vfio-pci > $pci/devices/$dev/driver_override']),
  *find(run) {
    for (const step of run.steps) {
      if (step.kind !== 'act') continue;
      for (const { text, id } of idsGiven(step.before, step.event)) {
        const twins = run.start.devices.filter(({ present, pci }) => present && pci && matchesRow(id, pci));
        if (twins.length > 1)
          yield { place: step.place, message: `'${text}' is the id of ${twins.map(({ name }) => name).join(', ')}` };
      }
    }
  },
};
