import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { needObject } from '../../arguments.ts';
import type { Tree } from '../sysfs/tree.ts';
import { DONE, errnoText, type Hands, type Outcome } from './hands.ts';

/**
 * What the writing child runs. A write to `unbind` can block in the kernel for as long as a process holds the device,
 * and neither a signal nor ending a thread interrupts that; only another process can be left behind. O_CREAT is never
 * given: a missing attribute is an error, not a new file.
 */
const CHILD = `
const fs = require('node:fs');
const { O_WRONLY, O_NOFOLLOW } = fs.constants;
process.on('message', ({ file, data }) => {
  let code = '';
  try {
    const fd = fs.openSync(file, O_WRONLY | O_NOFOLLOW);
    try {
      fs.writeSync(fd, Buffer.from(data, 'latin1'));
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    code = error.code ?? 'EIO';
  }
  process.send({ code });
});
process.on('disconnect', () => process.exit());
`;

export interface HandsOptions {
  /** Longest wait for one write or one modprobe. */
  readonly seconds: number;
  /**
   * Program that loads modules into the kernel behind the tree; by default modprobe, where the tree is a sysfs of this
   * one.
   */
  readonly modprobe?: string;
}

/** Hands on a real sysfs: writes go through a child process, modules through modprobe. */
export function sysfsHands(sysfs: Tree, options: HandsOptions): Hands {
  needObject('sysfs', sysfs, 'root');
  needObject('options', options);
  const { seconds } = options;
  let child: ChildProcess | undefined;

  const start = (): ChildProcess => {
    const made = spawn(process.execPath, ['-e', CHILD], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true,
    });
    made.unref();
    made.channel?.unref();
    return made;
  };
  const drop = () => {
    child?.removeAllListeners();
    // A child that hangs in the kernel stays until its write ends; without its channel it then ends too.
    if (child?.connected) child.disconnect();
    child = undefined;
  };

  return {
    async write(path, data) {
      if (data === '')
        return { kind: 'failed', errno: 'EINVAL', message: 'an empty write changes nothing and is not made' };
      await untilRegistered(sysfs, path, seconds);
      const file = sysfs.locate(path);
      if (file === undefined) return failed('ENOENT');
      child ??= start();
      const outcome = await answer(child, { file, data }, seconds);
      if (outcome.kind === 'timeout' || !child.connected) drop();
      return outcome;
    },
    async modprobe(module) {
      const program = options.modprobe ?? (isSysfs(sysfs.root) ? 'modprobe' : undefined);
      if (program !== undefined) return runModprobe(program, module, seconds);
      const message = `${sysfs.root} is a copy of a sysfs: modprobe would load the module into the kernel of this machine`;
      return { kind: 'failed', errno: null, message };
    },
    close: drop,
  };
}

const REGISTERED_POLL = 100;

/**
 * Waits for `bind` and `unbind` of a driver whose module is being loaded, as at boot: it has devices before it has
 * these files, which come when it has probed them all (drivers/base/bus.c:bus_add_driver).
 */
async function untilRegistered(sysfs: Tree, path: string, seconds: number): Promise<void> {
  const driver = /^(bus\/[^/]+\/drivers\/[^/]+)\/(?:un)?bind$/.exec(path)?.[1];
  const isComing = (module: string) => sysfs.line(`module/${module}/initstate`) === 'coming';
  const end = Date.now() + seconds * 1000;
  while (driver !== undefined && !sysfs.exists(path) && sysfs.exists(driver) && Date.now() < end) {
    if (!sysfs.list('module').some(isComing)) return;
    await pause(REGISTERED_POLL);
  }
}

/** include/uapi/linux/magic.h */
const SYSFS_MAGIC = 0x62656572;

function isSysfs(root: string): boolean {
  try {
    return fs.statfsSync(root).type === SYSFS_MAGIC;
  } catch {
    return false;
  }
}

function failed(code: string): Outcome {
  return { kind: 'failed', errno: code, message: errnoText(code) };
}

function answer(child: ChildProcess, message: { file: string; data: string }, seconds: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(outcome);
    };
    // Only the timer keeps this process waiting; the child and its channel do not.
    const timer = setTimeout(() => finish({ kind: 'timeout', seconds }), seconds * 1000);
    child.on('message', ({ code }: { code: string }) => finish(code === '' ? DONE : failed(code)));
    child.on('error', (error) =>
      finish({ kind: 'failed', errno: 'EIO', message: `the writing process: ${error.message}` }),
    );
    child.on('exit', () =>
      finish({ kind: 'failed', errno: 'EIO', message: 'the writing process ended before it responded' }),
    );
    child.send(message, (error) => {
      if (error) finish({ kind: 'failed', errno: 'EIO', message: `the writing process: ${error.message}` });
    });
  });
}

function runModprobe(program: string, module: string, seconds: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, ['--', module], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let said = '';
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      if (said.length < 4096) said += text;
    });
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stderr.destroy();
      child.unref();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish({ kind: 'timeout', seconds });
    }, seconds * 1000);
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish({ kind: 'failed', errno: error.code ?? 'EIO', message: `${program}: ${errnoText(error.code ?? 'EIO')}` }),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return finish(DONE);
      const text = plainLines(said).join('; ');
      const how = signal === null ? `status ${code}` : signal;
      finish({ kind: 'failed', errno: null, message: `exited with ${how}${text === '' ? '' : `: ${text}`}` });
    });
  });
}

const MOST_LINES = 5;

/** What a program wrote to standard error: its first lines, without control characters. */
function plainLines(said: string): string[] {
  const lines = said.split('\n').map((line) => line.replaceAll(/[^\x20-\x7e]/g, '?').trim());
  return lines.filter((line) => line !== '').slice(0, MOST_LINES);
}
