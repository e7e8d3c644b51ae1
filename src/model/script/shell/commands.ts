import { FILE_COMMANDS } from './commands/files.ts';
import { FIND } from './commands/find.ts';
import { FLOW_COMMANDS } from './commands/flow.ts';
import { INERT_COMMANDS } from './commands/inert.ts';
import { KERNEL_COMMANDS } from './commands/kernel.ts';
import { LSPCI } from './commands/lspci.ts';
import { PRINTING_COMMANDS } from './commands/printing.ts';
import { TEXT_COMMANDS } from './commands/text.ts';
import { VARIABLE_COMMANDS } from './commands/variables.ts';
import { VIRSH } from './commands/virsh.ts';
import { XARGS } from './commands/xargs.ts';
import type { CommandTable } from './outcome.ts';

/** Every command that is understood. */
export const COMMANDS: CommandTable = {
  ...INERT_COMMANDS,
  ...TEXT_COMMANDS,
  ...FILE_COMMANDS,
  ...PRINTING_COMMANDS,
  ...VARIABLE_COMMANDS,
  ...FLOW_COMMANDS,
  ...KERNEL_COMMANDS,
  find: FIND,
  lspci: LSPCI,
  virsh: VIRSH,
  xargs: XARGS,
};
