import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

/** What a run of the built command line gave; the texts are latin1, one character a byte. */
export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CliOptions {
  /** Standard input, latin1; nothing by default. */
  readonly input?: string;
  /** What the environment has besides, or instead. */
  readonly env?: Readonly<Record<string, string>>;
  /** Longest time in milliseconds; the run fails where it takes longer. */
  readonly timeout?: number;
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly done: Int32Array;
}

let thread: Thread | undefined;

/**
 * Runs the built command line (`npm run build`) for what it answers: the files of dist, with arguments, environment and
 * streams of their own, in a thread that serves all runs of a test file. What is about a process (its end, its working
 * directory, its memory, a terminal) needs `cliProcess`.
 */
export function cli(args: readonly string[], options: CliOptions = {}): CliRun {
  thread ??= startThread();
  const { worker, port, done } = thread;
  Atomics.store(done, 0, 0);
  port.postMessage({
    // As the system passes them on.
    args: args.map((arg) => Buffer.from(arg).toString()),
    input: Buffer.from(options.input ?? '', 'latin1'),
    env: { NO_COLOR: '1', ...options.env },
  });
  const limit = options.timeout ?? 100_000;
  // The notification of the run before may arrive only now, and ends a wait too early.
  while (Atomics.load(done, 0) === 0)
    if (Atomics.wait(done, 0, 0, limit) === 'timed-out') {
      thread = undefined;
      void worker.terminate();
      throw new Error(`modalias ${args.join(' ')}: no end within ${limit} ms`);
    }
  return receiveMessageOnPort(port)!.message;
}

function startThread(): Thread {
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(resolve('test/support/cli-thread.mjs'), {
    workerData: { port: port2, done, dist: resolve('dist') },
    transferList: [port2],
    execArgv: [],
  });
  worker.unref();
  return { worker, port: port1, done };
}

/** Runs the built command line as a user would, in a process of its own. */
export function cliProcess(args: readonly string[], options: CliOptions & { readonly cwd?: string } = {}): CliRun {
  const run = spawnSync(process.execPath, [resolve('dist/start.cjs'), ...args], {
    input: options.input ?? '',
    cwd: options.cwd,
    timeout: options.timeout,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  if (run.error) throw run.error;
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
