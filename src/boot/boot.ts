import { findDevice as inModel, makeDriver } from '../driver-core/index.ts';
import type { Diagnostic } from '../errors.ts';
import type { Device } from '../vfio/sysfs/device.ts';
import { findDevice } from '../vfio/sysfs/find-device.ts';
import { pciIds } from '../vfio/sysfs/pci-ids.ts';
import type { Tree } from '../vfio/sysfs/tree.ts';
import { parameters } from './command-line.ts';
import type { BootForecast, DeviceForecast, StageForecast } from './forecast.ts';
import { type BootFiles, type BootInputs, type BootOptions, readInputs } from './inputs.ts';
import { explore, type Point } from './run/explore.ts';
import type { Stage, StageName } from './run/stage.ts';
import type { Task } from './run/task.ts';
import { initramfsTasks } from './stages/initramfs-stage.ts';
import { kernelTasks } from './stages/kernel-stage.ts';
import { rootTasks } from './stages/root-stage.ts';
import { type SubjectKernel, subjectKernel } from './subject.ts';

/**
 * Who has some devices after the next boot of a system, and what decides it: every driver, override and id goes through
 * the driver-core model, in every order that the boot leaves open. Reads only. Throws `no-device`, `ambiguous-device`
 * and `bad-device` for the devices, `unreadable` for an image that is named.
 */
export async function forecastBoot(asked: readonly string[], options: BootOptions = {}): Promise<BootForecast> {
  const inputs = await readInputs(options);
  const found = asked.map((word) => findDevice(inputs.roots.sysfs, word));
  const devices: DeviceForecast[] = [];
  const notes: Diagnostic[] = [...inputs.notes];
  const note = (diagnostic: Diagnostic) => {
    const same = ({ message, file, line }: Diagnostic) =>
      message === diagnostic.message && file === diagnostic.file && line === diagnostic.line;
    if (!notes.some(same)) notes.push(diagnostic);
  };
  for (const { device, note: completed } of found) {
    if (completed !== undefined) note({ code: 'completed', severity: 'note', message: completed });
    devices.push(await forecastDevice(inputs, device, note));
  }
  const { kernel, commandLine, initramfs } = inputs;
  return {
    kernel,
    commandLine: commandLine && { text: commandLine.text, file: commandLine.file },
    initramfs: initramfs && { file: initramfs.file, maker: initramfs.maker ?? 'unknown' },
    devices,
    notes,
  };
}

/** A run of the stages so far. */
interface Run {
  readonly point: Point;
  readonly stages: readonly StageForecast[];
}

async function forecastDevice(
  inputs: BootInputs,
  device: Device,
  note: (diagnostic: Diagnostic) => void,
): Promise<DeviceForecast> {
  const { roots, root, initramfs } = inputs;
  const doubts: Diagnostic[] = [...inputs.doubts, ...lateDoubt(roots.sysfs, device)];
  const doubt = (diagnostic: Diagnostic) => doubts.push(diagnostic);
  const all = [root.modules, ...(initramfs ? [initramfs.modules] : [])];
  const subject = await subjectKernel(roots, inputs.release, device, all, inputs.directory);
  const stageOf = (name: StageName, at: BootFiles): Stage => ({
    name,
    ...at,
    sysfs: roots.sysfs,
    commandLine: inputs.commandLine?.text ?? null,
    parameters: parameters(inputs.commandLine?.text ?? ''),
    commandLineFile: inputs.commandLine?.file ?? 'the kernel command line',
    subject: { bus: device.bus ?? '', name: device.name },
    relevant: subject.relevant,
    vfio: vfioDriver(subject),
    idsOf: (name) => pciIds(roots.sysfs.line(`bus/pci/devices/${name}/modalias`) ?? null),
    ...{ doubt, note },
  });
  const kernel = stageOf('kernel', root);
  const stages: [Stage, readonly Task[]][] = [[kernel, kernelTasks(kernel, subject.builtins)]];
  if (initramfs) {
    const stage = stageOf('initramfs', initramfs);
    stages.push([stage, initramfsTasks(stage, roots.sysfs)]);
  }
  const real = stageOf('root', root);
  stages.push([real, rootTasks(real, roots.sysfs)]);
  let runs: Run[] = [{ point: { kernel: subject.kernel, loads: [], because: [], assumed: [] }, stages: [] }];
  for (const [stage, tasks] of stages) {
    const ends = runs.flatMap((run) => runStage(run, stage, tasks, doubt));
    if (ends.length > MOST_RUNS) doubt(tooMany(stage.name));
    runs = ends.slice(0, MOST_RUNS);
  }
  for (const module of subject.guessed)
    if (runs.some(({ point }) => point.loads.includes(module))) {
      const message = `the name of ${module}'s driver is not known; it is taken to be the module's`;
      doubt({ code: 'boot-assumed', severity: 'warning', message });
    }
  return forecastOf(device, runs, doubts);
}

