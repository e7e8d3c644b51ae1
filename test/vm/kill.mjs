/**
 * Preloaded into the command line under test: ends the process with SIGKILL before or after the write to sysfs whose
 * number KILL_AT gives (`before:3`, `after:1`; the first is 1). Nothing else of the process is changed.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [when, at] = (process.env.KILL_AT ?? 'never:0').split(':');
let seen = 0;
const sysfs = new Set();

function around(real, isSysfs) {
  return function patched(...args) {
    if (!isSysfs(args)) return real.apply(this, args);
    seen++;
    if (when === 'before' && seen === Number(at)) process.kill(process.pid, 'SIGKILL');
    const result = real.apply(this, args);
    if (when === 'after' && seen === Number(at)) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

const open = fs.openSync;
fs.openSync = (...args) => {
  const fd = open(...args);
  if (String(args[0]).startsWith('/sys/')) sysfs.add(fd);
  else sysfs.delete(fd);
  return fd;
};
fs.writeSync = around(fs.writeSync, ([fd]) => sysfs.has(fd));
fs.writeFileSync = around(fs.writeFileSync, ([path]) => String(path).startsWith('/sys/'));
syncBuiltinESMExports();
