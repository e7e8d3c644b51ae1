import { type Args, EXIT } from '../command-line/command.ts';
import { print, standardError } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import type { NativeDriver } from '../report/persist/formats.ts';
import { FORMATS_BY_IDS, formatPersistence, type PersistenceFormat } from '../report/persist/persistence.ts';
import { outputWidth } from '../report/terminal.ts';
import { warningsText } from '../report/vfio-plan-text.ts';
import { nativePlacement } from '../vfio/change/native.ts';
import { firstEntry, readJournals } from '../vfio/journal/journal.ts';
import type { Plan } from '../vfio/plan/plan-types.ts';
import { twinProblems } from '../vfio/plan/twins.ts';
import { withProblems } from '../vfio/plan/warnings.ts';
import { readDevice } from '../vfio/sysfs/device.ts';
import type { MachineRoots } from '../vfio/sysfs/roots.ts';
import { resolveContextOf } from './vfio-options.ts';

/**
 * Prints the configuration that makes a plan persistent, and on standard error what prevents the plan. Nothing is
 * printed that would take a device which was not asked for. Returns the exit status.
 */
export async function printPersistent(args: Args, roots: MachineRoots, plan: Plan): Promise<number> {
  const format = args.format as PersistenceFormat;
  const byIds = FORMATS_BY_IDS.has(format);
  const twins = byIds ? twinProblems(roots.sysfs, plan, format) : [];
  const made = withProblems(plan, twins);
  standardError().write(warningsText(made, outputWidth()));
  if (made.devices.length > 0 && twins.length === 0) {
    const driver = args.driver as string | undefined;
    const natives = byIds ? { natives: await nativesOf(args, roots, plan) } : {};
    await print(formatPersistence(made, format, { driver, ...natives }));
  }
  return made.runnable ? EXIT.ok : EXIT.no;
}

/**
 * What devices that VFIO has already had before, as after a trial: by the journal of their bind, or else the native
 * driver that modules.alias names.
 */
async function nativesOf(args: Args, roots: MachineRoots, { devices }: Plan): Promise<Map<string, NativeDriver>> {
  const natives = new Map<string, NativeDriver>();
  const already = devices.filter((device) => device.already);
  if (already.length === 0) return natives;
  const journals = journalsOf(args.state as string);
  const native = nativePlacement(resolveContextOf(args, roots));
  for (const { path, modalias } of already) {
    const entry = firstEntry(journals, path);
    if (entry && entry.modalias === modalias)
      natives.set(path, { driver: entry.before.driver, module: entry.beforeModule });
    else {
      const found = (await native(readDevice(roots.sysfs, path)))?.to;
      if (found) natives.set(path, { driver: found.to.driver, module: found.module });
    }
  }
  return natives;
}

/** None where this user may not read them. */
function journalsOf(state: string): ReturnType<typeof readJournals> {
  try {
    return readJournals(state);
  } catch (error) {
    if (error instanceof ModaliasError) return [];
    throw error;
  }
}
