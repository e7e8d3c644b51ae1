import { ModaliasError } from '../../errors.ts';
import type { KnownDevice } from '../../inventory/known-device.ts';
import type { AliasIndex } from '../../lookup/alias-index.ts';
import type { Match } from '../../match/match.ts';
import { normalizeAlias, underscored } from '../../pattern/normalize.ts';
import { busOf } from '../bus-of.ts';
import { PatternStarts } from '../coverage/pattern-starts.ts';
import { matchOf } from '../diff/concern.ts';
import { overrideOf } from '../prefix.ts';

/** A pattern of loadable modules, and those that carry it, sorted. */
export interface Offered {
  /** As the index holds it, latin1. */
  readonly pattern: string;
  readonly modules: readonly string[];
}

/** A loadable module and what asks for it. */
export interface Served {
  readonly module: string;
  /** The devices that it serves, of the inventory; none without one. */
  readonly devices: readonly string[];
  /** Devices that it may serve: that depends on what the inventory lacks. */
  readonly possible: readonly string[];
  /** How many of its patterns name devices. */
  readonly patterns: number;
}

/** What there is to export. */
export interface Chosen {
  /** Sorted by their bytes, each once. */
  readonly patterns: readonly Offered[];
  /** Sorted by name. */
  readonly modules: readonly Served[];
  /** Modules that are left out of those because modprobe's configuration blacklists them; sorted. */
  readonly blacklisted: readonly string[];
  /** Aliases that no device carries: of protocols, file systems and algorithms, and those of driver_override. */
  readonly noDevice: number;
  /** The devices of an inventory by what serves them; undefined without one. */
  readonly devices?: { readonly all: number; readonly builtin: readonly string[]; readonly none: readonly string[] };
}

export interface Choice {
  /** Only these modules, by their names with underscores. Default: all. */
  readonly modules?: ReadonlySet<string> | undefined;
  /** Only what these devices need, or may need. Default: all that the index has. */
  readonly devices?: readonly KnownDevice[] | undefined;
  /** Modules that udev does not load for a device, though the loading of a list would. Default: none. */
  readonly blacklist?: ReadonlySet<string> | undefined;
}

/** Chooses among the aliases of loadable modules that devices carry; built-in code needs no package and no list. */
export function choose(index: AliasIndex, { modules, devices, blacklist = new Set() }: Choice = {}): Chosen {
  const isWanted = (match: Match) => !modules || modules.has(nameOf(match));
  const all = [...index.patterns()].filter((match) => match.source === 'alias' && isWanted(match));
  const offered = all.filter(({ pattern }) => namesDevice(pattern));
  const noDevice = all.length - offered.length;
  if (!devices) return { patterns: byPattern(offered), ...parted(modulesOf(offered), blacklist), noDevice };
  let starts: PatternStarts | undefined;
  const found: Match[] = [];
  const served: Asked[] = [];
  const builtin: string[] = [];
  const none: string[] = [];
  for (const device of devices) {
    if (device.unknown.length > 0) starts ??= new PatternStarts(index.patterns());
    const { aliases, answer } = device.unknown.length > 0 ? possible(starts!, device) : answerOf(index, device);
    for (const match of aliases) if (isWanted(match)) found.push(match);
    const loadable = answer.filter(({ source }) => !source.startsWith('builtin'));
    for (const match of loadable) if (isWanted(match)) served.push({ match, device });
    if (answer.length === 0) none.push(device.modalias);
    else if (loadable.length === 0) builtin.push(device.modalias);
  }
  return {
    patterns: byPattern(found.filter(({ pattern }) => namesDevice(pattern))),
    ...parted(modulesOf(offered, served), blacklist),
    noDevice,
    devices: { all: devices.length, builtin, none },
  };
}

function parted(all: readonly Served[], blacklist: ReadonlySet<string>): Pick<Chosen, 'modules' | 'blacklisted'> {
  return {
    modules: all.filter(({ module }) => !blacklist.has(module)),
    blacklisted: all.flatMap(({ module }) => (blacklist.has(module) ? [module] : [])),
  };
}

/** A name as the kernel has it; a modules.alias written by hand may have dashes. */
const nameOf = ({ module }: Match) => underscored(module);

/** Whether a device can carry what a pattern matches. */
const namesDevice = (pattern: string) => busOf(pattern) !== null && overrideOf(pattern) === undefined;

interface Asked {
  readonly match: Match;
  readonly device: KnownDevice;
}

interface Answer {
  /** What of modules.alias matches. */
  readonly aliases: readonly Match[];
  /** What libkmod answers. */
  readonly answer: readonly Match[];
}

function answerOf(index: AliasIndex, { modalias }: KnownDevice): Answer {
  try {
    const answers = index.lookupAll(modalias);
    return { aliases: answers.find(([first]) => first?.source === 'alias') ?? [], answer: answers[0] ?? [] };
  } catch (error) {
    if (error instanceof ModaliasError) return { aliases: [], answer: [] };
    throw error;
  }
}

/** The same for a device of which something is not known. */
function possible(starts: PatternStarts, device: KnownDevice): Answer {
  const near = [...starts.near(normalizeAlias(device.modalias) ?? device.modalias)];
  const answer = near.filter(({ pattern }) => matchOf(pattern, device) !== 'no');
  return { aliases: answer.filter(({ source }) => source === 'alias'), answer };
}

function byPattern(matches: readonly Match[]): Offered[] {
  const modules = new Map<string, Set<string>>();
  for (const match of matches) {
    const known = modules.get(match.pattern);
    if (known) known.add(nameOf(match));
    else modules.set(match.pattern, new Set([nameOf(match)]));
  }
  return [...modules]
    .map(([pattern, names]) => ({ pattern, modules: [...names].sort() }))
    .sort((a, b) => (a.pattern < b.pattern ? -1 : 1));
}

/** The modules that were asked for, or all that have patterns. */
function modulesOf(offered: readonly Match[], asked?: readonly Asked[]): Served[] {
  const patterns = new Map<string, number>();
  for (const match of offered) patterns.set(nameOf(match), (patterns.get(nameOf(match)) ?? 0) + 1);
  const sure = new Map<string, Set<string>>();
  const unsure = new Map<string, Set<string>>();
  const put = (map: Map<string, Set<string>>, module: string, modalias: string) =>
    map.set(module, (map.get(module) ?? new Set()).add(modalias));
  for (const { match, device } of asked ?? []) {
    const isSure = device.unknown.length === 0 || matchOf(match.pattern, device) === 'yes';
    put(isSure ? sure : unsure, nameOf(match), device.modalias);
  }
  const names = asked ? new Set(asked.map(({ match }) => nameOf(match))) : new Set(patterns.keys());
  return [...names].sort().map((module) => {
    const devices = sure.get(module) ?? new Set();
    const others = [...(unsure.get(module) ?? [])].filter((modalias) => !devices.has(modalias));
    return { module, devices: [...devices].sort(), possible: others.sort(), patterns: patterns.get(module) ?? 0 };
  });
}
