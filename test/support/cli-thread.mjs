/**
 * Runs the built command line again and again in one thread, for a process of its own takes ten times as long to start
 * as a command to run. Each run loads the program anew, with a `process` of its own: arguments, environment, standard
 * streams. It is over when the program sets its exit status, or at an exception that nobody catches.
 */
import fs, { readFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { Readable, Writable } from 'node:stream';
import { compileFunction, constants } from 'node:vm';
import { workerData } from 'node:worker_threads';

const { port, done, dist } = workerData;
const thread = process;
const compiled = {};
let runs = 0;
let fail;

// Results are written to standard output by its number.
const { writeSync } = fs;
fs.writeSync = (file, bytes, from = 0, ...more) => {
  if (file !== 1) return writeSync(file, bytes, from, ...more);
  process.stdout.write(bytes.subarray(from));
  return bytes.length - from;
};
syncBuiltinESMExports();

port.on('message', ({ args, input, env }) => {
  const [stdout, stderr] = [kept(), kept()];
  // The program that ran before still listens for these.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) thread.removeAllListeners(signal);
  let isOver = false;
  const finish = (status) => {
    if (isOver) return;
    isOver = true;
    port.postMessage({ status, stdout: stdout.text(), stderr: stderr.text() });
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  };
  fail = (error) => {
    stderr.stream.write(String(error?.stack ?? error));
    finish(1);
  };
  globalThis.process = Object.create(thread, {
    argv: { value: [thread.execPath, `${dist}/start.cjs`, ...args] },
    env: { value: { ...thread.env, ...env } },
    stdin: { value: Readable.from(input.length > 0 ? [Buffer.from(input)] : []) },
    stdout: { value: stdout.stream },
    stderr: { value: stderr.stream },
    exit: { value: (status = 0) => finish(status) },
    // What the program prints as it ends comes before.
    exitCode: { set: (status) => setImmediate(finish, status), get: () => undefined },
  });
  load(args[0], args[1]).catch(fail);
});
thread.on('uncaughtException', (error) => fail(error));

/** As dist/start.cjs does, but from the beginning each time. */
async function load(command, sub) {
  if (command !== 'lookup' && command !== 'vfio') return import(`${dist}/cli.js?${runs++}`);
  const isApart = command === 'vfio' && (sub === 'groups' || sub === 'resolve');
  const file = `${dist}/cli-${isApart ? `vfio-${sub}` : command}.cjs`;
  compiled[file] ??= compileFunction(
    readFileSync(file, 'utf8').replace(/^#!.*/, ''),
    ['exports', 'require', 'module', '__filename', '__dirname'],
    { filename: file, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
  );
  const module = { exports: {} };
  compiled[file](module.exports, createRequire(file), module, file, dist);
}

/** A stream that keeps what is written to it. */
function kept() {
  const pieces = [];
  const stream = new Writable({
    write(piece, _, next) {
      pieces.push(piece);
      next();
    },
  });
  return { stream, text: () => Buffer.concat(pieces).toString('latin1') };
}
