import { needObject } from '../../arguments.ts';
import type { Run, RunStep } from '../../model/explore/run.ts';
import { fold } from '../terminal.ts';
import { stepMember } from './check-report.ts';
import { stepLines } from './check-text.ts';

/** A run under a policy. */
export interface NamedRun {
  readonly policy: string;
  readonly run: Run;
}

/** What `model run` prints for people of one run: every step with its result and rule, and where the devices are. */
export function runText({ run }: NamedRun, width: number): string {
  needObject('run', run, 'steps', 'end');
  const lines = run.steps.flatMap((step, i) => runStepLines(step, String(i + 1).padStart(4), width));
  return [...lines, endText(run)].map((line) => `${line}\n`).join('');
}

/** What it prints of two runs: the steps that both have, then how they part. */
export function partingText([a, b]: readonly [NamedRun, NamedRun], at: number, width: number): string {
  if (at < 0) return `${runText(a, width)}${a.policy} and ${b.policy} do not part\n`;
  const number = (i: number) => String(i + 1).padStart(4);
  const shared = a.run.steps.slice(0, at).flatMap((step, i) => runStepLines(step, number(i), width));
  const parted = [a, b].flatMap(({ policy, run }) => {
    const step = run.steps[at];
    return [`${policy}:`, ...(step ? runStepLines(step, number(at), width) : [`${number(at)}  ${endText(run)}`])];
  });
  const head = `${a.policy} and ${b.policy} part at step ${at + 1}:`;
  return [...shared, head, ...parted].map((line) => `${line}\n`).join('');
}

function runStepLines(step: RunStep, number: string, width: number): string[] {
  const where = Object.entries(step.where).map(([name, driver]) => `${name}: ${driver}`);
  const indent = ' '.repeat(number.length + 4);
  return [...stepLines(step, number, width), ...(where.length === 0 ? [] : fold(where.join(', '), width, indent))];
}

function endText({ end }: Run): string {
  if (end === 'waits') return 'waits: the call does not return before a process closes the group';
  if (end === 'not-understood') return 'stops: a line is not understood, and what follows depends on it';
  if (end === 'too-long') return 'stops: there is no end in sight';
  return `ends with status ${end}`;
}

/** The JSON document of `model run`, version 1; `parts` is the first step at which two runs part, from 0, or null. */
export function runDocument(kernel: string, runs: readonly NamedRun[], at: number) {
  return {
    version: 1,
    kernel,
    runs: runs.map(({ policy, run }) => ({
      policy,
      end: run.end,
      steps: run.steps.map((step) => ({ ...stepMember(step), where: step.where })),
    })),
    parts: at < 0 ? null : at,
  };
}
