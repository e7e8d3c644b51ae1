import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Evidence,
  findDevice,
  type KernelEvent,
  type KernelState,
  makeDriver,
  possibleDrivers,
  resultWord,
  run,
} from '../../src/driver-core/index.ts';
import { many } from '../support/many.ts';
import { card, e1000e, kernel, pciStub, step, vfioPci, write } from './card.ts';

const A = '0000:01:00.0';
const B = '0000:02:00.0';
const native = makeDriver('pci', 'native', { ids: e1000e.ids, module: 'native' });
/** A driver whose id table was not read. */
const unread = makeDriver('pci', 'unread');
const drivers = ['e1000e', 'native', 'unread', 'vfio-pci', 'pci-stub'];

const one = fc.constantFrom;
const device = one(A, B);
const group: KernelEvent[] = [
  { kind: 'open', group: '7', by: 'vm' },
  { kind: 'setContainer', group: '7' },
  { kind: 'setIommu', group: '7' },
  { kind: 'getDevice', group: '7', device: A },
  { kind: 'close', group: '7' },
];
const event: fc.Arbitrary<KernelEvent> = fc.oneof(
  fc
    .tuple(device, one('vfio-pci\n', 'pci-stub', 'native', 'vfio_pci', '\n', '', '\0'))
    .map(([d, data]) => write(`devices/${d}/driver_override`, data)),
  fc.tuple(one(...drivers), one('bind', 'unbind'), device).map(([d, file, on]) => write(`drivers/${d}/${file}`, on)),
  device.map((d) => write('drivers_probe', d)),
  one('0', '1').map((data) => write('drivers_autoprobe', data)),
  fc
    .tuple(one('new_id', 'remove_id'), one('8086 10d3', '8086'))
    .map(([f, data]) => write(`drivers/vfio-pci/${f}`, data)),
  device.map((d) => write(`devices/${d}/remove`, '1')),
  one<KernelEvent>(
    write('rescan', '1'),
    { kind: 'load', module: 'native' },
    { kind: 'unload', module: 'native' },
    { kind: 'plug', bus: 'pci', device: B },
    { kind: 'unplug', bus: 'pci', device: B },
    ...group,
  ),
);

/** Two cards in one group; `native` and e1000e both have a row for them. */
function machine(evidence: readonly Evidence[]): KernelState {
  const modules = [{ name: 'native', loaded: true, depends: [], drivers: [native] }];
  return kernel([unread, e1000e, native, vfioPci, pciStub], [card(), card({ name: B })], { evidence, modules });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of Object.values(value)) freeze(one);
  }
  return value;
}

test('step changes nothing of what it is given, and answers the same twice', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (events) => {
      let state = freeze(machine([]));
      for (const one of events) {
        const first = freeze(step(state, one));
        expect(step(state, one)).toEqual(first);
        state = first.state;
      }
    }),
    { numRuns: many(50) },
  );
});

const outcome = one('ok', 'ENODEV', 'EINVAL') as fc.Arbitrary<Evidence['probe'] & string>;

test('step without evidence allows for whatever step with evidence says', () => {
  const evidence = fc.tuple(
    ...[A, B].flatMap((d) =>
      ['e1000e', 'native', 'unread'].map((driver) =>
        fc
          .tuple(outcome, fc.boolean())
          .map(([probe, matches]): Evidence => ({ bus: 'pci', driver, device: d, probe, matches })),
      ),
    ),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), evidence, (events, facts) => {
      let blind = machine([]);
      let seeing = machine(facts);
      for (const one of events) {
        const guess = step(blind, one);
        const truth = step(seeing, one);
        blind = guess.state;
        seeing = truth.state;
        for (const d of seeing.devices.filter((d) => d.present)) {
          const possible = possibleDrivers(findDevice(blind, d.bus, d.name)!.driver);
          expect(possible).toContain(d.driver);
        }
        if (guess.result.kind !== 'unknown') expect(guess.result).toEqual(truth.result);
        // what a process may or may not have open is not followed further
        else if (one.kind !== 'write' || blind.groups.some((g) => g.file)) return;
      }
    }),
    { numRuns: many(250) },
  );
});

test('step of a file that the model does not have is unknown, and of one that is missing ENOENT', () => {
  const state = machine([]);
  const at = (path: string) => step(state, { kind: 'write', path, data: '1' }).result;
  expect(at('bus/pci/devices/0000:01:00.0/enable')).toMatchObject({ kind: 'unknown' });
  expect(at('../etc/passwd')).toMatchObject({ kind: 'unknown' });
  expect(at('bus/pci/drivers/none/bind')).toEqual({ kind: 'errno', errno: 'ENOENT' });
  expect(at('bus/usb/drivers/usb-storage/new_id')).toEqual({ kind: 'errno', errno: 'ENOENT' });
});

test('step takes a device by its real path too', () => {
  const path = `devices/pci0000:00/0000:00:1c.0/${A}/driver_override`;
  const { state } = step(machine([]), { kind: 'write', path, data: 'vfio-pci' });
  expect(findDevice(state, 'pci', A)?.override).toBe('vfio-pci');
});

test('run takes each event in the state that the one before left, and stops nowhere', () => {
  const events = [
    write('drivers/vfio-pci/bind', A),
    write(`devices/${A}/driver_override`, 'vfio-pci'),
    write('drivers/vfio-pci/bind', A),
  ];
  const transitions = run(machine([]), events);
  expect(transitions.map(({ result }) => resultWord(result))).toEqual(['ENODEV', 'ok', 'ok']);
  expect(findDevice(transitions[2]!.state, 'pci', A)?.driver).toBe('vfio-pci');
  expect(run(machine([]), [])).toEqual([]);
});
