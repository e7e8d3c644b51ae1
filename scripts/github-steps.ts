/**
 * Runs steps of GitHub Actions as its runner does: each `run` in a file of its own for the shell that the step names,
 * with the variables and files that the runner gives. Actions of other repositories are skipped. An expression that
 * names neither an input nor the output of a step is an error.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** A step of a job or of a composite action. */
export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly 'working-directory'?: string;
}

interface Action {
  readonly inputs?: Readonly<Record<string, { readonly required?: boolean; readonly default?: unknown }>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

/** Where steps run. */
export interface Runner {
  /** The checkout, where steps begin. */
  readonly workspace: string;
  /** Variables besides those of the runner. */
  readonly env: NodeJS.ProcessEnv;
}

/** What became of a step; of an action all its steps together. */
export interface StepResult {
  readonly step: Step;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the step added to the summary of the job. */
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** What expressions may name. */
type Values = (name: string) => string | undefined;

/** The command lines of docs.github.com, "Workflow syntax": a step's own shell, and that of a step without one. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail'],
  sh: ['sh', '-e'],
  '': ['bash', '-e'],
};

/** The steps of the only job of a workflow. */
export function stepsOfWorkflow(text: string): readonly Step[] {
  const jobs = Object.values((parse(text) as { jobs: Record<string, { steps: readonly Step[] }> }).jobs);
  if (jobs.length !== 1) throw new Error(`found ${jobs.length} jobs, expected one`);
  return jobs[0]!.steps;
}

/** Runs steps one after the other; after one that failed only those that say `always()`. */
export function runSteps(steps: readonly Step[], runner: Runner): StepResult[] {
  return runAll(steps, runner, () => undefined);
}

/** Runs an action of a folder with its inputs, as `uses: ./FOLDER` does. */
export function runAction(folder: string, inputs: Readonly<Record<string, unknown>>, runner: Runner): StepResult {
  const uses = `./${folder}`;
  return useAction({ uses, with: inputs }, resolve(runner.workspace, folder), runner);
}

function runAll(steps: readonly Step[], runner: Runner, outer: Values): StepResult[] {
  const results: StepResult[] = [];
  const values: Values = (name) => {
    const [, id, output] = /^steps\.([\w-]+)\.outputs\.([\w-]+)$/.exec(name) ?? [];
    return id === undefined ? outer(name) : (results.find(({ step }) => step.id === id)?.outputs[output!] ?? '');
  };
  for (const step of steps) {
    if (step.if !== undefined && step.if !== 'always()') throw new Error(`found if: ${step.if}, expected always()`);
    if (step.if === undefined && results.some(({ status }) => status !== 0)) continue;
    if (step.run !== undefined) results.push(runScript(step, runner, values));
    else if (step.uses?.startsWith('./')) results.push(useAction(step, resolve(runner.workspace, step.uses), runner));
  }
  return results;
}

function useAction(step: Step, folder: string, runner: Runner): StepResult {
  const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8')) as Action;
  if (action.runs.using !== 'composite') throw new Error(`${folder}: found ${action.runs.using}, expected composite`);
  const given = step.with ?? {};
  for (const name of Object.keys(given))
    if (!action.inputs?.[name]) throw new Error(`${folder}: '${name}' is not an input`);
  const inputs = Object.entries(action.inputs ?? {}).map(([name, { required, default: otherwise }]) => {
    const value = given[name] ?? otherwise;
    if (value === undefined && required) throw new Error(`${folder}: '${name}' is required`);
    return [`inputs.${name}`, String(value ?? '')] as const;
  });
  const named = new Map<string, string>(inputs);
  const inside = { ...runner, env: { ...runner.env, GITHUB_ACTION_PATH: folder } };
  for (const one of action.runs.steps)
    if (one.run !== undefined && one.shell === undefined)
      throw new Error(`${folder}: a step of an action needs a shell`);
  const results = runAll(action.runs.steps, inside, (name) => named.get(name));
  const outputs = Object.entries(action.outputs ?? {}).map(([name, { value }]) => {
    const known: Values = (of) => {
      const [, id, output] = /^steps\.([\w-]+)\.outputs\.([\w-]+)$/.exec(of)!;
      return results.find((one) => one.step.id === id)?.outputs[output!] ?? '';
    };
    return [name, expanded(value, known)] as const;
  });
  const all = (part: 'stdout' | 'stderr' | 'summary') => results.map((one) => one[part]).join('');
  return {
    step,
    status: results.find(({ status }) => status !== 0)?.status ?? 0,
    stdout: all('stdout'),
    stderr: all('stderr'),
    summary: all('summary'),
    outputs: Object.fromEntries(outputs),
  };
}

function runScript(step: Step, { workspace, env }: Runner, values: Values): StepResult {
  const shell = SHELLS[step.shell ?? ''];
  if (!shell) throw new Error(`found shell: ${step.shell}, expected bash or sh`);
  const temporary = mkdtempSync(join(tmpdir(), 'modalias-step-'));
  try {
    const files = Object.fromEntries(
      ['GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH'].map((name) => [
        name,
        join(temporary, name),
      ]),
    );
    for (const file of Object.values(files)) writeFileSync(file, '');
    const script = join(temporary, 'script.sh');
    writeFileSync(script, expanded(step.run!, values));
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, expanded(String(value), values)]);
    const ran = spawnSync(shell[0]!, [...shell.slice(1), script], {
      cwd: resolve(workspace, expanded(step['working-directory'] ?? '.', values)),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        ...env,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temporary,
        ...files,
        ...Object.fromEntries(own),
      },
    });
    if (ran.error) throw ran.error;
    const lines = readFileSync(files.GITHUB_OUTPUT!, 'utf8').split('\n').filter(Boolean);
    return {
      step,
      status: ran.status ?? 128,
      stdout: ran.stdout,
      stderr: ran.stderr,
      summary: readFileSync(files.GITHUB_STEP_SUMMARY!, 'utf8'),
      outputs: Object.fromEntries(lines.map((line) => /^([^=]+)=(.*)$/.exec(line)!.slice(1) as [string, string])),
    };
  } finally {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
  }
}

/** A text with its `${{ NAME }}` replaced. */
function expanded(text: string, values: Values): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => {
    const value = values(name);
    if (value === undefined) throw new Error(`found the expression ${name}, expected an input or an output of a step`);
    return value;
  });
}
