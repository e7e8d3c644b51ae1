import { type KernelState, readAttribute } from '../../driver-core/index.ts';
import { findModule } from '../../driver-core/lookup.ts';
import { isLoaded, PARAMETERS, type Parameter } from '../../driver-core/parameters.ts';
import { underscored } from '../../pattern/normalize.ts';
import { ABSENT, type Directory, directory, type Node, UNKNOWN } from './sysfs-tree.ts';

/**
 * /sys/module: the loaded modules that the state lists. A module that it lists and that is not loaded is absent; of any
 * other name it is not known.
 */
export function moduleDirectory(kernel: KernelState): Directory {
  return {
    kind: 'directory',
    names: () => null,
    child: (name) => {
      // Built in, with parameters: a directory, where there are any.
      if (name === 'module' && isLoaded(kernel, name)) return loadedModule(kernel, name);
      const module = findModule(kernel, name);
      if (module) return module.loaded ? loadedModule(kernel, name) : { kind: 'absent' };
      return kernel.drivers.some((driver) => driver.module !== null && underscored(driver.module) === name)
        ? loadedModule(kernel, name)
        : name.includes('-')
          ? { kind: 'absent' }
          : UNKNOWN;
    },
  };
}

/** A parameter's file as the model has it; unknown where it leaves open if the kernel has it. */
function parameterFile(kernel: KernelState, { module, name }: Parameter): Node {
  const { result, data } = readAttribute(kernel, `module/${module}/parameters/${name}`);
  return result.kind === 'ok' ? { kind: 'file', text: data } : UNKNOWN;
}

function loadedModule(kernel: KernelState, name: string): Directory {
  const drivers = kernel.drivers.filter(({ module }) => module !== null && underscored(module) === underscored(name));
  const parameters = PARAMETERS.filter(({ module }) => module === underscored(name)).map((one): [string, Node] => [
    one.name,
    parameterFile(kernel, one),
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
      parameters: directory({ async_probe: ABSENT, ...Object.fromEntries(parameters) }, true),
    },
    true,
  );
}
