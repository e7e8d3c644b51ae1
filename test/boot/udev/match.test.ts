import { expect, test } from 'vitest';
import type { UdevDevice } from '../../../src/boot/udev/device.ts';
import { eventSteps } from '../../../src/boot/udev/event.ts';
import { matchToken } from '../../../src/boot/udev/match.ts';
import { rulesOf } from '../../../src/boot/udev/rules.ts';
import { memoryFiles } from '../memory-stage.ts';

const device = (
  name: string,
  subsystem: string,
  attributes: Readonly<Record<string, string>>,
  parents: readonly UdevDevice[] = [],
): UdevDevice => ({
  name,
  path: `devices/${name}`,
  subsystem,
  uevent: new Map([['MODALIAS', `${subsystem}:x`]]),
  attribute: (attribute) => attributes[attribute],
  exists: (path) => path in attributes,
  parents: () => parents,
});
const bridge = device('0000:00:01.0', 'pci', { vendor: '0x1111', only: 'above' });
const card = device('0000:01:00.0', 'pci', { vendor: '0x8086' }, [bridge]);

/** What a match of a rule says of the card. */
function answer(text: string) {
  const [rule] = rulesOf(`${text}, NAME="x"`, 'f').rules;
  const context = {
    device: card,
    isSubject: false,
    files: memoryFiles({}),
    env: new Map(card.uevent),
    tags: new Set(['t']),
  };
  return matchToken(rule!.matches[0]!, context);
}

test.each([
  ['ATTR{vendor}=="0x8086"', 'yes'],
  ['ATTR{vendor}!="0x8086"', 'no'],
  // A missing attribute matches neither (udev-rules.c:token_match_attr).
  ['ATTR{none}=="x"', 'no'],
  ['ATTR{none}!="x"', 'no'],
  ['ATTRS{vendor}=="0x8086"', 'yes'],
  ['ATTRS{vendor}=="0x1111"', 'yes'],
  ['ATTRS{only}=="above"', 'yes'],
  ['ATTRS{vendor}=="0x2222"', 'no'],
  ['KERNELS=="0000:01:00.0"', 'yes'],
  ['KERNELS=="0000:00:01.0"', 'yes'],
  ['KERNEL=="0000:00:01.0"', 'no'],
  ['KERNEL=="*:01:*|other"', 'yes'],
  ['ACTION!="add"', 'no'],
  ['TAG=="t"', 'yes'],
  ['ENV{MODALIAS}=="pci:*"', 'yes'],
  ['ENV{NONE}==""', 'yes'],
  ['ENV{ID_PATH}==""', 'unknown'],
  ['TEST=="vendor"', 'yes'],
  ['TEST!="none"', 'yes'],
])('matchToken: %s is %s', (text, expected) => {
  expect(answer(text)).toBe(expected);
});

/** The modules that rules have loaded, in order; `?` before one that hangs on something that is not known. */
function loads(text: string): string[] {
  const { rules } = rulesOf(text, 'f');
  const effects = {
    write: () => [],
    run: () => [],
    start: () => {},
    load: (names: readonly string[]) =>
      names.map((module) => ({ event: { kind: 'load' as const, module }, because: [] })),
  };
  return eventSteps(rules, card, false, memoryFiles({}), effects).flatMap((step) => {
    if (step.kind !== 'act' || typeof step.event === 'function' || step.event?.kind !== 'load') return [];
    return `${step.needs.length > 0 ? '?' : ''}${step.event.module}`;
  });
}

const LOAD = 'RUN{builtin}+="kmod load';

test.each<[what: string, rules: string, loaded: readonly string[]]>([
  ['all that was added', `${LOAD} a"\n${LOAD} b"`, ['a', 'b']],
  ['none that an assignment replaced', `${LOAD} a"\nRUN{builtin}="kmod load b"`, ['b']],
  ['what may have been replaced', `${LOAD} a"\nENV{ID_X}=="1", RUN{builtin}="kmod load b"`, ['a', '?b']],
  ['none that is jumped over', `GOTO="end"\n${LOAD} a"\nLABEL="end", ${LOAD} b"`, ['b']],
  ['what may be jumped over', `ENV{ID_X}=="1", GOTO="end"\n${LOAD} a"\nLABEL="end", ${LOAD} b"`, ['?a', 'b']],
])('eventSteps runs %s', (_what, rules, loaded) => {
  expect(loads(rules)).toEqual(loaded);
});

test('eventSteps ends a jump with its file (udev-rules.c:rule_resolve_goto)', () => {
  const rules = [...rulesOf('GOTO="end"\n', 'a').rules, ...rulesOf(`${LOAD} b"\n`, 'b').rules];
  const effects = {
    write: () => [],
    run: () => [],
    start: () => {},
    load: () => [{ event: { kind: 'load' as const, module: 'b' }, because: [] }],
  };
  expect(eventSteps(rules, card, false, memoryFiles({}), effects)).toHaveLength(1);
});
