import { describe, expect, test } from 'vitest';
import { findFaults } from '../../../src/model/findings/find.ts';
import type { FindingExample } from '../../../src/model/findings/finding-rule.ts';
import { FINDING_RULES } from '../../../src/model/findings/rules.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { readProgram } from '../../../src/model/script/read-program.ts';

function found({ machine, script, suffix = '.sh' }: FindingExample) {
  const file = `example${suffix}`;
  return findFaults([readProgram(script, file)], kernelState(BUILT_IN_MACHINES[machine]!.machine));
}

describe.each(Object.entries(FINDING_RULES))('findFaults: %s', (name, { fires, silent }) => {
  test('finds the fault of its example, with the line', () => {
    const mine = found(fires).filter(({ rule }) => rule === name);
    expect(mine.length).toBeGreaterThan(0);
    for (const { place, message } of mine) {
      expect(fires.script.split('\n')[place.line - 1]).toMatch(/\S/);
      expect(message).toMatch(/^[a-z0-9'].*[^.]$/);
    }
  });

  test('finds nothing of it in the example without the fault', () => {
    expect(found(silent).filter(({ rule }) => rule === name)).toEqual([]);
  });

  test('understands both examples', () => {
    for (const example of [fires, silent]) expect(readProgram(example.script, 'example.sh').unread).toEqual([]);
  });
});

test('findFaults: a way that is sound has no finding', () => {
  const script = [
    'dev=0000:01:00.0 pci=/sys/bus/pci',
    'modprobe vfio-pci || exit 1',
    'echo vfio-pci > $pci/devices/$dev/driver_override || exit 1',
    '[ ! -e $pci/devices/$dev/driver ] || echo $dev > $pci/devices/$dev/driver/unbind',
    'echo $dev > $pci/drivers/vfio-pci/bind',
    '[ "$(basename "$(readlink $pci/devices/$dev/driver)")" = vfio-pci ] || exit 1',
  ];
  expect(found({ machine: 'two-like-nics', script: script.join('\n') })).toEqual([]);
});
