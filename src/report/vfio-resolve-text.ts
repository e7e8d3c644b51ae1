import type { Resolution } from '../vfio/resolve/resolve.ts';
import { fold, plain } from './terminal.ts';

/** The six steps, each with its result. */
export function resolveText(resolution: Resolution, root: string, width: number): string {
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
  const lines = [plain(device)];
  const row = (number: string, name: string, text: string) => {
    const head = `${number}  ${name.padEnd(8)}  `;
    const [first, ...rest] = fold(plain(text), width - head.length);
    lines.push(`${head}${first}`, ...rest.map((line) => ' '.repeat(head.length) + line));
  };
  for (const [index, [name, text]] of steps.entries()) row(`${index + 1}`, name, text);
  if (driver !== null && driverSource !== null) row(' ', 'by', driverFrom);
  const others = new Set(resolution.candidates.map((match) => match.module).filter((name) => name !== module));
  if (others.size > 0) row(' ', 'others', [...others].join(', '));
  if (resolution.ambiguous && resolution.byRule) {
    const answers = Object.entries(resolution.byRule).map(([rule, name]) => `${rule}: ${name}`);
    row(' ', 'ranks', answers.join(', '));
  }
  if (problem !== null) lines.push(...fold(`no answer: ${plain(problem)}`, width, '   '));
  return lines.map((line) => `${line}\n`).join('');
}
