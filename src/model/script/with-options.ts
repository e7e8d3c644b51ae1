import type { KernelState } from '../../driver-core/index.ts';
import { underscored } from '../../pattern/normalize.ts';
import type { Program } from './program.ts';

/**
 * The machine with what the programs have modprobe give to modules, where what it gives them already counts more, and
 * load before and after them, where the first program that says so counts (libkmod-module.c:kmod_module_get_softdeps).
 */
export function withOptions(machine: KernelState, programs: readonly Program[]): KernelState {
  if (!programs.some(({ options, softdeps }) => options ?? softdeps)) return machine;
  const modules = machine.modules.map((module) => {
    const name = underscored(module.name);
    const given = programs.map(({ options }) => options?.[name]);
    const softdeps = programs.map((program) => program.softdeps?.[name]).find(Boolean);
    const options = given.some(Boolean) ? { options: Object.assign({}, ...given, module.options) } : {};
    return { ...module, ...options, ...softdeps };
  });
  return { ...machine, modules };
}
