import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

// Run by lock.test.ts: DIRECTORY race RACERS TIMES, or DIRECTORY die|hold|once. A race is over when the lock was taken
// that many times.
const [directory = '', what = '', racers = '', times = ''] = process.argv.slice(2);
const lockFile = path.join(directory, 'lock');

if (what === 'die') {
  // Dies right after it has linked the claim to a dead lock.
  const { linkSync } = fs;
  fs.linkSync = (from, to) => {
    linkSync(from, to);
    if (String(to) !== lockFile) process.kill(process.pid, 'SIGKILL');
  };
  syncBuiltinESMExports();
}
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 3);
if (what === 'race') {
  // Between any two looks at the lock the others get their turn.
  const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['readFileSync', 'linkSync', 'renameSync', 'rmSync']) {
    const call = calls[name]!;
    calls[name] = (...args) => {
      if (args.some((arg) => String(arg).startsWith(lockFile))) pause();
      return call(...args);
    };
  }
  syncBuiltinESMExports();
}
const { takeLock } = await import('../../../src/vfio/journal/lock.ts');

if (what === 'hold') {
  takeLock(directory);
  process.stdout.write('held\n');
  process.stdin.resume();
} else if (what === 'race') {
  const counts = { taken: 0, refused: 0, met: 0 };
  const inside = path.join(directory, 'inside');
  const taken = path.join(directory, 'taken');
  fs.writeFileSync(path.join(directory, `racer.${process.pid}`), '');
  const started = () => fs.readdirSync(directory).filter((name) => name.startsWith('racer.')).length;
  while (started() < Number(racers)) pause();
  const over = () => fs.existsSync(taken) && fs.statSync(taken).size >= Number(times);
  for (let round = 0; !over(); round++) {
    let lock: ReturnType<typeof takeLock>;
    try {
      lock = takeLock(directory);
    } catch (error) {
      if ((error as { code?: string }).code !== 'locked') throw error;
      counts.refused++;
      continue;
    }
    counts.taken++;
    fs.appendFileSync(taken, '.');
    try {
      fs.mkdirSync(inside);
      pause();
      fs.rmdirSync(inside);
    } catch {
      counts.met++;
    }
    if (round % 2 === 0) lock.release();
    else {
      // Leaves the lock as a killed run does; the numbers keep its text from ever being there again.
      const dead = path.join(directory, `dead.${process.pid}`);
      fs.writeFileSync(dead, `${process.pid} 1 ? ? ${round}\n`);
      fs.renameSync(dead, lockFile);
    }
  }
  process.stdout.write(JSON.stringify(counts));
} else {
  try {
    takeLock(directory).release();
    process.stdout.write('taken\n');
  } catch (error) {
    process.stdout.write(`locked: ${(error as Error).message}\n`);
  }
}
