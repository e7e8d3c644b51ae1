import { readFileSync } from 'node:fs';
import type { Program } from '../../src/model/script/program.ts';
import { readProgram } from '../../src/model/script/read-program.ts';

/** A row of the README's table of verdicts: the sample, how it is run and on what, and what comes of it. */
export interface VerdictRow {
  readonly sample: string;
  readonly args: string;
  /** Name of a built-in machine. */
  readonly machine: string;
  readonly verdict: string;
  readonly properties: string;
  readonly findings: string;
  /** What the virtual machine did. */
  readonly confirmed: string;
}

const ROW =
  /^\| \[`([\w.-]+)`\]\(samples\/model\/[\w.-]+\) \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm;

/** The rows of the README's table of verdicts. */
export function verdictRows(): VerdictRow[] {
  return [...readFileSync('README.md', 'utf8').matchAll(ROW)].map((row) => {
    const [, sample = '', ...cells] = row;
    const [args, machine, verdict, properties, findings, confirmed] = cells.map((cell) => cell.trim());
    const plain = (text: string) => text.replaceAll('`', '');
    return {
      sample,
      args: plain(args!),
      machine: plain(machine!),
      verdict: verdict!,
      properties: properties!,
      findings: findings!,
      confirmed: confirmed!,
    };
  });
}

/** The properties or findings of a row, each once, as the README shows them. */
export function cellOf(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `\`${name}\``).join(', ') || '-';
}

/** The sample of a row as a program; `changed` is applied to its text and its arguments. */
export function programOf({ sample, args }: VerdictRow, changed = (text: string) => text): Program {
  const all = changed(args)
    .split(' ')
    .filter((word) => word !== '');
  const words = all.filter((word) => !word.includes('='));
  const environment = Object.fromEntries(
    all.filter((word) => word.includes('=')).map((word) => word.split('=', 2) as [string, string]),
  );
  return readProgram(changed(readFileSync(`samples/model/${sample}`, 'latin1')), sample, { words, environment });
}
