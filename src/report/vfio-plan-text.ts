import type { Change } from '../vfio/change/bind.ts';
import { isMade } from '../vfio/plan/functions.ts';
import type { Placement, Plan, PlannedDevice, Step, Warning } from '../vfio/plan/plan-types.ts';
import { fold, plain } from './terminal.ts';

/** Where the text of a step begins, after its number. */
const INDENT = '     ';

/** A plan as text: what moves, each step with its prediction, its rollback, and what prevents it. */
export function planText(plan: Plan, root: string, width: number): string {
  const lines: string[] = [];
  for (const device of plan.devices) {
    const { name, already, group, vfio, reset } = device;
    const way = already ? ['already'] : [`-> ${placementAfter(device)}`];
    const where = group === null ? [] : [` (group ${plain(group)}${isMade(device) ? ', predicted' : ''})`];
    lines.push(...fold([plain(name), ` ${placementBefore(device)}`, ...way, ...where], width));
    if (vfio && reset !== null && (reset.methods ?? reset.reaches).length > 0)
      lines.push(...fold(resetText(reset), width, '   '));
  }
  if (plan.steps.length > 0) lines.push('', 'steps:');
  for (const [index, step] of plan.steps.entries()) {
    const { result, text } = plan.predicted.steps[index]!;
    const [first = '', ...rest] = fold(stepText(step, root), width, INDENT);
    lines.push(`${String(index + 1).padStart(3)}${first.slice(3)}`, ...rest);
    if (result !== 'ok')
      lines.push(...fold(`predicted: ${result}${text === null ? '' : ` (${plain(text)})`}`, width, `${INDENT}  `));
  }
  if (plan.rollback.length > 0) lines.push('', 'rolled back by:');
  for (const step of plan.rollback) lines.push(...fold(stepText(step, root), width, INDENT));
  if (plan.steps.length > 0) lines.push('', ...predictionLines(plan, width), ...fileLines(plan, root, width));
  if (plan.warnings.length > 0 && lines.length > 0) lines.push('');
  return lines.map((line) => `${line}\n`).join('') + warningsText(plan, width);
}

/** What prevents a plan, as text; empty if nothing does. */
export function warningsText({ warnings }: Pick<Plan, 'warnings'>, width: number): string {
  const lines = warnings.flatMap((warning) => warningLines(warning, width));
  if (warnings.some(({ blocks }) => blocks === 'in-use'))
    lines.push(...fold('--allow-in-use moves devices in use anyway', width));
  return lines.map((line) => `${line}\n`).join('');
}

function placement({ driver, override, vfs }: Placement): string {
  const name = driver === null ? 'no driver' : plain(driver);
  const under = typeof override === 'string' && override !== driver ? ` (override ${plain(override)})` : '';
  return `${name}${under}${vfs ? ` ${vfsText(vfs)}` : ''}`;
}

/** The virtual functions of a device as words that follow its driver. */
export function vfsText({ functions, autoprobe }: NonNullable<Placement['vfs']>): string {
  const some = `with ${functions.length} virtual function${functions.length === 1 ? '' : 's'}`;
  return `${functions.length === 0 ? 'without virtual functions' : some}${autoprobe ? '' : ', sriov_drivers_autoprobe 0'}`;
}

function placementBefore(device: PlannedDevice): string {
  return isMade(device) ? `to be made of ${plain(device.physfn!)}` : placement(device.before);
}

function placementAfter({ after, physfn }: PlannedDevice): string {
  return physfn !== null && after.driver === null ? `removed from ${plain(physfn)}` : placement(after);
}

/** A step as a shell command or write, with its kind first. */
function stepText(step: Step, root: string): string {
  if (step.op === 'modprobe') return `modprobe ${plain(step.module)}`;
  if (step.op === 'verify')
    return `check ${plain(step.device)} is bound to ${step.driver === null ? 'no driver' : plain(step.driver)}`;
  if (step.op === 'functions') {
    const names = step.functions.map(plain).join(', ') || 'none';
    return `wait for the virtual functions of ${plain(step.device)}: ${names}`;
  }
  return `write ${JSON.stringify(step.data)} ${root}/${plain(step.path)}`;
}

