import { expect, test } from 'vitest';
import { generateAliases } from '../../src/alias/generate.ts';
import { Reader } from '../../src/binary/reader.ts';
import { buses } from '../../src/bus/buses.ts';
import { isKnown } from '../../src/bus/define/bus.ts';
import { readRows } from '../../src/bus/define/read-rows.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE, parseRelease } from '../../src/release.ts';
import { completeRow, toJsonRow } from '../../src/tables/complete-row.ts';
import { elfMachines } from '../support/elf-machines.ts';
import { Random } from '../support/random.ts';
import { randomTable } from './random-rows.ts';

const machines = ['amd64', 's390x', 'armhf', 'mips'] as const;
const cases = buses.flatMap((bus) => machines.map((machine) => ({ name: bus.name, bus, machine })));

test.each(cases)('toJsonRow keeps all that the aliases of $name depend on ($machine)', ({ bus, machine }) => {
  const { abi } = elfMachines[machine];
  const random = new Random(7);
  for (const release of [OLDEST_RELEASE, parseRelease('6.1'), parseRelease('6.12'), NEWEST_RELEASE]) {
    if (!isKnown(bus, release)) continue;
    const rows = readRows(new Reader(randomTable(bus, 60, { abi, release }, random), abi, 'random'), bus, { release });
    const again = rows.map((row) => completeRow(bus, JSON.parse(JSON.stringify(toJsonRow(bus, row))), { release }));
    expect(generateAliases([{ bus, name: 'ids', rows: again }], { release })).toEqual(
      generateAliases([{ bus, name: 'ids', rows }], { release }),
    );
  }
});
