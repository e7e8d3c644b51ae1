import { spawnSync } from 'node:child_process';

/** One line of the table that a benchmark prints. */
export interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: '' | 'ms' | 's' | 'MiB' | 'bytes';
  /** Bound that the project sets itself, and on which side of it is good. */
  readonly goal: number;
  readonly larger?: boolean;
  /** The two figures that a ratio is made of, or what else explains it. */
  readonly from: string;
}

/** Milliseconds that a program takes, start to end. Exit status 1 is an answer as well as 0. */
export function wallTime(command: readonly string[]): number {
  const start = performance.now();
  const { status, error, stderr } = spawnSync(command[0]!, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
  const took = performance.now() - start;
  if (error || status === null || status > 1)
    throw error ?? new Error(`${command.join(' ')}: exit ${status}: ${stderr}`);
  return took;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/**
 * Medians of two commands run in turn, so that a busy moment hits both; the first run of each only warms the caches.
 */
export function sideBySide(ours: readonly string[], theirs: readonly string[], times: number): [number, number] {
  const took = Array.from({ length: times + 1 }, () => [wallTime(ours), wallTime(theirs)] as const).slice(1);
  return [median(took.map(([a]) => a)), median(took.map(([, b]) => b))];
}

/** A ratio of two durations with both of them beside it. */
export function ratio(
  what: string,
  [ours, theirs]: readonly [number, number],
  reference: string,
  goal: number,
): Measurement {
  return {
    what,
    value: ours / theirs,
    unit: '',
    goal,
    from: `${ours.toFixed(0)} ms, ${reference} ${theirs.toFixed(0)} ms`,
  };
}

/** The measurements as a Markdown table. */
export function formatTable(title: string, rows: readonly Measurement[]): string {
  const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const lines = rows.map(({ what, value, unit, goal, larger, from }) => {
    const met = larger ? value >= goal : value <= goal;
    const bound = `${larger ? '≥' : '≤'} ${goal}${met ? '' : ' (missed)'}`;
    return `| ${what} | ${[number(value), unit].join(' ').trim()} | ${bound} | ${from} |`;
  });
  return [`| ${title} | result | goal | from |`, '|---|---|---|---|', ...lines].join('\n');
}
