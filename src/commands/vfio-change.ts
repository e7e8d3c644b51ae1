import { type Args, EXIT } from '../command-line/command.ts';
import { print, printJson, standardError } from '../command-line/output.ts';
import { outputWidth } from '../report/terminal.ts';
import { changeDocument } from '../report/vfio-plan-json.ts';
import { failureText, planText, resultText } from '../report/vfio-plan-text.ts';
import type { Change } from '../vfio/change/bind.ts';
import type { MachineRoots } from '../vfio/sysfs/roots.ts';

const STATUS = { done: EXIT.ok, 'rolled-back': EXIT.rolledBack, incomplete: EXIT.rollbackFailed } as const;

/** Prints the outcome of a bind or a restore, or its plan with --dry-run, and returns the exit status. */
export async function printChange(
  args: Args,
  roots: MachineRoots,
  change: Change & { readonly notes: readonly string[] },
): Promise<number> {
  const { plan, result } = change;
  const width = outputWidth();
  const { root } = roots.sysfs;
  if (args.json) await printJson(changeDocument(change));
  else if (args.dryRun) await print(planText(plan, root, width));
  else if (!plan.runnable) standardError().write(planText({ ...plan, steps: [], rollback: [] }, root, width));
  else await print(resultText(change, width));
  standardError().write(failureText(change, width));
  if (!plan.runnable) return EXIT.no;
  return result === null ? EXIT.ok : STATUS[result.state];
}
