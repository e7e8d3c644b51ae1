import { needObject } from '../../arguments.ts';
import { ModaliasError } from '../../errors.ts';
import type { AliasIndex } from '../../lookup/alias-index.ts';
import type { Match, Rank } from '../../match/match.ts';
import { bestOf, rankings } from '../../match/ranking.ts';
import { busOfModalias, type VfioBus, vfioBuses } from '../sysfs/buses.ts';
import type { Device } from '../sysfs/device.ts';
import type { Tree } from '../sysfs/tree.ts';
import { type DriverSource, driverOfModule } from './driver-name.ts';

/** What the six steps of the published algorithm found for one device. */
export interface Resolution {
  /** The device's name on its bus, or the modalias where only that was given. */
  readonly device: string;
  /** Step 1: path below the sysfs root; null where only a modalias was given. */
  readonly path: string | null;
  readonly bus: string;
  /** Step 2. */
  readonly modalias: string | null;
  /** Step 3: the modalias with the override prefix; null on buses without override aliases. */
  readonly query: string | null;
  /** Step 4: the pattern that won, as the index holds it; null without one. */
  readonly pattern: string | null;
  /** Step 5. */
  readonly module: string | null;
  /** Where the module comes from: modules.alias, the aliases of built-in code, or the table of kernel facts. */
  readonly source: 'alias' | 'builtin' | 'fact' | null;
  /** Step 6: the name to write to driver_override; null if not known. */
  readonly driver: string | null;
  readonly driverSource: DriverSource | null;
  /** Where the driver's name comes from, or why it is not known. */
  readonly driverFrom: string;
  /** Another ranking would have chosen another module. */
  readonly ambiguous: boolean;
  /** The module that each ranking names; null without a candidate. */
  readonly byRule: Readonly<Record<Rank, string>> | null;
  /** Every override alias that matches, best first. */
  readonly candidates: readonly Match[];
  /** Why there is no answer; null if there is one. */
  readonly problem: string | null;
}

export interface ResolveContext {
  readonly sysfs: Tree;
  /** Aliases of the target kernel; used only if a bus has override aliases. */
  readonly aliases: () => Promise<AliasIndex>;
  /** Modules directory to look for module files in; null for none. */
  readonly modules: string | null;
  /** How candidates are ranked; default `specific`. */
  readonly rank?: Rank;
}

/**
 * Finds the VFIO driver for a device (a Device, or a bare modalias): path, modalias, `vfio_` query, best alias, module,
 * driver name. The kernel's documentation of `PCI_DRIVER_OVERRIDE_DEVICE_VFIO` publishes these steps; buses without
 * override aliases are answered from facts and marked so. Never throws because of the machine's contents.
 */
export async function resolveVfio(context: ResolveContext, target: Device | string): Promise<Resolution> {
  needObject('context', context, 'sysfs', 'aliases');
  if (typeof target !== 'string') needObject('target', target, 'modalias');
  const device = typeof target === 'string' ? null : target;
  const modalias = typeof target === 'string' ? target : target.modalias;
  const bus = device ? (device.bus ?? '') : busOfModalias(target as string);
  const known = Object.hasOwn(vfioBuses, bus) ? vfioBuses[bus]! : undefined;
  const base: Resolution = {
    device: device?.name ?? (target as string),
    path: device?.path ?? null,
    bus,
    modalias,
    query: known?.by === 'alias' && modalias !== null ? `vfio_${modalias}` : null,
    pattern: null,
    module: null,
    source: null,
    driver: null,
    driverSource: null,
    driverFrom: 'no module',
    ambiguous: false,
    byRule: null,
    candidates: [],
    problem: null,
  };
  if (!known) return { ...base, problem: bus === '' ? 'it is on no bus' : `VFIO has no driver for bus '${bus}'` };
  const excluded = known.excludes?.(modalias, device?.name ?? null) ?? null;
  if (excluded !== null) return { ...base, problem: excluded };
  if (known.by === 'fact') return fromFact(base, known);
  if (base.query === null) return { ...base, problem: 'its modalias cannot be read' };
  return fromAliases(context, base, base.query);
}

function fromFact(base: Resolution, { module, driver, source }: VfioBus): Resolution {
  const type = base.modalias?.split(':', 1)[0];
  const by =
    type === 'ccw' && base.path === null ? `${source}, which binds the device's subchannel (${base.bus})` : source;
  return {
    ...base,
    module: module ?? null,
    source: 'fact',
    driver: driver ?? null,
    driverSource: 'fact',
    driverFrom: by,
  };
}

async function fromAliases(context: ResolveContext, base: Resolution, query: string): Promise<Resolution> {
  let candidates: readonly Match[];
  try {
    const found = (await context.aliases()).lookupAll(query).flat();
    // Built-in variants rank together with modules.
    candidates = found.filter(({ source }) => source === 'alias' || source === 'builtin');
  } catch (error) {
    if (error instanceof ModaliasError && error.code === 'bad-modalias') return { ...base, problem: error.message };
    throw error;
  }
  if (candidates.length === 0) return { ...base, problem: `no alias matches ${query}` };
  candidates = rankings[context.rank ?? 'specific'](candidates);
  const { match: best, ambiguous, byRule } = bestOf(candidates, context.rank)!;
  const named = await driverOfModule(context.sysfs, base.bus, best.module, context.modules);
  return {
    ...base,
    pattern: best.pattern,
    module: best.module,
    source: best.source === 'builtin' ? 'builtin' : 'alias',
    driver: named.name,
    driverSource: named.source,
    driverFrom: named.from,
    ambiguous,
    byRule: { specific: byRule.specific.module, stars: byRule.stars.module, libvirt: byRule.libvirt.module },
    candidates,
    problem: named.name === null ? `the driver of ${best.module} is not known: ${named.from}` : null,
  };
}
