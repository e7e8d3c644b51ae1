import { underscored } from '../../pattern/normalize.ts';
import type { Because } from '../because.ts';
import { idsIn } from '../run/load.ts';
import type { Stage } from '../run/stage.ts';
import type { Task, TaskStep } from '../run/task.ts';

/** Suffix of the model's name for a driver that sysfs shows without a module and no list names. */
export const UNLISTED = ' (built in)';

function builtinRule(module: string): string {
  return module.endsWith(UNLISTED)
    ? `sysfs: ${module.slice(0, -UNLISTED.length)} has no module`
    : `modules.builtin: ${module} is built in`;
}

/**
 * What the kernel does by itself: the devices are found first, then built-in drivers register in the order in which
 * they are linked, which is that of modules.builtin (init/main.c:do_initcalls).
 */
export function kernelTasks(stage: Stage, builtins: readonly string[]): Task[] {
  const { bus, name } = stage.subject;
  const found: Because = { file: null, line: null, rule: 'drivers/pci/probe.c:pci_scan_slot' };
  const steps: TaskStep[] = [{ kind: 'act', needs: [], event: { kind: 'plug', bus, device: name }, because: [found] }];
  for (const module of builtins) {
    const because: Because[] = [{ file: null, line: null, rule: builtinRule(module) }];
    const options = stage.parameters.filter((one) => underscored(one.name) === `${module}.ids`);
    const value = options.at(-1)?.value;
    const ids = value == null ? undefined : idsIn(`ids=${value}`);
    if (ids === undefined) steps.push({ kind: 'act', needs: [], event: { kind: 'load', module }, because });
    else {
      const why = { file: stage.commandLineFile, line: null, rule: `${options.at(-1)!.name}=${value}` };
      steps.push({ kind: 'act', needs: [], event: { kind: 'load', module, ids }, because: [...because, why] });
    }
  }
  return [{ name: 'kernel', after: [], steps }];
}
