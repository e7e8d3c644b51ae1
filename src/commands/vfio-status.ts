import { type Command, EXIT } from '../command-line/command.ts';
import { print, printJson } from '../command-line/output.ts';
import { ROOT_OPTIONS, rootsOf, STATE_OPTION } from './vfio-options.ts';

export const status: Command = {
  name: 'status',
  usage: '',
  summary: 'show devices on VFIO drivers, stale overrides and open journals',
  description: [
    'Lists the devices that are bound to VFIO drivers and who holds them, driver_override values that name a driver other than the current one, and the journals of runs that can be restored or were interrupted.',
  ],
  options: { ...STATE_OPTION, ...ROOT_OPTIONS },
  examples: [['modalias vfio status', 'Before and after a bind']],
  exits: { 1: 'a run was interrupted or could not be rolled back' },
  async run(args) {
    const { outputWidth } = await import('../report/terminal.ts');
    const { statusText } = await import('../report/vfio-status-text.ts');
    const { readStatus } = await import('../vfio/change/status.ts');
    const found = readStatus(rootsOf(args), args.state as string);
    const { statusDocument } = await import('../report/vfio-status-json.ts');
    await (args.json ? printJson(statusDocument(found)) : print(statusText(found, outputWidth())));
    return found.journals.some(({ state }) => state === 'interrupted' || state === 'incomplete') ? EXIT.no : EXIT.ok;
  },
};
