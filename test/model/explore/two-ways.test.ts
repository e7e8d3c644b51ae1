import { expect, test } from 'vitest';
import {
  deviceId,
  type KernelEvent,
  type KernelState,
  makeDevice,
  makeDriver,
  makeKernel,
  pciFacts,
  pendingProbes,
  step,
} from '../../../src/driver-core/index.ts';
import { type Act, actsUpon, DISTURBANCES, type Disturbance } from '../../../src/model/explore/acts.ts';
import { Judge } from '../../../src/model/explore/judge.ts';
import { Kernels } from '../../../src/model/explore/kernels.ts';
import { statusOf } from '../../../src/model/explore/processes.ts';
import { KERNEL, Search, SHADOW, SLOTS } from '../../../src/model/explore/search.ts';
import { withTwins } from '../../../src/model/explore/twins.ts';
import { runUndisturbed } from '../../../src/model/explore/undisturbed.ts';
import type { Position, Program } from '../../../src/model/script/program.ts';
import { type RecipeEvent, recipeOf, recipeProgram } from '../../../src/model/script/recipe.ts';
import { many } from '../../support/many.ts';
import { Random } from '../../support/random.ts';

/** How many random cases are compared. */
const CASES = many(15);
const DEPTH = 4;

const CARDS = ['0000:01:00.0', '0000:02:00.0', '0000:03:00.0'];
const KINDS = [
  [0x8086, 0x10d3],
  [0x8086, 0x100e],
] as const;

/** Two or three cards of two kinds, two native drivers with some rows, vfio-pci and pci-stub, loaded or not. */
function randomMachine(random: Random): KernelState {
  const names = CARDS.slice(0, 2 + random.below(2));
  const kinds = names.map(() => random.pick(KINDS));
  const native = ['one', 'two'].map((name) =>
    makeDriver('pci', name, {
      module: name,
      ids: KINDS.filter(() => random.oneIn(2)).map(([vendor, device]) => deviceId(vendor, device)),
      async: random.oneIn(6),
    }),
  );
  const drivers = [...native, makeDriver('pci', 'vfio-pci'), makeDriver('pci', 'pci-stub')];
  const loaded = drivers.filter(() => !random.oneIn(4));
  const modules = drivers.map((driver) => ({
    name: driver.module!,
    loaded: loaded.includes(driver),
    depends: [],
    drivers: [driver],
  }));
  const devices = names.map((name, i) => {
    const [vendor, device] = kinds[i]!;
    const takers = loaded.filter(
      ({ ids }) => Array.isArray(ids) && ids.some((id) => id.vendor === vendor && id.device === device),
    );
    return makeDevice('pci', name, {
      pci: pciFacts(vendor, device, { class: 0x020000 }),
      group: random.oneIn(3) ? '1' : String(i + 1),
      driver: takers.length > 0 && !random.oneIn(4) ? random.pick(takers).name : null,
      override: random.oneIn(5) ? random.pick(['one', 'vfio-pci', 'nonesuch']) : null,
    });
  });
  const evidence = native.flatMap(({ name }) =>
    names.map((device) => ({
      bus: 'pci',
      driver: name,
      device,
      probe: random.oneIn(6) ? ('ENODEV' as const) : ('ok' as const),
    })),
  );
  return makeKernel(random.pick(['5.10', '6.1', '6.12', '6.19']), {
    buses: [{ name: 'pci', autoprobe: !random.oneIn(4) }],
    modules,
    drivers: loaded,
    devices,
    groups: ['1', '2', '3'].map((id) => ({ id, bus: 'pci', type: 'DMA', direct: false, file: null })),
    evidence,
  });
}

function randomEvent(random: Random): RecipeEvent {
  const mayFail = random.oneIn(2);
  const write = (path: string, data: string): RecipeEvent => ({
    kind: 'write',
    path: `bus/pci/${path}`,
    data,
    mayFail,
  });
  const card = random.pick(CARDS.slice(0, 2));
  const driver = random.pick(['one', 'two', 'vfio-pci', 'pci-stub']);
  const id = random.pick(['8086 10d3', '8086 100e']);
  return random.pick<RecipeEvent>([
    write(`devices/${card}/driver_override`, random.pick(['vfio-pci', 'one', '\n'])),
    write(`drivers/${driver}/unbind`, card),
    write(`drivers/${driver}/bind`, card),
    write('drivers_probe', card),
    write(`drivers/vfio-pci/new_id`, id),
    write(`drivers/vfio-pci/remove_id`, id),
    write('drivers_autoprobe', random.pick(['0', '1'])),
    {
      kind: 'load',
      module: random.pick(['vfio_pci', 'one']),
      ...(random.oneIn(3) ? { parameters: { async_probe: null } } : {}),
      mayFail,
    },
    random.pick<RecipeEvent>([
      { kind: 'open', group: '1', by: 'it', mayFail: true },
      { kind: 'setContainer', group: '1', mayFail: true },
      { kind: 'openCdev', device: card, by: 'it', mayFail: true },
      { kind: 'bindIommufd', device: card, by: 'it', mayFail: true },
    ]),
    { kind: 'unload', module: random.pick(['one', 'vfio_pci']), mayFail },
    { kind: 'expect', device: card, driver, mayFail },
    { kind: 'expect', device: card, driver, retryFrom: 0, mayFail },
  ]);
}

