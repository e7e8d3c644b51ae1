import { describe, expect, test } from 'vitest';
import {
  formatLine,
  isDamaged,
  type JournalDevice,
  type JournalLine,
  parseJournal,
} from '../../../src/vfio/journal/journal-format.ts';

const device = (change: object = {}): JournalDevice => ({
  name: '0000:01:00.0',
  bus: 'pci',
  path: 'devices/pci0000:00/0000:01:00.0',
  modalias: null,
  before: { driver: 'e1000e', override: null },
  beforeModule: 'e1000e',
  after: { driver: 'vfio-pci', override: 'vfio-pci' },
  ...change,
});
const begin = (...devices: JournalDevice[]): JournalLine => ({ kind: 'begin', version: 1, boot: 'this', devices });
const text = (...lines: readonly JournalLine[]) => lines.map(formatLine).join('');
const step: JournalLine = { kind: 'step', step: { op: 'verify', device: 'x', path: 'y', driver: null } };
const end = (state: 'bound' | 'rolled-back' | 'incomplete'): JournalLine => ({ kind: 'end', state });

describe('parseJournal', () => {
  test.each<[string, readonly JournalLine[], string | null]>([
    ['only begun', [], 'interrupted'],
    ['in its steps', [step, { kind: 'outcome', outcome: 'ok' }, step], 'interrupted'],
    ['being taken back', [step, { kind: 'rollback' }], 'interrupted'],
    ['done', [step, end('bound')], 'bound'],
    ['left in between', [step, end('incomplete')], 'incomplete'],
    ['taken back', [step, end('rolled-back')], null],
    ['done, and cut short in a restore', [end('bound'), step], 'interrupted'],
    ['done, and restored in vain', [end('bound'), step, end('bound')], 'bound'],
    ['restored', [end('bound'), { kind: 'restored', path: device().path }], null],
    ['of another device restored', [end('bound'), { kind: 'restored', path: 'devices/other' }], 'bound'],
  ])('parseJournal of a run %s', (_what, lines, state) => {
    const record = parseJournal(text(begin(device()), ...lines));
    expect(record).toEqual(state === null ? null : { boot: 'this', state, devices: [device()] });
  });

  test('parseJournal skips a last line that was cut off, and a line that says nothing', () => {
    const cut = text(begin(device()), end('bound'), end('incomplete')).slice(0, -1);
    expect(parseJournal(cut)?.state).toBe('bound');
    for (const line of ['null', '5', '{}', '{"kind":7}', 'x']) {
      expect(parseJournal(`${text(begin(device()))}${line}\n${text(end('bound'))}`)?.state).toBe('bound');
      expect(parseJournal(`${text(begin(device()), end('bound'))}${line}\n`)?.state).toBe('bound');
    }
  });

  test('parseJournal keeps what formatLine wrote of a device without driver_override', () => {
    const without = device({ before: { driver: null, override: undefined }, modalias: 'pci:x', beforeModule: null });
    expect(parseJournal(text(begin(without)))?.devices).toEqual([without]);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'garbage\n'],
    ['another line first', text(end('bound'), begin(device()))],
    ['no devices', '{"kind":"begin","version":1,"boot":null}\n'],
    ['devices that are no list', '{"kind":"begin","version":1,"boot":null,"devices":7}\n'],
    ['another version', text({ ...(begin(device()) as object), version: 2 } as never)],
  ])('parseJournal takes no journal for one with %s', (_what, journal) => {
    expect(parseJournal(journal)).toBeNull();
  });

  test.each<[object]>([
    [{ name: '../x' }],
    [{ name: '' }],
    [{ name: '.' }],
    [{ name: '..' }],
    [{ name: 'a\nb' }],
    [{ name: 7 }],
    [{ bus: 'a/b' }],
    [{ bus: null }],
    [{ path: '../../etc' }],
    [{ path: '/devices/x' }],
    [{ path: 'x/devices/' }],
    [{ path: 7 }],
    [{ modalias: 7 }],
    [{ modalias: undefined }],
    [{ beforeModule: { a: 1 } }],
    [{ before: null }],
    [{ before: 7 }],
    [{ before: undefined }],
    [{ before: 'e1000e' }],
    [{ after: null }],
    [{ before: { driver: '../../x', override: null } }],
    [{ before: { driver: undefined, override: null } }],
    [{ after: { driver: 'a\0', override: null } }],
    [{ before: { driver: 'x', override: 'a\nb' } }],
    [{ before: { driver: 'x', override: 'a\0b' } }],
    [{ after: { driver: 'x', override: 7 } }],
  ])('parseJournal takes none whose device could lead a write astray: %j', (change) => {
    const journal = text(begin(device(), device(change)));
    expect(parseJournal(journal)).toBeNull();
    expect(isDamaged(journal)).toBe(true);
  });

  test('parseJournal takes none with a device that is nothing', () => {
    expect(parseJournal(text(begin(null as never)))).toBeNull();
  });

  test('parseJournal takes an override with a slash or a space, which only is written to a file', () => {
    expect(parseJournal(text(begin(device({ before: { driver: null, override: 'a/b c' } }))))).not.toBeNull();
  });
});

test.each([
  ['', false],
  ['{"kind":"begin","ver', false],
  ['garbage', false],
  ['garbage\n', true],
  ['\n', true],
  [text(end('bound')), true],
  [text(begin(device())), false],
  [`${text(begin(device()))}garbage\n`, false],
])('isDamaged of %j is %s: only a whole first line can be', (journal, damaged) => {
  expect(isDamaged(journal)).toBe(damaged);
});
