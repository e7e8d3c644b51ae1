import type { Resolution } from '../vfio/resolve.ts';
import { plain } from './terminal.ts';

/** The six steps, each with what it found. */
export function resolveText(resolution: Resolution, root: string): string {
  const { device, path, bus, modalias, query, pattern, module, source, driver, driverSource, driverFrom, problem } =
    resolution;
  const none = '-';
  const steps: [string, string][] = [
    ['path', path === null ? none : `${root}/${path}`],
    ['modalias', modalias ?? none],
    ['query', query ?? (source === 'fact' ? `none: bus '${bus}' has no override aliases` : none)],
    ['alias', pattern ?? (source === 'fact' ? 'none: from a table of kernel facts' : none)],
    ['module', module === null ? none : source === 'builtin' ? `${module} (built in)` : module],
    ['driver', driver ?? 'unknown'],
  ];
  const lines = [
    plain(device),
    ...steps.map(([name, text], index) => `${index + 1}  ${name.padEnd(8)}  ${plain(text)}`),
  ];
  if (driver !== null && driverSource !== null) lines.push(`   ${'by'.padEnd(8)}  ${plain(driverFrom)}`);
  const others = new Set(resolution.candidates.map((match) => match.module).filter((name) => name !== module));
  if (others.size > 0) lines.push(`   ${'others'.padEnd(8)}  ${[...others].map(plain).join(', ')}`);
  if (resolution.ambiguous && resolution.byRule) {
    const answers = Object.entries(resolution.byRule).map(([rule, name]) => `${rule}: ${plain(name)}`);
    lines.push(`   ${'ranks'.padEnd(8)}  ${answers.join(', ')}`);
  }
  if (problem !== null) lines.push(`   no answer: ${plain(problem)}`);
  return lines.map((line) => `${line}\n`).join('');
}