/** Most ends that are followed into the next stage. */
const MOST_RUNS = 64;

function runStage({ point, stages }: Run, stage: Stage, tasks: readonly Task[], doubt: Stage['doubt']): Run[] {
  const { ends, complete } = explore(point, tasks, stage.subject);
  if (!complete) doubt(tooMany(stage.name));
  return ends.map((end) => ({
    point: end,
    stages: [
      ...stages,
      {
        stage: stage.name,
        loads: end.loads.slice(point.loads.length),
        driver: driverAt(end, stage.subject.bus, stage.subject.name),
      },
    ],
  }));
}

function tooMany(stage: StageName): Diagnostic {
  const message = `the ${stage} stage has too many orders of events to try them all`;
  return { code: 'boot-orders', severity: 'warning', message };
}

/** A device that is not there from the start: what makes it is not followed. */
function lateDoubt(sysfs: Tree, { name, path }: Device): Diagnostic[] {
  const made = sysfs.exists(`${path}/physfn`)
    ? 'its physical function makes it'
    : /^[0-9a-f]{5,8}:/.test(name)
      ? 'the driver of its controller, such as vmd, is loaded'
      : null;
  if (made === null) return [];
  return [
    {
      code: 'boot-assumed',
      severity: 'warning',
      message: `it is not known when ${made}; it counts as there from the start`,
    },
  ];
}

function driverAt({ kernel }: Point, bus: string, name: string): string | null {
  const driver = inModel(kernel, bus, name)?.driver ?? null;
  return typeof driver === 'string' ? driver : null;
}

function vfioDriver({ kernel }: SubjectKernel): Stage['vfio'] {
  const found = kernel.modules.flatMap(({ name, drivers }) =>
    drivers.flatMap((driver) => (driver.vfio ? { module: name, driver: driver.name } : [])),
  );
  // Variants come first: their patterns are narrower than vfio-pci's.
  return found.find(({ module }) => module !== 'vfio_pci') ?? found[0] ?? null;
}

function forecastOf(device: Device, runs: readonly Run[], doubts: Diagnostic[]): DeviceForecast {
  const bus = device.bus ?? '';
  const driverOf = ({ point }: Run) => driverAt(point, bus, device.name);
  const assumed = new Set(runs.flatMap(({ point }) => point.assumed));
  const [first, ...more] = runs as [Run, ...Run[]];
  const driver = driverOf(first);
  const others = new Map(
    more.flatMap((run) => (driverOf(run) === driver ? [] : [[driverOf(run), run] as const])).reverse(),
  );
  if (others.size > 0)
    for (const what of assumed)
      doubts.push({ code: 'boot-assumed', severity: 'warning', message: `it is not known ${what}` });
  const known = first.point.kernel.modules.flatMap(({ drivers }) => drivers);
  const isVfio = (driver: string | null) =>
    driver !== null && (known.find(({ name }) => name === driver) ?? makeDriver(bus, driver)).vfio;
  return {
    device: device.name,
    stages: first.stages,
    driver,
    vfio: isVfio(driver),
    certain: others.size === 0 && doubts.length === 0,
    because: first.point.because,
    others: [...others.values()].map((run) => ({
      driver: driverOf(run),
      vfio: isVfio(driverOf(run)),
      loads: run.stages.flatMap(({ loads }) => loads),
      because: run.point.because,
    })),
    doubts,
  };
}