interface Case {
  readonly program: Program;
  readonly start: KernelState;
  readonly acts: readonly Act[];
  readonly whiles: ReadonlySet<Disturbance>;
  readonly once: boolean;
  readonly judgeOf: (kernels: Kernels) => Judge;
}

function randomCase(random: Random): Case {
  const machine = randomMachine(random);
  const events = Array.from({ length: 1 + random.below(3) }, () => randomEvent(random));
  const program = recipeProgram(recipeOf('random', events));
  const whiles = new Set((Object.keys(DISTURBANCES) as Disturbance[]).filter(() => random.oneIn(2)));
  const aimed = machine.devices.slice(0, 2);
  const { state: start, twins } = withTwins(machine, whiles.has('hotplug') ? aimed : []);
  const judgeOf = (kernels: Kernels) => {
    const alone = runUndisturbed(kernels, [program], [kernels.intern(machine)], 10_000);
    const ends = alone.ends.filter(({ failed }) => !failed).map(({ kernel }) => kernels.states[kernel]!);
    const keys = (devices: readonly { readonly name: string }[]) => devices.map(({ name }) => `pci ${name}`);
    return new Judge({ kernels, start, stated: [], targets: alone.named, twins: keys(twins), ends, removes: false });
  };
  return { program, start, acts: actsUpon(start, aimed, twins, whiles), whiles, once: random.oneIn(2), judgeOf };
}

/** What was found, and every pair of kernels that was met, as text. */
interface Found {
  /** Each with the fewest steps that lead to it. */
  readonly breaches: Map<string, number>;
  readonly worlds: Set<string>;
}

const nothing = (): Found => ({ breaches: new Map(), worlds: new Set() });

/** Kernels as text, each made once. */
function texts(kernels: Kernels): (kernel: number) => string {
  const known: string[] = [];
  return (kernel) => {
    const { devices, drivers, groups, buses, waiting, deviceFiles } = kernels.states[kernel]!;
    known[kernel] ??= JSON.stringify(
      [devices, drivers.map(({ name, dynids }) => [name, dynids]), groups, buses, waiting, deviceFiles ?? []],
      (_, v) => (typeof v === 'bigint' ? String(v) : v),
    );
    return known[kernel];
  };
}

/** Breadth first, each world once. */
function byHashing({ program, start, acts, whiles, once, judgeOf }: Case): Found {
  const kernels = new Kernels();
  const judge = judgeOf(kernels);
  const search = new Search({
    kernels,
    programs: [program],
    starts: [kernels.intern(start)],
    acts,
    secondRun: whiles.has('second-run'),
    kill: whiles.has('kill'),
    once,
    mostStates: 1_000_000,
  });
  const found = nothing();
  const text = texts(kernels);
  search.run((index, row) => {
    if (search.frontier.distanceOf(index) > DEPTH) return true;
    const failed = [row[SLOTS]!, row[SLOTS + 1]!].some((slot) => slot < 0 && slot > -999 && statusOf(slot) !== 0);
    const breaches = judge.always(row[KERNEL]!, row[SHADOW]!);
    const atEnd = search.isOver(row) ? judge.atEnd(row[KERNEL]!, row[SHADOW]!, failed ? 'failure' : 'success') : [];
    for (const { property, message } of [...breaches, ...atEnd]) {
      const what = `${property}: ${message}`;
      if (!found.breaches.has(what)) found.breaches.set(what, search.frontier.distanceOf(index));
    }
    found.worlds.add(`${text(row[KERNEL]!)} ${text(row[SHADOW]!)}`);
    return false;
  });
  return found;
}

/** A process: not begun, at a position, waiting for a group, or ended with a status. */
type Process =
  | { readonly at: Position }
  | { readonly waits: string; readonly then: Position }
  | { readonly status: number }
  | null;

interface PlainWorld {
  readonly kernel: KernelState;
  readonly shadow: KernelState;
  readonly first: Process;
  readonly second: Process;
  readonly killed: boolean;
  readonly happened: readonly Act[];
}

