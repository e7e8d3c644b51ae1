import type { KernelEvent } from '../../../../driver-core/index.ts';
import { PARAMETERS } from '../../../../driver-core/parameters.ts';
import { underscored } from '../../../../pattern/normalize.ts';
import { type CommandTable, DONE, type Outcome, type Run } from '../outcome.ts';
import { UNKNOWN_STATUS, UNKNOWN_TEXT } from '../thread.ts';
import { Unreadable } from '../unreadable.ts';
import { DRIVERCTL } from './driverctl.ts';
import { operands } from './files.ts';
import { runText } from './flow.ts';

/** modprobe's options that change nothing of what is done, and those that do nothing at all. */
const PLAIN = /^(?:-[qvbsfi]+|--(?:quiet|verbose|use-blacklist|syslog|ignore-install|ignore-remove|force|wait))$/;
const ONLY_SHOWS = /^(?:-[nDRcV]+|--(?:dry-run|show|show-depends|resolve-alias|showconfig|version))$/;

/**
 * modprobe: a module by its name with parameters, or several with -a or -r. An alias (`pci:v..`) needs modules.alias,
 * which the model does not have. Parameters other than `ids=` change nothing of what the model knows, but for those
 * that it names.
 */
function modprobe({ words, text }: Run): Outcome {
  if (words.some((word) => ONLY_SHOWS.test(word))) return { status: UNKNOWN_STATUS, out: UNKNOWN_TEXT };
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

/** Parameters without bearing on which driver binds. vfio_pci.c, vfio_iommu_type1.c; dyndbg is every module's. */
const WITHOUT_BEARING =
  /^(?:disable_vga|disable_idle_d3|nointxmask|allow_unsafe_interrupts|dma_entry_limit|disable_hugepages|dyndbg)$/;

/** Parameters that the model knows: each module's async_probe, and those that its rules depend on. */
const isKnown = (module: string, name: string) =>
  name === 'async_probe' || PARAMETERS.some((one) => one.module === underscored(module) && one.name === name);

function load(module: string, words: readonly string[], text: string): Extract<KernelEvent, { readonly kind: 'load' }> {
  let ids: string | undefined;
  const parameters: Record<string, string | null> = {};
  for (const word of words) {
    const [, given = '', value = null] = /^([^=]*)(?:=(.*))?$/s.exec(word)!;
    const name = underscored(given);
    const plain = value === null ? null : value.replace(/^"(.*)"$/s, '$1');
    if (name === 'ids' && plain !== null) ids = plain;
    else if (isKnown(module, name)) parameters[name] = plain;
    else if (!WITHOUT_BEARING.test(name)) throw new Unreadable(`${text}: the parameter ${word}`);
  }
  return {
    kind: 'load',
    module,
    ...(ids === undefined ? {} : { ids }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  };
}

/** insmod: the module of a file, without what it depends on. */
function insmod({ words, text }: Run): Outcome {
  const [file, ...parameters] = words.filter((word) => !word.startsWith('-'));
  const module = /([^/]+)\.ko(?:\.(?:gz|xz|zst))?$/.exec(file ?? '')?.[1];
  if (module === undefined || file!.includes(UNKNOWN_TEXT)) throw new Unreadable(text);
  return { status: 0, events: [{ ...load(module, parameters, text), alone: true }] };
}

/** Commands that load modules and bind drivers. */
export const KERNEL_COMMANDS: CommandTable = {
  modprobe,
  insmod,
  rmmod: ({ words, text }) => {
    const modules = operands(words);
    if (modules.some((module) => module.includes(UNKNOWN_TEXT))) throw new Unreadable(text);
    return { status: 0, events: modules.map((module) => ({ kind: 'unload', module, alone: true })) };
  },
  driverctl: (run) => runText(run, DRIVERCTL, run.words, run.name),
  udevadm: ({ words, text }) => {
    if (words[0] === 'settle' || words[0] === 'control') return DONE;
    if (words[0] === 'info') return { status: UNKNOWN_STATUS, out: UNKNOWN_TEXT };
    throw new Unreadable(text, true);
  },
};
