import type { Command } from '../command-line/command.ts';
import { ModaliasError } from '../errors.ts';
import { bind } from './vfio-bind.ts';
import { boot } from './vfio-boot.ts';
import { groups } from './vfio-groups.ts';
import { plan } from './vfio-plan.ts';
import { record } from './vfio-record.ts';
import { resolve } from './vfio-resolve.ts';
import { restore } from './vfio-restore.ts';
import { status } from './vfio-status.ts';

export const vfio: Command = {
  name: 'vfio',
  usage: '',
  summary: 'find, plan, apply and undo VFIO bindings',
  description: [
    'Finds the right VFIO driver for a device, moves the device to it, and restores it. A DEVICE is a PCI address (a short one is completed if unambiguous), a path in sysfs, or a name on its bus.',
  ],
  options: {},
  examples: [
    ['modalias vfio groups', 'What could be passed through'],
    ['modalias vfio plan 0000:01:00.0', 'What would be written'],
    ['modalias vfio bind 0000:01:00.0', 'Do it'],
    ['modalias vfio restore 0000:01:00.0', 'Undo it'],
    ['modalias vfio boot 0000:01:00.0', 'Whether it stays so after the next boot'],
  ],
  subcommands: [resolve, groups, plan, bind, restore, status, boot, record],
  run: () => Promise.reject(new ModaliasError('usage', 'vfio: name one of its commands')),
};
