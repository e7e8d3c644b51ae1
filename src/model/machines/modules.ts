import type { Driver, KernelModule } from '../../driver-core/index.ts';
import { grouped } from '../../grouped.ts';
import { underscored } from '../../pattern/normalize.ts';
import { optionsByModule } from './command-line.ts';
import type { MachineDescription } from './description.ts';

/** A module that every distribution's kernel has: what must be loaded before, and the drivers it registers, by bus. */
interface StockModule {
  readonly depends: readonly string[];
  /** What its softdep has modprobe load after it. */
  readonly after?: readonly string[];
  readonly drivers: readonly (readonly [bus: string, driver: string])[];
}

/** What scripts load to give devices away; on a machine that does not say which modules it has, these are there. */
const STOCK_MODULES: Readonly<Record<string, StockModule>> = {
  irqbypass: { depends: [], drivers: [] },
  // drivers/vfio/vfio_main.c: MODULE_SOFTDEP
  vfio: { depends: [], drivers: [], after: ['vfio_iommu_type1'] },
  vfio_iommu_type1: { depends: ['vfio'], drivers: [] },
  vfio_pci_core: { depends: ['vfio', 'irqbypass'], drivers: [] },
  vfio_pci: { depends: ['vfio_pci_core'], drivers: [['pci', 'vfio-pci']] },
  pci_stub: { depends: [], drivers: [['pci', 'pci-stub']] },
  pci_pf_stub: { depends: [], drivers: [['pci', 'pci-pf-stub']] },
  uio: { depends: [], drivers: [] },
  uio_pci_generic: { depends: ['uio'], drivers: [['pci', 'uio_pci_generic']] },
  vfio_platform: { depends: ['vfio'], drivers: [['platform', 'vfio-platform']] },
};

/** Buses on which a stock driver is of use. */
function stockDrivers(module: string, buses: ReadonlySet<string>): StockModule['drivers'] {
  return (STOCK_MODULES[module]?.drivers ?? []).filter(([bus]) => buses.has(bus));
}

/**
 * The modules of a machine: those that hold its drivers or are listed as loaded, those that it says can be loaded, and
 * the stock modules. What a loaded module needs is loaded. A module that is part of the kernel has no drivers to lose.
 */
export function modulesOf(
  { modules = {}, loadable = {}, builtIn = [], cmdline = '' }: MachineDescription,
  registered: readonly Driver[],
  buses: ReadonlySet<string>,
  makeDriver: (bus: string, name: string, module: string) => Driver,
): KernelModule[] {
  const loaded = new Set(
    [...registered.flatMap(({ module }) => module ?? []), ...Object.keys(modules)].map(underscored),
  );
  const fixed = new Set(builtIn.map(underscored));
  const isFixed = ({ module }: Driver) => module === null || fixed.has(underscored(module));
  const inKernel = new Set(registered.filter(isFixed).map(({ bus, name }) => `${bus} ${name}`));
  const extra = new Map(Object.entries(loadable).map(([name, module]) => [underscored(name), module]));
  const dependsOf = (name: string) => (extra.get(name)?.depends ?? STOCK_MODULES[name]?.depends ?? []).map(underscored);
  const open = [[...loaded].values()];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const { value, done } = top.next();
    if (done) open.pop();
    else if (open.length === 1 || !loaded.has(value)) {
      loaded.add(value);
      open.push(dependsOf(value).values());
    }
  }
  const byModule = grouped(registered, ({ module }) => (module === null ? null : underscored(module)));
  const driversOf = (name: string): Driver[] => {
    if (fixed.has(name)) return [];
    const mine = byModule.get(name);
    if (mine) return mine;
    const listed = Object.entries(extra.get(name)?.drivers ?? {}).flatMap(([bus, names]) =>
      names.map((driver) => [bus, driver] as const),
    );
    return (listed.length > 0 ? listed : stockDrivers(name, buses))
      .filter(([bus, driver]) => !inKernel.has(`${bus} ${driver}`))
      .map(([bus, driver]) => makeDriver(bus, driver, name));
  };
  const names = new Set([...loaded, ...extra.keys(), ...Object.keys(STOCK_MODULES)]);
  const options = optionsByModule(cmdline);
  return [...names].map((name) => {
    const { after } = STOCK_MODULES[name] ?? {};
    return {
      name,
      loaded: loaded.has(name),
      ...(fixed.has(name) ? { builtIn: true } : {}),
      depends: dependsOf(name),
      drivers: driversOf(name),
      ...(options.has(name) ? { options: options.get(name)! } : {}),
      ...(after ? { after } : {}),
    };
  });
}
