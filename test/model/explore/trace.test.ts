import { expect, test } from 'vitest';
import { movesOf } from '../../../src/model/explore/trace.ts';
import { runPrograms } from '../../../src/model/explore/run.ts';
import { shellProgram } from '../../../src/model/script/shell-program.ts';
import { twoLikeNics } from '../script/machine.ts';

test('movesOf: a device that is removed is gone, and one without a driver is on no driver', () => {
  const script = `echo 0000:01:00.0 > /sys/bus/pci/drivers/e1000e/unbind\necho 1 > /sys/bus/pci/devices/0000:02:00.0/remove\n`;
  const { steps } = runPrograms([shellProgram(script, 'x.sh')], twoLikeNics());
  expect(steps.map(movesOf)).toEqual([['0000:01:00.0 on no driver'], ['0000:02:00.0 is gone']]);
  expect(steps[1]!.devices).toEqual({ '0000:02:00.0': null });
});
