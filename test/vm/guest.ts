import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFinished } from './report.ts';

/** What a program in the guest did. The status is a signal's name where one ended it. */
export interface Ran {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a guest's PCI bus looks like, and which modules are loaded. */
export interface Snapshot {
  readonly autoprobe: string;
  readonly devices: readonly {
    readonly name: string;
    readonly driver: string | null;
    /** Its driver_override file; null for a busy device. */
    readonly override: string | null;
  }[];
  readonly modules: readonly string[];
}

/** An event as the agent takes it, and devices whose drivers it waits for, as these probe when the event is over. */
export type Doing = { readonly until: readonly { readonly name: string; readonly driver: string }[] } & (
  | { readonly op: 'write'; readonly path: string; readonly data: string }
  | { readonly op: 'exec'; readonly argv: readonly string[]; readonly timeout: number }
);

/** What came of an event: `ok`, an error's name, or `failed` of a program; null where all is as before. */
export interface Done {
  readonly result: string;
  readonly seen: Snapshot | null;
}

interface Pending {
  readonly resolve: (answer: { value?: unknown; errno?: string }) => void;
}

/** What a machine has besides what all have, and which QEMU makes it. */
export interface Machine {
  readonly devices?: readonly string[];
  /** Default: the system's. */
  readonly qemu?: readonly string[];
}

/** A machine of the shape that every scenario uses; QEMU's own emulation, never KVM. */
function qemuArguments(vmlinuz: string, initrd: string, work: string, machine: Machine): string[] {
  const port = (id: string, slot: number) => ['-device', `pcie-root-port,id=${id},chassis=${slot},addr=${slot}.0`];
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-vga', 'none'],
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', '1280'],
    ...['-kernel', vmlinuz, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1 no_timer_check intel_iommu=on'],
    ...['-serial', `file:${join(work, 'console.log')}`],
    ...['-chardev', `socket,id=agent,path=${join(work, 'agent')},server=on,wait=off`, '-serial', 'chardev:agent'],
    ...['-qmp', `unix:${join(work, 'qmp')},server=on,wait=off`],
    ...['-device', 'intel-iommu,intremap=on,caching-mode=on,device-iotlb=on'],
    ...['-device', 'VGA,addr=01.0'],
    ...port('rp1', 2),
    ...port('rp2', 3),
    ...port('rp3', 4),
    ...port('hot', 5),
    ...port('rp5', 6),
    ...['-device', 'e1000e,bus=rp1', '-device', 'e1000e,bus=rp2'],
    ...['-device', 'pcie-pci-bridge,id=bridge,bus=rp3'],
    ...['-device', 'e1000,bus=bridge,addr=01.0', '-device', 'e1000,bus=bridge,addr=02.0'],
    ...['-device', 'rtl8139,bus=bridge,addr=03.0'],
    ...['-blockdev', 'driver=null-co,node-name=disk,size=16777216,read-zeroes=on'],
    ...['-device', 'nvme,bus=rp5,drive=disk,serial=test'],
    ...['-device', 'e1000,addr=07.0,multifunction=on', '-device', 'qemu-xhci,addr=07.1'],
    ...(machine.devices ?? []),
  ];
}

/** Machines that run; none outlives this process. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const qemu of running) qemu.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/**
 * Seconds from QEMU's start to the agent's first word on the machine that the limits are made for, two guests booting
 * at once.
 */
const USUAL_BOOT = 8;

/** Longest wait for a guest to boot, in seconds: nothing is known yet of how fast it is. */
const BOOT_LIMIT = 300;

/** A running guest. Every call has a limit; `stop` ends the machine whatever it does. */
export class Guest {
  /** How many times as long as usual the boot took, at least 1: all limits grow with it. */
  pace = 1;
  readonly #qemu: ChildProcess;
  readonly #work: string;
  readonly #pending = new Map<number, Pending>();
  #agent: Socket | null = null;
  #next = 1;
  #dead: string | null = null;

