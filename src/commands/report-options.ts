import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { type Args, EXIT } from '../command-line/command.ts';
import { print } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { readWhole } from '../files/read.ts';
import { statIfThere } from '../files/read-sync.ts';
import { systemReason } from '../files/reasons.ts';
import { writeFiles } from '../files/write.ts';
import {
  type Baseline,
  type BaselineEntry,
  formatBaseline,
  isDay,
  parseBaseline,
} from '../packaging/baseline/baseline.ts';
import { REPORT_FORMATS, type ReportFormat, type ReportFormatName } from '../report/formats/formats.ts';
import type { Report } from '../report/report.ts';
import { outputWidth } from '../report/terminal.ts';

/** The options of commands that write a report. */
export const REPORT_OPTIONS: Readonly<Record<string, Options>> = {
  format: {
    choices: Object.keys(REPORT_FORMATS),
    defaultDescription: 'FORMAT',
    describe: `Write the report as ${Object.entries(REPORT_FORMATS)
      .map(([name, { about }]) => `${name} (${about})`)
      .join(', ')}`,
  },
  output: { alias: 'o', type: 'string', defaultDescription: 'FILE', describe: 'Write the report to FILE, atomically' },
  baseline: {
    type: 'string',
    defaultDescription: 'FILE',
    describe: 'Accept what this JSON file lists, each with a reason; expired and unused entries are findings',
  },
  'write-baseline': {
    type: 'string',
    defaultDescription: 'FILE',
    describe: 'Write the findings to FILE as a baseline, with reasons to be filled in, and exit with 0',
  },
  today: {
    type: 'string',
    defaultDescription: 'DATE',
    describe:
      'Check the expiry of baseline entries against this day, YYYY-MM-DD (default: SOURCE_DATE_EPOCH, else the clock)',
  },
  json: { type: 'boolean', conflicts: 'format', describe: 'The same as --format json' },
};

/** A paragraph on the baseline, for descriptions of commands. */
export const BASELINE_TEXT =
  'A baseline is {"version": 1, "accepted": [{"match": {..}, "reason": "..", "until": "2027-01-31"}]}: match has one or more of rule (findings), class (changes), bus, pattern and module, all of which must be equal; an entry expires after its until day, or never without one.';

/** The baseline that --baseline names. `rules` are those that its entries may be about; any if undefined. */
export async function readBaseline(args: Args, rules?: readonly string[]): Promise<Baseline | undefined> {
  if (args.baseline === undefined) return undefined;
  const file = args.baseline as string;
  return parseBaseline((await readWhole(file)).toString(), file, { rules });
}

/**
 * Today by --today, else SOURCE_DATE_EPOCH, else the clock, as YYYY-MM-DD in UTC. The environment is only asked where
 * there is a baseline whose entries may have expired. Throws `usage`.
 */
export function today(args: Args, environment = process.env): string {
  const given = args.today as string | undefined;
  if (given !== undefined) {
    if (isDay(given)) return given;
    throw new ModaliasError('usage', `--today: found '${given}', expected a day such as 2027-01-31`);
  }
  const epoch = args.baseline === undefined ? undefined : environment.SOURCE_DATE_EPOCH;
  if (epoch === undefined || epoch === '') return new Date().toISOString().slice(0, 10);
  const day = /^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000).toISOString().slice(0, 10) : '';
  if (isDay(day)) return day;
  throw new ModaliasError('usage', `SOURCE_DATE_EPOCH: found '${epoch}', expected seconds since 1970`);
}

/**
 * Writes the report where the options say, and the baseline that --write-baseline asks for: files all whole or none of
 * them. A baseline on standard output takes the report's place there. Answers with the exit status.
 */
export async function writeReport(
  report: Report,
  args: Args,
  entries: () => readonly BaselineEntry[],
): Promise<number> {
  const { output = '-', writeBaseline } = args as { output?: string; writeBaseline?: string };
  const name = (args.json ? 'json' : (args.format ?? 'text')) as ReportFormatName;
  const format: ReportFormat = REPORT_FORMATS[name];
  const text = format.write(report, { width: outputWidth(), folder: process.cwd() });
  const texts = [[output, text], ...(writeBaseline === undefined ? [] : [[writeBaseline, formatBaseline(entries())]])];
  const files = texts.filter(([path]) => path !== '-') as [string, string][];
  if (files.length === 2 && resolve(files[0]![0]) === resolve(files[1]![0]))
    throw new ModaliasError('usage', '--output and --write-baseline name the same file; expected one for each', {
      file: files[0]![0],
    });
  const { baseline = [], devices = [] } = args as { baseline?: string; devices?: string | readonly string[] };
  for (const [path] of files)
    refuseInput(path, [...report.inputs, ...[devices].flat(), ...(path === output ? [baseline].flat() : [])]);
  await writeFiles(files.map(([path, data]) => ({ path, data: Buffer.from(data) })));
  const summaryFile = process.env.GITHUB_STEP_SUMMARY;
  if (format.stepSummary && summaryFile) await append(summaryFile, format.stepSummary(report));
  const printed = texts.findLast(([path]) => path === '-');
  if (printed) await print(printed[1]!);
  return writeBaseline === undefined && report.failed ? EXIT.no : EXIT.ok;
}

/** Throws `usage` for a file to write that is one of those that were read: a report would replace its own input. */
function refuseInput(path: string, inputs: readonly string[]): void {
  const old = statIfThere(path);
  const isOld = (input: string) => {
    const stat = statIfThere(input);
    return stat?.dev === old?.dev && stat?.ino === old?.ino;
  };
  if (old?.isFile() && inputs.some(isOld))
    throw new ModaliasError('usage', 'is an input and would be overwritten; name another file', { file: path });
}

async function append(file: string, text: string): Promise<void> {
  await appendFile(file, text).catch((error: unknown) => {
    throw new ModaliasError('unwritable', `cannot write: ${systemReason(error)}`, { file }, { cause: error });
  });
}
