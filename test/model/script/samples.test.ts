import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { KernelState } from '../../../src/driver-core/index.ts';
import { BUILT_IN_MACHINES } from '../../../src/model/machines/built-in.ts';
import { kernelState } from '../../../src/model/machines/kernel-state.ts';
import { readProgram } from '../../../src/model/script/read-program.ts';
import { type Ran, runAlone } from './machine.ts';

/** Runs of samples, each after the one before on the same machine. */
const SAMPLES: Readonly<Record<string, { machine: string; runs: readonly (readonly string[])[]; ends: string }>> = {
  'bind-group.sh': { machine: 'two-like-nics', runs: [['01:00.0'], ['8086:10d3']], ends: 'vfio-pci' },
  'setup-all.sh': { machine: 'nvme-twins', runs: [[], ['reset'], ['config']], ends: 'vfio-pci' },
  'guest-hook.sh': {
    machine: 'two-like-nics',
    runs: [
      ['100', 'pre-start'],
      ['100', 'post-stop'],
      ['100', 'pre-start'],
    ],
    ends: 'vfio-pci',
  },
  'kernel-documentation.sh': { machine: 'two-like-nics', runs: [[]], ends: 'vfio-pci' },
  'dpdk-devbind.json': { machine: 'two-like-nics', runs: [[]], ends: 'vfio-pci' },
  'sound.sh': { machine: 'two-like-nics', runs: [['0000:01:00.0'], ['0000:01:00.0']], ends: 'vfio-pci' },
  'vfio.rules': { machine: 'two-like-nics', runs: [[]], ends: 'e1000e' },
  'vfio.conf': { machine: 'two-like-nics', runs: [[]], ends: 'e1000e' },
};

const WRITES =
  /(?:>|\btee)\s+"?\S*(?:driver_override|unbind|bind|new_id|remove_id|drivers_probe|rescan)\b|"kind": "write"|ATTR\{driver_override\}=/;

describe.each(Object.entries(SAMPLES))('samples/model/%s', (name, { machine, runs, ends }) => {
  const text = readFileSync(new URL(`../../../samples/model/${name}`, import.meta.url), 'latin1');
  const ran: Ran[] = [];
  let kernel: KernelState = kernelState(BUILT_IN_MACHINES[machine]!.machine);
  for (const words of runs) {
    const one = runAlone(readProgram(text, name, { words }), kernel);
    kernel = one.kernel;
    ran.push(one);
  }

  test('is read whole', () => {
    expect(readProgram(text, name).unread).toEqual([]);
    expect(ran.flatMap(({ lines }) => lines.filter((line) => line.includes(': unread ')))).toEqual([]);
    expect(ran.map(({ status }) => status)).toEqual(runs.map(() => 0));
  });

  test('every line of it that writes to sysfs acts in one of its runs, but for what no driver here needs', () => {
    const lines = text.split('\n').flatMap((line, i) => (WRITES.test(line) && !line.startsWith('#') ? [i + 1] : []));
    const acted = new Set(
      ran.flatMap(({ lines }) => lines.filter((line) => line.includes(' > '))).map((line) => Number.parseInt(line, 10)),
    );
    const missing = lines.filter((line) => !acted.has(line));
    expect(missing.map((line) => text.split('\n')[line - 1]!.trim())).toEqual(
      name === 'setup-all.sh' ? ['echo "" > "$sysfs/devices/$bdf/driver_override"'] : [],
    );
  });

  test(`leaves the first device on ${ends}`, () => {
    expect(kernel.devices.find(({ pci }) => pci)?.driver).toBe(ends);
  });
});
