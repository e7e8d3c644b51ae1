import { type CommandRule, type CommandTable, DONE, type Outcome, type Run, said } from '../outcome.ts';
import { OWN_PROCESS, UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { factOf } from '../undecided.ts';
import { Unreadable } from '../unreadable.ts';

const silent: CommandRule = () => DONE;
const speaks: CommandRule = () => said(UNKNOWN_TEXT);

/** What it prints and whether it succeeds are not known. */
const OPEN: Outcome = { status: UNKNOWN_STATUS, out: UNKNOWN_TEXT };
const open: CommandRule = () => OPEN;

const SILENT = ': true sleep usleep logger sync umask ulimit wait clear reset disown depmod chvt flock';
const SPEAKING = 'date hostname uname dmesg lsmod nproc free lscpu arch';
const OPENING =
  `df lsblk lsusb tty locale getconf tput stty pgrep ps fuser lsof who modinfo umount findmnt blkid logname getent stat file lshw dmidecode journalctl ip
   ifconfig ethtool nmcli iwconfig networkctl resolvectl notify-send wall xset xrandr loginctl chgrp sysctl swapoff swapon renice
   nvidia-settings nvidia-persistenced cpupower pkill killall nft iptables brctl bridge tc losetup
   dracut mkinitcpio update-initramfs update-grub grub-mkconfig`
    .split(/\s+/)
    .join(' ');

const all = (names: string, rule: CommandRule): CommandTable =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** Subcommands of systemctl that only tell. */
const TELLS = /^(?:is-\w+|status|show|cat|list-[\w-]+|get-default|show-environment)$/;

/** Subcommands that start or stop units, which may do anything. */
const ACTS = /^(?:start|stop|restart|try-restart|reload|reload-or-restart|isolate|kill|reset-failed|condrestart)$/;

/**
 * Units that leave every device with its driver: display managers, sound, fans, networks. What others do is not known.
 */
const QUIET_UNIT =
  /^(?:display-manager|[sg]ddm|gdm3?|lightdm|lxdm|xdm|slim|ly|greetd|cosmic-greeter|plasma[\w*-]*|pipewire[\w-]*|pulseaudio|wireplumber|nvidia-(?:persistenced|powerd|fabricmanager|dcgm|hostengine)|dcgm[\w-]*|lactd|amdgpu-fan|coolercontrold|x11vnc|virtlogd|irqbalance|getty@tty\d+|(?:user|system|machine)|init|(?:multi-user|graphical)|cron|ssh|sshd|NetworkManager|systemd-networkd|openvswitch-switch)(?:\.(?:service|socket|target|slice|scope))?$/;

/** systemctl: what a unit does that is not known for doing nothing to devices, nobody can tell. */
function systemctl({ words }: Parameters<CommandRule>[0]): Outcome {
  const [command = '', ...units] = words.filter(
    (word, i) => !/^-/.test(word) && !/^(?:-M|-H|-t|-p)$/.test(words[i - 1] ?? ''),
  );
  if (TELLS.test(command) || command === '') return OPEN;
  if (!ACTS.test(command)) return { status: UNKNOWN_STATUS };
  const other = units.find((unit) => !QUIET_UNIT.test(unit));
  if (other !== undefined) throw new Unreadable(`what the unit ${other.replaceAll(UNKNOWN_TEXT, '?')} does`, true);
  return { status: UNKNOWN_STATUS };
}

/** kill: a signal to another process, which has no hand in which driver has which device. */
function kill({ words }: Parameters<CommandRule>[0]): Outcome {
  if (words[0] === '-0' || words[0] === '-l') return OPEN;
  if (words.some((word) => word.includes(OWN_PROCESS))) throw new Unreadable('the end of the shell itself', true);
  return { status: UNKNOWN_STATUS };
}

/** nvidia-smi tells and sets; drain takes a device from its driver. */
function nvidiaSmi({ words, text }: Parameters<CommandRule>[0]): Outcome {
  if (words.some((word) => /^(?:drain|mig|--gpu-reset|-r|-mig)$/.test(word))) throw new Unreadable(text, true);
  return OPEN;
}

/**
 * setpci that reads. The type of a header goes with the class (drivers/pci/probe.c:pci_setup_device); its highest bit
 * is set where a device has several functions, and maybe else.
 */
function setpci({ words, text, files, thread }: Run): Outcome {
  if (words.some((word) => word.includes('='))) throw new Unreadable(text, true);
  const [option, slot = '', register, ...others] = words;
  if (option !== '-s' || register !== 'HEADER_TYPE' || others.length > 0) return OPEN;
  const name = /^\w+:\w+:/.test(slot) ? slot : `0000:${slot}`;
  const code = files.text(`/sys/bus/pci/devices/${name}/class`);
  if (code === null || code.includes(UNKNOWN_TEXT) || /^0x06(?:04|07)/.test(code)) return OPEN;
  const answers = ['00', '80'].map((type) => `HEADER_TYPE of ${name} is ${type}`);
  return said(factOf(thread, answers) === 1 ? '80\n' : '00\n');
}

/** Commands that do nothing to which driver has which device. */
export const INERT_COMMANDS: CommandTable = {
  ...all(SILENT, silent),
  ...all(SPEAKING, speaks),
  ...all(OPENING, open),
  false: () => ({ status: 1 }),
  whoami: () => said('root\n'),
  id: ({ words }) => (words.join(' ') === '-u' ? said('0\n') : words.join(' ') === '-un' ? said('root\n') : OPEN),
  systemctl,
  service: ({ words }) => {
    const [unit = '', command = ''] = words;
    if (command !== 'status' && !QUIET_UNIT.test(unit)) throw new Unreadable(`what ${unit} does`, true);
    return OPEN;
  },
  kill,
  mount: ({ words, text }) => {
    const covers =
      words.some((word) => word.startsWith('/sys')) && words.some((word) => /bind|move|^-[BMR]$/.test(word));
    if (covers) throw new Unreadable(text);
    return OPEN;
  },
  setpci,
  'nvidia-smi': nvidiaSmi,
};
