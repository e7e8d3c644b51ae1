/**
 * Preloaded into the command line under test and into its child processes: ends them with SIGKILL before or after the write to
 * sysfs whose number KILL_AT gives (`before:3`, `after:1`; the first is 1). With MEANWHILE, an array of such a number, a
 * file and data, that is written right before as somebody else might. Nothing else is changed.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [when, at] = (process.env.KILL_AT ?? 'never:0').split(':');
const [busy, file, data] = JSON.parse(process.env.MEANWHILE ?? '[]');
const { openSync, closeSync, writeSync } = fs;
const sysfs = new Set();
let seen = 0;

/** A child that writes on behalf of the command takes that with it. */
function kill() {
  if (process.send) process.kill(process.ppid, 'SIGKILL');
  process.kill(process.pid, 'SIGKILL');
}

fs.openSync = (...args) => {
  const fd = openSync(...args);
  if (String(args[0]).startsWith('/sys/')) sysfs.add(fd);
  return fd;
};
fs.closeSync = (fd) => {
  sysfs.delete(fd);
  closeSync(fd);
};
fs.writeSync = (fd, ...rest) => {
  if (!sysfs.has(fd)) return writeSync(fd, ...rest);
  seen++;
  if (when === 'before' && seen === Number(at)) kill();
  if (seen === busy) fs.writeFileSync(file, data);
  const written = writeSync(fd, ...rest);
  if (when === 'after' && seen === Number(at)) kill();
  return written;
};
syncBuiltinESMExports();
