import { packageName } from '../../package/open-package.ts';
import type { KernelFolder } from '../kernel-folder.ts';
import type { Change } from './change.ts';
import type { DiffSide, ServingPackage } from './side.ts';

/** The packages that the modules of a kernel come in, by what they call themselves. Throws as `packageName`. */
export async function servingPackages({
  release,
  packages,
  packageOf,
}: KernelFolder): Promise<NonNullable<DiffSide['packageOf']>> {
  const names = new Map<string, ServingPackage>();
  for (const path of packages) {
    const name = await packageName(path);
    names.set(path, { name, family: familyOf(name, release) });
  }
  return (module) => names.get(packageOf(module) ?? '');
}

/** A package's name without its kernel's release: `linux-modules-6.12.1-amd64` is of the family `linux-modules`. */
export function familyOf(name: string, release: string): string {
  return name
    .split(release)
    .map((part) => part.replace(/^[-_.]+|[-_.]+$/g, ''))
    .filter((part) => part !== '')
    .join('-');
}

type Sides = readonly [old: DiffSide, now: DiffSide];

/**
 * Whether a module comes from another package than before; its names on both sides are given, several where it was
 * split. A package of OLD whose family is gone is the new family that has most of its modules: a package renamed moves
 * nothing.
 */
export function packageMoves(
  [old, now]: Sides,
  modules: ReadonlyMap<string, readonly string[]>,
): (module: string) => boolean {
  const families = (side: DiffSide, names: readonly string[]) =>
    names.flatMap((name) => side.packageOf?.(name)?.family ?? []);
  const shared = [...modules].map(([before, after]) => [families(old, [before])[0], families(now, after)] as const);
  const known = new Set(shared.map(([family]) => family));
  const still = new Set(shared.flatMap(([, after]) => after));
  const votes = new Map<string, Map<string, number>>();
  for (const [before, after] of shared) {
    if (before === undefined || still.has(before)) continue;
    const of = votes.get(before) ?? new Map<string, number>();
    votes.set(before, of);
    for (const family of after) if (!known.has(family)) of.set(family, (of.get(family) ?? 0) + 1);
  }
  const heirs = new Map([...votes].map(([family, of]) => [family, [...of].sort(([, a], [, b]) => b - a)[0]?.[0]]));
  return (module) => {
    const before = families(old, [module])[0];
    const after = families(now, modules.get(module) ?? []);
    return before !== undefined && after.length > 0 && !after.includes(heirs.get(before) ?? before);
  };
}

/** The packages of a change: that of its own module on each side, or else of the module that comes first. */
export function packagesOf({ modules, old: before, new: after }: Change, [old, now]: Sides): Change['package'] {
  const name = (side: DiffSide, answers: readonly string[]) => {
    const own = answers.filter((module) => modules.includes(module));
    const module = own[0] ?? answers[0];
    return (module !== undefined && side.packageOf?.(module)?.name) || null;
  };
  return { old: name(old, before), new: name(now, after) };
}
