import { type CommandRule, type CommandTable, DONE, said } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';

const silent: CommandRule = () => DONE;
const speaks: CommandRule = () => said(UNKNOWN_TEXT);

const SILENT =
  ': true sleep usleep logger sync umask ulimit hash wait stty clear reset disown depmod shopt systemd-cat flock fuser';
const SPEAKING =
  'date hostname uname dmesg lsmod nproc ps pgrep free df mount lsblk lsusb modinfo id who tty locale getconf';

/** Commands that do nothing to which driver has which device: they succeed; what they print is not known. */
export const INERT_COMMANDS: CommandTable = {
  ...Object.fromEntries(SILENT.split(' ').map((name) => [name, silent])),
  ...Object.fromEntries(SPEAKING.split(' ').map((name) => [name, speaks])),
  false: () => ({ status: 1 }),
  whoami: () => said('root\n'),
  id: ({ words }) => said(words.join(' ') === '-u' ? '0\n' : words.join(' ') === '-un' ? 'root\n' : UNKNOWN_TEXT),
};