  private constructor(qemu: ChildProcess, work: string) {
    this.#qemu = qemu;
    this.#work = work;
    running.add(qemu);
    qemu.on('exit', () => running.delete(qemu));
    qemu.on('exit', (code, signal) => this.#end(`the machine ended (${code ?? signal})`));
    qemu.on('error', (error) => this.#end(error.message));
  }

  /**
   * Boots and waits until the agent answers; once more if the kernel does not come up. Throws NotFinished where it is
   * too slow.
   */
  static async boot(vmlinuz: string, initrd: string, work: string, machine: Machine = {}): Promise<Guest> {
    try {
      return await Guest.#bootOnce(vmlinuz, initrd, work, machine);
    } catch (error) {
      console.error(`booting again: ${(error as Error).message.split('\n')[0]}`);
      for (const socket of ['agent', 'qmp']) rmSync(join(work, socket), { force: true });
      return Guest.#bootOnce(vmlinuz, initrd, work, machine);
    }
  }

  static async #bootOnce(vmlinuz: string, initrd: string, work: string, machine: Machine): Promise<Guest> {
    const [program = '', ...args] = machine.qemu ?? ['qemu-system-x86_64'];
    const qemu = spawn(program, [...args, ...qemuArguments(vmlinuz, initrd, work, machine)], {
      stdio: ['ignore', 'ignore', openSync(join(work, 'qemu.log'), 'w')],
    });
    const guest = new Guest(qemu, work);
    const started = Date.now();
    const until = started + BOOT_LIMIT * 1000;
    try {
      while (!existsSync(join(work, 'agent'))) {
        if (guest.#dead !== null || Date.now() > until) throw new Error(guest.#dead ?? 'no socket');
        await sleep(50);
      }
      await guest.#connect(until - Date.now());
      guest.pace = Math.max(1, (Date.now() - started) / 1000 / USUAL_BOOT);
      return guest;
    } catch (error) {
      await guest.stop();
      const message = `${(error as Error).message}; the console ended with:\n${guest.console()}`;
      throw error instanceof NotFinished ? new NotFinished(message) : new Error(message);
    }
  }

  #end(why: string): void {
    this.#dead ??= why;
    for (const { resolve } of this.#pending.values()) resolve({ errno: `DEAD: ${this.#dead}` });
    this.#pending.clear();
  }

  /** A socket of QEMU's, which is there before QEMU listens on it. */
  async #socket(name: string, until: number): Promise<Socket> {
    for (;;) {
      const socket = connect(join(this.#work, name));
      try {
        await once(socket, 'connect');
        return socket;
      } catch (error) {
        if (this.#dead !== null || Date.now() > until) throw error;
        await sleep(50);
      }
    }
  }

  /** Waits for the agent's first word; what is sent before it listens would be lost. */
  async #connect(timeout: number): Promise<void> {
    const ready = new Promise<{ errno?: string }>((resolve) => this.#pending.set(0, { resolve }));
    const socket = await this.#socket('agent', Date.now() + timeout);
    socket.on('error', (error) => this.#end(error.message));
    this.#agent = socket;
    // What goes wrong with the socket reaches its reader as well.
    const lines = createInterface({ input: socket }).on('error', () => {});
    lines.on('line', (line) => {
      if (!line.startsWith('{')) return;
      const { id, ...answer } = JSON.parse(line);
      this.#pending.get(id)?.resolve(answer);
      this.#pending.delete(id);
    });
    const late = sleep(timeout, { errno: 'TIMEOUT' }, { ref: false });
    const { errno } = await Promise.race([ready, late]);
    if (errno === 'TIMEOUT') throw new NotFinished(`the agent did not answer in ${BOOT_LIMIT} s`);
    if (errno !== undefined) throw new Error(errno);
  }

  async #call(op: string, request: object, timeout = 60_000): Promise<{ value?: unknown; errno?: string }> {
    if (this.#dead !== null) throw new Error(`${this.#dead}; the console ended with:\n${this.console()}`);
    const id = this.#next++;
    const answer = new Promise<{ value?: unknown; errno?: string }>((resolve) => {
      this.#pending.set(id, { resolve });
    });
    this.#agent!.write(`${JSON.stringify({ id, op, ...request })}\n`);
    const timer = new AbortController();
    const limit = Math.ceil(timeout * this.pace);
    const late = sleep(limit, undefined, { signal: timer.signal }).then(
      () => ({ errno: 'TIMEOUT' }),
      () => ({ errno: 'TIMEOUT' }),
    );
    const first = await Promise.race([answer, late]);
    timer.abort();
    if (first.errno === 'TIMEOUT')
      throw new NotFinished(`${op} ${JSON.stringify(request)}: no response within ${(limit / 1000).toFixed(0)} s`);
    if (first.errno?.startsWith('DEAD')) throw new Error(`${first.errno}; the console ended with:\n${this.console()}`);
    return first;
  }

  async #value<T>(op: string, request: object, timeout?: number): Promise<T> {
    const { value, errno } = await this.#call(op, request, timeout);
    if (errno !== undefined) throw new Error(`${op} ${JSON.stringify(request)}: ${errno}`);
    return value as T;
  }

  /** One write(2) to a file; `ok` or an error's name. */
  async write(path: string, data: string): Promise<string> {
    const { errno } = await this.#call('write', { path, data });
    return errno ?? 'ok';
  }

  read(path: string): Promise<string> {
    return this.#value('read', { path });
  }

  list(path: string): Promise<string[]> {
    return this.#value('list', { path });
  }

  /** The guest as it is now; the override of a busy device, whose unbind waits, is left out. */
  snapshot(busy: readonly string[] = []): Promise<Snapshot> {
    return this.#value('snapshot', { busy });
  }

  /** Events one after the other, none of which waits: of each its result, and what there is then if it changed. */
  events(events: readonly Doing[]): Promise<readonly Done[]> {
    return this.#value('events', { events }, 60_000 + 10_000 * events.length);
  }

  /** What a symbolic link says, or null where there is none. */
  async link(path: string): Promise<string | null> {
    const { value, errno } = await this.#call('link', { path });
    return errno === undefined ? (value as string) : null;
  }

  exec(argv: readonly string[], timeout = 60_000): Promise<Ran> {
    return this.#value('exec', { argv, timeout: Math.ceil(timeout * this.pace) }, timeout + 10_000);
  }

  /** Waits until something holds in the guest. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 60_000 * this.pace;
    while (!(await holds())) {
      if (Date.now() > end) throw new NotFinished(`waited in vain until ${what}`);
      await sleep(100);
    }
  }

  /** Starts a program that stays; gives what it printed until it said `held` or ended. */
  hold(name: string, argv: readonly string[]): Promise<string> {
    return this.#value('hold', { name, argv });
  }

  /** What a program that stays says to a line. */
  tell(name: string, line: string): Promise<string> {
    return this.#value('tell', { name, line });
  }

  release(name: string): Promise<null> {
    return this.#value('release', { name });
  }

  /** A QMP command to the machine, such as device_add. */
  async qmp(execute: string, args: object = {}): Promise<void> {
    const socket = connect(join(this.#work, 'qmp'));
    socket.on('error', () => {});
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const say = async (command: object) => {
      socket.write(`${JSON.stringify(command)}\n`);
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the machine closed QMP');
        const answer = JSON.parse(value);
        if (answer.error) throw new Error(`${execute}: ${answer.error.desc}`);
        if ('return' in answer) return;
      }
    };
    try {
      await lines.next();
      await say({ execute: 'qmp_capabilities' });
      await say({ execute, arguments: args });
    } finally {
      socket.destroy();
    }
  }

  /** The last lines of the guest's console. */
  console(): string {
    const path = join(this.#work, 'console.log');
    return existsSync(path) ? readFileSync(path, 'latin1').split('\n').slice(-25).join('\n') : '';
  }

  async stop(): Promise<void> {
    this.#agent?.destroy();
    if (this.#qemu.exitCode !== null || this.#qemu.signalCode !== null || this.#qemu.pid === undefined) return;
    const gone = new Promise((resolve) => this.#qemu.once('exit', resolve));
    this.#qemu.kill('SIGKILL');
    await gone;
  }
}
