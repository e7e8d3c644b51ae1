import { type FindingRule, SETUP, shellExample } from '../finding-rule.ts';
import { bindingWrites } from '../writes.ts';

export const echoFlagWritten: FindingRule = {
  severity: 'warning',
  what: 'an option of echo is written to sysfs as text',
  why: "sh is dash on Debian and its descendants, whose echo knows -n only: `echo -e 'x' > file` writes '-e x'. The kernel reads that as part of the name or refuses it.",
  fix: 'Use printf, or name bash in the first line.',
  fires: shellExample(['#!/bin/sh', ...SETUP, 'echo -e vfio-pci > $pci/devices/$dev/driver_override']),
  silent: shellExample(['#!/bin/sh', ...SETUP, "printf 'vfio-pci\\n' > $pci/devices/$dev/driver_override"]),
  *find(run) {
    for (const { act, data } of bindingWrites(run))
      if (/^-[neE]+ /.test(data)) yield { place: act.place, message: `writes '${data.trim()}', option and all` };
  },
};
