import type { KernelModule, KernelState } from '../../driver-core/index.ts';
import { type Directory, directory, type Node, UNKNOWN } from './sysfs-tree.ts';

const nameOf = (name: string) => name.replaceAll('-', '_');

/**
 * /sys/module: the loaded modules that the state lists. A module that it lists and that is not loaded is absent; of any
 * other name it is not known.
 */
export function moduleDirectory(kernel: KernelState): Directory {
  return {
    kind: 'directory',
    names: () => null,
    child: (name) => {
      const module = kernel.modules.find((one) => nameOf(one.name) === name);
      if (module) return module.loaded ? loadedModule(kernel, module) : { kind: 'absent' };
      return kernel.drivers.some((driver) => driver.module !== null && nameOf(driver.module) === name)
        ? loadedModule(kernel, { name, loaded: true, depends: [], drivers: [] })
        : name.includes('-')
          ? { kind: 'absent' }
          : UNKNOWN;
    },
  };
}

/** What the model knows of a module's parameters, as they read. */
const PARAMETERS: Readonly<Record<string, Readonly<Record<string, (kernel: KernelState) => boolean>>>> = {
  vfio: { enable_unsafe_noiommu_mode: ({ noiommu }) => noiommu },
  vfio_pci: { disable_denylist: ({ disableDenylist }) => disableDenylist },
};

function loadedModule(kernel: KernelState, { name }: KernelModule): Directory {
  const drivers = kernel.drivers.filter(({ module }) => module !== null && nameOf(module) === nameOf(name));
  const known = Object.entries(PARAMETERS[nameOf(name)] ?? {});
  const parameters = known.map(([parameter, on]): [string, Node] => [
    parameter,
    // Kernels without CONFIG_VFIO_NOIOMMU do not have the one.
    parameter === 'enable_unsafe_noiommu_mode' && !on(kernel)
      ? UNKNOWN
      : { kind: 'file', text: on(kernel) ? 'Y\n' : 'N\n' },
  ]);
  return directory(
    {
      drivers: directory(
        Object.fromEntries(
          drivers.map((driver): [string, Node] => [
            `${driver.bus}:${driver.name}`,
            { kind: 'link', target: `bus/${driver.bus}/drivers/${driver.name}` },
          ]),
        ),
      ),
      parameters: directory(Object.fromEntries(parameters), true),
    },
    true,
  );
}
