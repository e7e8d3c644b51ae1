/** Inside the guest: one JSON request a line on the second serial port, one JSON answer a line back, several at a time. */
import { execFile, spawn } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  constants as FS,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import { open, readdir, readFile as readFileAsync, readlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const out = createWriteStream('/dev/ttyS1');
const held = new Map();

/** Waits until a device has a driver, not for ever. */
async function bound({ name, driver }) {
  const link = `/sys/bus/pci/devices/${name}/driver`;
  for (let i = 0; i < 100; i++) {
    if (existsSync(link) && readlinkSync(link).endsWith(`/${driver}`)) return;
    await sleep(100);
  }
}

const operations = {
  /** One write(2), without O_CREAT, as the model's `write` event says it. */
  async write({ path, data }) {
    const file = await open(path, FS.O_WRONLY);
    try {
      await file.write(Buffer.from(data, 'latin1'));
    } finally {
      await file.close();
    }
    return null;
  },
  /**
   * Does events one after the other: a write, or a program. Of each, `ok` or what it failed with, and what there is
   * after it where that has changed.
   */
  async events({ events }) {
    const done = [];
    let last = '';
    for (const event of events) {
      const result = await operations[event.op](event).then(
        (ran) => (ran?.status ? 'failed' : 'ok'),
        (error) => error.code ?? String(error),
      );
      for (const one of event.until) await bound(one);
      const seen = operations.snapshot({ busy: [] });
      const text = JSON.stringify(seen);
      done.push({ result, seen: text === last ? null : seen });
      last = text;
    }
    return done;
  },
  read: ({ path }) => readFileAsync(path, 'latin1'),
  list: ({ path }) => readdir(path),
  /**
   * Every PCI device's driver link and driver_override, drivers_autoprobe, and the loaded modules. The override of a
   * device in `busy` is not read: it waits as long as an unbind of the device does.
   */
  snapshot({ busy }) {
    const pci = '/sys/bus/pci';
    const devices = readdirSync(`${pci}/devices`).map((name) => {
      const dir = `${pci}/devices/${name}`;
      const link = existsSync(`${dir}/driver`) ? readlinkSync(`${dir}/driver`) : null;
      return {
        name,
        driver: link?.replace(/.*\//, '') ?? null,
        override: busy.includes(name) ? null : readFileSync(`${dir}/driver_override`, 'latin1'),
      };
    });
    const modules = readFileSync('/proc/modules', 'latin1').match(/^\S+/gm) ?? [];
    return { autoprobe: readFileSync(`${pci}/drivers_autoprobe`, 'latin1'), devices, modules };
  },
  link: ({ path }) => readlink(path),
  exec: ({ argv, timeout }) =>
    new Promise((resolve, reject) => {
      execFile(
        argv[0],
        argv.slice(1),
        { timeout, killSignal: 'SIGKILL', encoding: 'latin1' },
        (error, stdout, stderr) => {
          // Ended for its time was over, not by a signal of its own.
          if (error?.killed) return reject(Object.assign(error, { code: 'TIMEOUT' }));
          const status = error ? (typeof error.code === 'number' ? error.code : `${error.signal ?? error.code}`) : 0;
          resolve({ status, stdout, stderr });
        },
      );
    }),
  /** Starts a program and answers with its output up to the line `held`, or all of it if it ends before. */
  hold: ({ name, argv }) =>
    new Promise((resolve) => {
      const child = spawn(argv[0], argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
      held.set(name, child);
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
        if (text.endsWith('held\n')) resolve(text);
      });
      child.on('close', () => resolve(text));
    }),
  /** Gives a held program a line, and answers with the line that it says to that. */
  tell: ({ name, line }) =>
    new Promise((resolve, reject) => {
      const child = held.get(name);
      if (!child || child.exitCode !== null || child.signalCode !== null) return reject(new Error('it has ended'));
      child.stdout.once('data', (chunk) => resolve(String(chunk).trim()));
      child.stdin.write(`${line}\n`);
    }),
  /** Ends a held program and waits until it is gone. */
  release: ({ name }) =>
    new Promise((resolve) => {
      const child = held.get(name);
      held.delete(name);
      if (!child || child.exitCode !== null || child.signalCode !== null) return resolve(null);
      child.on('close', () => resolve(null));
      child.stdin.end();
    }),
};

out.write('{"id":0,"value":"ready"}\n');
for await (const line of createInterface({ input: createReadStream('/dev/ttyS1') })) {
  if (!line.startsWith('{')) continue;
  const { id, op, ...request } = JSON.parse(line);
  Promise.resolve()
    .then(() => operations[op](request))
    .then(
      (value) => ({ id, value }),
      (error) => ({ id, errno: error.code ?? String(error) }),
    )
    .then((answer) =>
      out.write(
        `${JSON.stringify(answer).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`,
      ),
    );
}
