import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import type { Observation } from '../observe.ts';

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
      const { event, place } = step;
      const texts =
        event.kind === 'load'
          ? (event.ids ?? '').split(',')
          : event.kind === 'write' && /\/new_id$/.test(event.path)
            ? [event.data.trim()]
            : [];
      for (const text of texts) {
        const twins = twinsOf(run, text);
        if (twins.length > 1) yield { place, message: `'${text}' is the id of ${twins.join(', ')}` };
      }
    }
  },
};

/** The PCI devices that an id of ids= or new_id is about. */
function twinsOf({ start }: Observation, text: string): string[] {
  const [vendor, device, subvendor, subdevice] = text.split(/[:\s]+/).map((field) => Number.parseInt(field, 16));
  if (vendor === undefined || device === undefined) return [];
  const any = (id: number | undefined, value: number) => id === undefined || id === 0xffffffff || id === value;
  return start.devices
    .filter(({ present, pci }) => present && pci && pci.vendor === vendor && pci.device === device)
    .filter(({ pci }) => any(subvendor, pci!.subvendor) && any(subdevice, pci!.subdevice))
    .map(({ name }) => name);
}