/** Every way to go, one after the other, with nothing remembered. */
function byEnumeration({ program, start, acts, whiles, once, judgeOf }: Case): Found {
  const kernels = new Kernels();
  const judge = judgeOf(kernels);
  const found = nothing();
  const text = texts(kernels);
  const begin = (kernel: KernelState, at: Position): Process => {
    const step = program.next(at, kernel);
    return step.kind === 'end' ? { status: step.status } : { at };
  };
  /** An event of a process: what its second run opens is told apart. */
  const told = (event: KernelEvent, isSecond: boolean): KernelEvent =>
    isSecond && 'by' in event ? { ...event, by: `${event.by} (second run)` } : event;
  /** Where a process goes on to, and how many steps that is: a look is none. */
  const after = (world: PlainWorld, process: Process, isSecond: boolean): [KernelState, Process, number][] => {
    if (process === null || 'status' in process) return [];
    if ('waits' in process)
      return world.kernel.waiting.some(({ group }) => group === process.waits)
        ? []
        : [[world.kernel, begin(world.kernel, process.then), 1]];
    const move = program.next(process.at, world.kernel);
    if (move.kind === 'read') return [[world.kernel, begin(world.kernel, move.then), 0]];
    if (move.kind === 'choice') return move.ways.map(({ then }) => [world.kernel, begin(world.kernel, then), 0]);
    if (move.kind !== 'event') throw new Error(move.kind);
    const { state, result } = step(world.kernel, told(move.event, isSecond));
    if (result.kind === 'blocks' && result.again) return [];
    if (result.kind === 'blocks') return [[state, { waits: result.group, then: move.then({ kind: 'ok' }) }, 1]];
    return [[state, begin(state, move.then(result)), 1]];
  };
  const happen = (state: KernelState, events: readonly KernelEvent[]): KernelState => {
    let now = state;
    for (const event of events) {
      const { state: next, result } = step(now, event);
      now = next;
      if (result.kind !== 'ok') break;
    }
    return now;
  };
  /** The kernel once the first run is dead, and what it had opened closed. */
  const closed = (state: KernelState): KernelState => {
    const groups = state.groups.filter(({ file }) => file?.by === 'it');
    const files = (state.deviceFiles ?? []).filter(({ by }) => by === 'it');
    const events = [
      ...groups.map(({ id }) => ({ kind: 'close', group: id }) as const),
      ...files.map(({ device, by }) => ({ kind: 'closeCdev', device, by }) as const),
    ];
    return happen(state, events);
  };
  const hasEnded = (process: Process): process is { readonly status: number } =>
    process !== null && 'status' in process;
  const visit = (world: PlainWorld, depth: number): void => {
    const { kernel, shadow, first, second, killed, happened } = world;
    const pair = [kernels.intern(kernel), kernels.intern(shadow)] as const;
    const due = [kernel, shadow].flatMap(pendingProbes);
    const over = due.length === 0 && hasEnded(first) && (second === null || hasEnded(second));
    const failed = [first, second].some((process) => hasEnded(process) && process.status !== 0);
    for (const { property, message } of [
      ...judge.always(...pair),
      ...(over ? judge.atEnd(...pair, failed ? 'failure' : 'success') : []),
    ]) {
      const what = `${property}: ${message}`;
      found.breaches.set(what, Math.min(depth, found.breaches.get(what) ?? depth));
    }
    found.worlds.add(`${text(pair[0])} ${text(pair[1])}`);
    const go = (change: Partial<PlainWorld>, steps = 1) => {
      if (depth + steps <= DEPTH) visit({ ...world, ...change }, depth + steps);
    };
    for (const [now, next, steps] of after(world, first, false)) go({ kernel: now, first: next }, steps);
    for (const [now, next, steps] of after(world, second, true)) go({ kernel: now, second: next }, steps);
    if (depth === DEPTH) return;
    if (whiles.has('second-run') && second === null) go({ second: begin(kernel, program.start) });
    if (!over && whiles.has('kill') && !killed && first !== null && 'at' in first)
      go({ kernel: closed(kernel), first: begin(closed(kernel), program.start), killed: true });
    for (const { bus, device, driver } of over ? [] : due) {
      const events: KernelEvent[] = [{ kind: 'asyncProbe', bus, device, driver }];
      go({ kernel: happen(kernel, events), shadow: happen(shadow, events) });
    }
    for (const act of acts) {
      if ((over && !act.late) || (once && happened.includes(act)) || (act.when && !act.when(kernel))) continue;
      const [now, alone] = [happen(kernel, act.events), happen(shadow, act.events)];
      // One that changes nothing did not happen.
      if (kernels.intern(now) === pair[0] && kernels.intern(alone) === pair[1]) continue;
      go({ kernel: now, shadow: alone, happened: [...happened, act] });
    }
  };
  visit(
    { kernel: start, shadow: start, first: begin(start, program.start), second: null, killed: false, happened: [] },
    0,
  );
  return found;
}

test(`Search: breadth first with hashing and plain enumeration to depth ${DEPTH} find the same, in as few steps, in ${CASES} random cases`, () => {
  let broken = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const made = randomCase(new Random(seed));
    const [hashed, plain] = [byHashing(made), byEnumeration(made)];
    expect(hashed.breaches, `seed ${seed}`).toEqual(plain.breaches);
    // Many thousands, which a matcher takes long to compare.
    expect(
      [...hashed.worlds].filter((one) => !plain.worlds.has(one)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(hashed.worlds.size, `seed ${seed}`).toBe(plain.worlds.size);
    if (hashed.breaches.size > 0) broken++;
  }
  // Both kinds are among them.
  expect(broken).toBeGreaterThan(CASES / 10);
  expect(broken).toBeLessThan(CASES / 2);
}, 3_600_000);
