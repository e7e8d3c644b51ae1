import { ModaliasError } from '../../errors.ts';
import type { ConfigRemark, Explanation } from '../../explain/explanation.ts';
import { driverOfModule } from '../resolve/driver-name.ts';
import type { ResolveContext } from '../resolve/resolve.ts';
import { isVfioByFact, vfioBuses } from '../sysfs/buses.ts';
import type { NativePlacement } from './restore-plan.ts';

/**
 * Where to put a device without a journal: no override, and the driver of a module that modules.alias names for its
 * modalias. It is the current driver if among these, else the first whose name is known and that modprobe.d does not
 * forbid, as udev would not load that either. The VFIO driver of its bus is never native.
 */
export function nativePlacement(context: ResolveContext): NativePlacement {
  return async ({ path, name: device, bus, modalias, driver }) => {
    if (bus === null || modalias === null) return null;
    const notes: string[] = [];
    const natives: { name: string; module: string | null; forbidden: string | null }[] = [];
    for (const { module, forbidden } of await modulesFor(context, modalias)) {
      const { name } = await driverOfModule(context.sysfs, bus, module, context.modules);
      // css:t0 is an ordinary alias of vfio_ccw.
      if (name !== null && !isVfioByFact(bus, name)) natives.push({ name, module, forbidden });
    }
    const builtIn = builtInFor(bus, modalias);
    if (builtIn !== null) natives.push({ name: builtIn, module: null, forbidden: null });
    const native = natives.find(({ name }) => name === driver) ?? natives.find(({ forbidden }) => forbidden === null);
    for (const one of natives.slice(0, native ? natives.indexOf(native) : undefined))
      if (one.forbidden !== null) notes.push(`${device}: ${one.module} is skipped: ${one.forbidden}`);
    const to = native && { path, to: { driver: native.name, override: null }, module: native.module };
    return { to: to ?? null, notes };
  };
}

function builtInFor(bus: string, modalias: string): string | null {
  const known = Object.hasOwn(vfioBuses, bus) ? vfioBuses[bus]! : undefined;
  return known?.excludes?.(modalias, null) == null ? (known?.native ?? null) : null;
}

interface NativeModule {
  readonly module: string;
  /** The line of modprobe's configuration that keeps it from being loaded, with its place. */
  readonly forbidden: string | null;
}

async function modulesFor(context: ResolveContext, modalias: string): Promise<NativeModule[]> {
  let explanation: Explanation;
  try {
    explanation = (await context.aliases()).explain(modalias, { rank: context.rank });
  } catch (error) {
    if (error instanceof ModaliasError) return [];
    throw error;
  }
  const found = explanation.candidates.map(({ module, remarks }): NativeModule => {
    const remark = remarks.find(forbids);
    return { module, forbidden: remark ? `'${remark.text}' (${remark.file}:${remark.line})` : null };
  });
  const known = new Set(found.map(({ module }) => module));
  // Built-in code exists even if a module's alias hides it from modprobe.
  const hidden = new Set(explanation.hidden.flatMap(({ module }) => (known.has(module) ? [] : module)));
  return [...found, ...[...hidden].map((module) => ({ module, forbidden: null }))];
}

/** `blacklist M`, or the usual `install M /bin/false`, which modprobe.d(5) shows for the same purpose. */
function forbids({ kind, text }: ConfigRemark): boolean {
  return kind === 'blacklist' || (kind === 'install' && /^install \S+ (?:\/\S*\/)?(?:false|true)\s*$/.test(text));
}
