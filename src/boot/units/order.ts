import type { Files } from '../files/files.ts';
import { readUnit, type Unit } from './unit.ts';

/** The units that a boot starts, and which of them wait for which. */
export interface Units {
  readonly units: readonly Unit[];
  readonly has: (name: string) => boolean;
  /** Whether one is only started once another is, by After= and Before= of all that lie between. */
  readonly isAfter: (later: string, earlier: string) => boolean;
}

/** Most units of a boot; usual systems have some hundreds. */
const MOST_UNITS = 5_000;

/** The units that a target pulls in, with those that are started besides. */
export function unitsOf(files: Files, target: string, besides: readonly string[]): Units {
  const units = new Map<string, Unit>();
  /** By every name that was asked for: the unit's own. */
  const names = new Map<string, string>();
  const open = [...besides.toReversed(), target];
  const asked = new Set(open);
  for (let name = open.pop(); name !== undefined && units.size < MOST_UNITS; name = open.pop()) {
    const unit = readUnit(files, name);
    if (!unit) continue;
    names.set(name, unit.name);
    if (units.has(unit.name)) continue;
    units.set(unit.name, unit);
    for (const other of [...unit.wants, ...(isEarly(unit) ? [] : ['sysinit.target', 'basic.target'])])
      if (!asked.has(other)) {
        asked.add(other);
        open.push(other);
      }
  }
  const earlier = new Map<string, Set<string>>([...units.keys()].map((name) => [name, new Set<string>()]));
  const own = (name: string) => names.get(name) ?? name;
  const order = (first: string, then: string) => {
    if (units.has(own(first))) earlier.get(own(then))?.add(own(first));
  };
  for (const unit of units.values()) {
    for (const name of unit.after) order(name, unit.name);
    for (const name of unit.before) order(unit.name, name);
    for (const [first, then] of defaultOrder(unit, units)) order(first, then);
  }
  return {
    units: [...units.values()],
    has: (name) => units.has(name),
    isAfter: (later, first) => reaches(earlier, later, first),
  };
}

function isEarly({ name, defaultDependencies }: Unit): boolean {
  return !defaultDependencies || !/\.(?:service|socket|timer|path)$/.test(name);
}

/** systemd.service(5), systemd.target(5): DEFAULT DEPENDENCIES. */
function defaultOrder(unit: Unit, units: ReadonlyMap<string, Unit>): [first: string, then: string][] {
  if (!unit.defaultDependencies) return [];
  if (unit.name.endsWith('.target'))
    return unit.wants.flatMap((name) => (units.get(name)?.defaultDependencies ? [[name, unit.name]] : []));
  return isEarly(unit)
    ? []
    : [
        ['sysinit.target', unit.name],
        ...(unit.name.endsWith('.service') ? [['basic.target', unit.name] as [string, string]] : []),
      ];
}

function reaches(earlier: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const other of earlier.get(name) ?? []) {
      if (other === to) return true;
      if (!seen.has(other)) open.push(other);
      seen.add(other);
    }
  return false;
}
