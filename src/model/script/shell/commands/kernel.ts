import type { KernelEvent } from '../../../../driver-core/index.ts';
import { type CommandTable, DONE, type Outcome, type Run } from '../outcome.ts';
import { UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { DRIVERCTL } from './driverctl.ts';
import { operands } from './files.ts';
import { runText } from './flow.ts';

/** modprobe's options that change nothing of what is done, and those that do nothing at all. */
const PLAIN =
  /^(?:-[qvbsfi]+|--(?:quiet|verbose|use-blacklist|syslog|ignore-install|ignore-remove|first-time|force|wait))$/;
const ONLY_SHOWS = /^(?:-[nDRcV]+|--(?:dry-run|show|show-depends|resolve-alias|showconfig|version))$/;

/**
 * modprobe: a module by its name with parameters, or several with -a or -r. An alias (`pci:v..`) needs modules.alias,
 * which the model does not have. Parameters other than `ids=` change nothing of what the model knows, but for those
 * that it names.
 */
function modprobe({ words, text }: Run): Outcome {
  if (words.some((word) => ONLY_SHOWS.test(word))) return { status: 0, out: UNKNOWN_TEXT };
  const remove = words.some((word) => /^(?:-[a-zA-Z]*r|--remove)$/.test(word));
  const all = remove || words.some((word) => /^(?:-[a-zA-Z]*a|--all)$/.test(word));
  const rest = words.filter((word) => !PLAIN.test(word) && !/^(?:-[qvb]*[ra][qvb]*|--remove|--all|--)$/.test(word));
  const odd = rest.find((word) => word.startsWith('-'));
  if (odd !== undefined || rest.length === 0) throw new Unreadable(text, true);
  if (rest.some((word) => word.includes(UNKNOWN_TEXT))) throw new Unreadable('modprobe of a module that is not known');
  if (all)
    return {
      status: 0,
      events: rest.map((module) => (remove ? { kind: 'unload', module } : { kind: 'load', module })),
    };
  const [module, ...parameters] = rest as [string, ...string[]];
  if (module.includes(':')) throw new Unreadable(`${text}: which modules serve the alias`);
  return { status: 0, events: [load(module, parameters, text)] };
}

/** Parameters without bearing on which driver binds. vfio_pci.c, vfio_iommu_type1.c. */
const WITHOUT_BEARING =
  /^(?:disable_vga|disable_idle_d3|nointxmask|allow_unsafe_interrupts|dma_entry_limit|disable_hugepages)(?:=|$)/;

function load(module: string, parameters: readonly string[], text: string): KernelEvent {
  let ids: string | undefined;
  for (const parameter of parameters) {
    const given = /^ids=(.*)$/s.exec(parameter);
    if (given) ids = given[1]!.replace(/^"(.*)"$/, '$1');
    else if (!WITHOUT_BEARING.test(parameter)) throw new Unreadable(`${text}: the parameter ${parameter}`);
  }
  return ids === undefined ? { kind: 'load', module } : { kind: 'load', module, ids };
}

/** insmod: the module of a file, without what it depends on. */
function insmod({ words, text }: Run): Outcome {
  const [file, ...parameters] = words.filter((word) => !word.startsWith('-'));
  const module = /([^/]+)\.ko(?:\.(?:gz|xz|zst))?$/.exec(file ?? '')?.[1];
  if (module === undefined || file!.includes(UNKNOWN_TEXT)) throw new Unreadable(text);
  return { status: 0, events: [load(module, parameters, text)] };
}

/** Commands that load modules and bind drivers. */
export const KERNEL_COMMANDS: CommandTable = {
  modprobe,
  insmod,
  rmmod: ({ words, text }) => {
    const modules = operands(words);
    if (modules.some((module) => module.includes(UNKNOWN_TEXT))) throw new Unreadable(text);
    return { status: 0, events: modules.map((module) => ({ kind: 'unload', module })) };
  },
  driverctl: (run) => runText(run, DRIVERCTL, run.words, run.name),
  udevadm: ({ words, text }) => {
    if (words[0] === 'settle' || words[0] === 'control') return DONE;
    if (words[0] === 'info') return { status: 0, out: UNKNOWN_TEXT };
    throw new Unreadable(text, true);
  },
};
