import { underscored } from '../pattern/normalize.ts';
import { errno, OK, type Result, type TraceEntry, type Transition, unknown } from './event.ts';
import type { KernelState, LoadParameters } from './state.ts';
import { cString, kstrtobool } from './text.ts';

/** A module parameter on which the model's rules depend. */
export interface Parameter {
  readonly module: string;
  readonly name: string;
  /** Its file has a write bit: without, opening it for writing is refused to root, too. */
  readonly writable: boolean;
  /** The option without which the kernel has no such parameter; where it is on the kernel has it. */
  readonly option?: string;
  /** Whether something else shows that the kernel has the option. */
  readonly hasOption?: (state: KernelState) => boolean;
  readonly get: (state: KernelState) => boolean;
  readonly set: (state: KernelState, value: boolean) => KernelState;
}

/**
 * enable_unsafe_noiommu_mode is 0644 (drivers/vfio/vfio_main.c, before 5.19 vfio.c: module_param_named) where a kernel
 * is built with CONFIG_VFIO_NOIOMMU, as Debian's are not; disable_denylist is 0444, and enable_sriov 0644 where a
 * kernel has CONFIG_PCI_IOV (drivers/vfio/pci/vfio_pci.c); module.async_probe, of the code that loads modules, is 0644
 * (kernel/module/main.c). Other parameters that have files have no bearing on which driver binds.
 */
export const PARAMETERS: readonly Parameter[] = [
  {
    module: 'vfio',
    name: 'enable_unsafe_noiommu_mode',
    writable: true,
    option: 'CONFIG_VFIO_NOIOMMU',
    get: ({ noiommu }) => noiommu,
    set: (state, noiommu) => ({ ...state, noiommu }),
  },
  {
    module: 'vfio_pci',
    name: 'disable_denylist',
    writable: false,
    get: ({ disableDenylist }) => disableDenylist,
    set: (state, disableDenylist) => ({ ...state, disableDenylist }),
  },
  {
    module: 'vfio_pci',
    name: 'enable_sriov',
    writable: true,
    option: 'CONFIG_PCI_IOV',
    hasOption: ({ devices }) => devices.some(({ pci }) => pci !== null && (pci.sriov !== null || pci.physfn !== null)),
    get: ({ enableSriov }) => enableSriov,
    set: (state, enableSriov) => ({ ...state, enableSriov }),
  },
  {
    module: 'module',
    name: 'async_probe',
    writable: true,
    get: ({ asyncProbe }) => asyncProbe === true,
    set: (state, asyncProbe) => ({ ...state, asyncProbe }),
  },
];

/** Whether a module is there: listed as loaded, or, where the state does not list it, a driver or a module needs it. */
export function isLoaded(state: KernelState, module: string): boolean {
  if (module === 'module') return state.features.asyncProbeDefault;
  const same = (name: string) => underscored(name) === module;
  if (state.modules.some(({ name, loaded }) => loaded && same(name))) return true;
  if (state.drivers.some((driver) => driver.module !== null && same(driver.module))) return true;
  return module === 'vfio' && state.drivers.some(({ vfio }) => vfio);
}

/** The parameters as a module has them that was not loaded yet. */
export function resetParameters(state: KernelState, module: string): KernelState {
  return PARAMETERS.filter((one) => one.module === module).reduce((now, { set }) => set(now, false), state);
}

/**
 * The parameters that a module is loaded with. One that it does not know is skipped (kernel/module/main.c:
 * unknown_module_param_cb); one without a value is a yes; a value that is neither yes nor no fails.
 */
export function setParameters(state: KernelState, module: string, given: LoadParameters): Transition {
  const rule = 'kernel/params.c:param_set_bool';
  let now = state;
  const trace: TraceEntry[] = [];
  for (const [name, text] of Object.entries(given)) {
    const parameter = PARAMETERS.find((one) => one.module === module && one.name === underscored(name));
    if (!parameter) continue;
    const value = kstrtobool(text ?? '1', state.release);
    const say = (says: string): TraceEntry[] => [...trace, { rule, text: says }];
    if (value === null) return { state, result: errno('EINVAL'), trace: say(`${name}: expected Y or N`) };
    if (value === 'unknown')
      return { state, result: unknown(`what ${name} takes '${text}' for`), trace: say('not known') };
    if (value && mayLack(state, parameter)) {
      // Without functions there is nothing that it changes.
      if (parameter.hasOption) continue;
      return { state, result: unknown(`whether the kernel has ${parameter.option}`), trace: say('not known') };
    }
    now = parameter.set(now, value);
    trace.push({ rule, text: `${name} is ${value ? 'Y' : 'N'}` });
  }
  return { state: now, result: OK, trace };
}

/** Whether the state leaves open if the kernel has a parameter at all. */
export function mayLack(state: KernelState, { option, hasOption, get }: Parameter): boolean {
  return option !== undefined && !get(state) && hasOption?.(state) !== true;
}

/** A write to module/MODULE/parameters/NAME (kernel/params.c:param_attr_store, param_set_bool). */
export function writeParameter(state: KernelState, parameter: Parameter, data: string): Transition {
  const { module, name, writable, set } = parameter;
  const rule = 'kernel/params.c:param_set_bool';
  const say = (rule: string, text: string) => [{ rule, text }];
  if (!isLoaded(state, module))
    return {
      state,
      result: errno('ENOENT'),
      trace: say('fs/kernfs/dir.c:kernfs_iop_lookup', `${module} is not loaded`),
    };
  if (mayLack(state, parameter))
    return { state, result: unknown(`whether the kernel has ${parameter.option}`), trace: say(rule, 'not known') };
  if (!writable)
    return { state, result: errno('EACCES'), trace: say('fs/kernfs/file.c:kernfs_fop_open', `${name} is read-only`) };
  if (data === '') return { state, result: OK, trace: say(rule, 'a write of no bytes does nothing') };
  const value = kstrtobool(data, state.release);
  if (value === null) return { state, result: errno('EINVAL'), trace: say(rule, 'expected Y or N') };
  if (value === 'unknown')
    return { state, result: unknown(`what ${name} takes '${cString(data)}' for`), trace: say(rule, 'not known') };
  return { state: set(state, value), result: OK, trace: say(rule, `${name} is ${value ? 'Y' : 'N'}`) };
}

/** What reading module/MODULE/parameters/NAME gives (kernel/params.c:param_get_bool). */
export function readParameter(state: KernelState, parameter: Parameter): { result: Result; data: string } {
  if (!isLoaded(state, parameter.module)) return { result: errno('ENOENT'), data: '' };
  if (mayLack(state, parameter)) return { result: unknown(`whether the kernel has ${parameter.option}`), data: '' };
  return { result: OK, data: parameter.get(state) ? 'Y\n' : 'N\n' };
}
