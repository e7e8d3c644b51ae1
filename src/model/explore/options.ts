import type { KernelState } from '../../driver-core/index.ts';
import type { Program } from '../script/program.ts';

/** The machine with what the programs have modprobe give to modules; what it gives them already counts more. */
export function withOptions(machine: KernelState, programs: readonly Program[]): KernelState {
  if (!programs.some(({ options }) => options)) return machine;
  const modules = machine.modules.map((module) => {
    const given = programs.map(({ options }) => options?.[module.name.replaceAll('-', '_')]);
    return given.some(Boolean) ? { ...module, options: Object.assign({}, ...given, module.options) } : module;
  });
  return { ...machine, modules };
}