function predictionLines({ predicted, devices }: Plan, width: number): string[] {
  const lines = predicted.devices.flatMap(({ name, driver }) =>
    fold(`predicted: ${plain(name)} on ${driver === null ? 'no driver' : plain(driver)}`, width),
  );
  // A physical function that stays with the host tells nothing of its group.
  const staying = new Set(devices.flatMap(({ group, after }) => (after.vfs && group !== null ? group : [])));
  for (const { group, after } of devices) if (group !== null && !after.vfs) staying.delete(group);
  for (const { id, viable, blockers } of predicted.groups.filter((one) => !staying.has(one.id))) {
    const why = blockers.map(({ device, driver }) => `${plain(device)} on ${plain(driver)}`).join(', ');
    const word = viable === 'yes' ? 'viable' : viable === 'no' ? 'not viable' : 'perhaps viable';
    lines.push(...fold(`predicted: group ${plain(id)} ${word}${why === '' ? '' : ` (${why})`}`, width));
  }
  return lines;
}

/** How a device is reset between guests, and what else a reset of its bus reaches. */
function resetText({ methods, reaches }: NonNullable<PlannedDevice['reset']>): string {
  const how = methods === null ? 'not shown' : methods.join(', ') || 'none of its own';
  const others = reaches.length === 0 ? '' : `; one of its bus reaches ${reaches.map(plain).join(', ')}`;
  return `reset: ${how}${others}`;
}

/** The files by which a guest opens what goes to VFIO. */
function fileLines({ devices, groups }: Plan, root: string, width: number): string[] {
  return groups.flatMap(({ id, nodes }) => {
    const mine = devices.filter(({ group, vfio }) => group === id && vfio);
    if (mine.length === 0) return [];
    const there = nodes.filter((node) => node.startsWith('/dev/vfio/devices/')).map(plain);
    const { bus, name } = mine[0]!;
    const alone =
      there.length > 0
        ? there.join(', ')
        : `/dev/vfio/devices/vfioN, with N as in ${root}/bus/${bus}/devices/${plain(name)}/vfio-dev`;
    return fold(`files: /dev/vfio/${plain(id)} for the group, or for a device alone, with iommufd: ${alone}`, width);
  });
}

function warningLines({ about, message, blocks }: Warning, width: number): string[] {
  const word = blocks === 'always' ? 'refused' : blocks === 'in-use' ? 'in use' : 'warning';
  return fold(`${word}: ${plain(about)}: ${plain(message)}`, width);
}

/** The outcome of a run as text; for standard error if it failed. */
export function failureText({ result, lost = [] }: Change, width: number): string {
  if (!result?.failure) return '';
  const lines = fold(`failed: ${plain(result.failure.message)}`, width);
  for (const { message } of result.rollbackFailures)
    lines.push(...fold(`rolling back failed: ${plain(message)}`, width));
  for (const name of result.gone) lines.push(`gone: ${plain(name)} was unplugged meanwhile`);
  for (const message of lost) lines.push(...fold(`lost: ${plain(message)}`, width));
  const without = result.gone.length > 0 || lost.length > 0;
  if (result.state === 'rolled-back')
    lines.push(without ? 'everything else is back as it was' : 'everything is back as it was');
  for (const { name, now, before, unbinding } of result.left) {
    const is = unbinding ? 'loses its driver when the process that holds it releases it' : `is on ${placement(now)}`;
    lines.push(...fold(`left: ${plain(name)} ${is}, and was on ${placement(before)}`, width));
  }
  if (result.state === 'incomplete') {
    const names = result.left.length === 0 ? '--all' : result.left.map(({ name }) => plain(name)).join(' ');
    lines.push(...fold(`see what is in the way (modalias vfio status), then: modalias vfio restore ${names}`, width));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The drivers of the devices after a run; empty if it failed. */
export function resultText({ plan, result }: Change, width: number): string {
  if (result?.failure) return '';
  const lines = plan.devices.flatMap((device) =>
    fold([plain(device.name), ` ${placementAfter(device)}`, ...(device.already ? ['already'] : [])], width),
  );
  for (const warning of plan.warnings) lines.push(...warningLines(warning, width));
  return lines.map((line) => `${line}\n`).join('');
}
