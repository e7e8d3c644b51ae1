import { expect, test } from 'vitest';
import { ByteStream } from '../../src/package/byte-stream.ts';

async function* pieces(...all: readonly (readonly number[] | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const one of all) yield Uint8Array.from(one);
}

test('ByteStream: skipZeros stops before the first byte that is not zero, in whichever piece it is', async () => {
  const stream = new ByteStream(pieces([0, 0], [], [0, 7, 0, 8], [0, 0], [0]));
  expect([await stream.skipZeros(), stream.offset]).toEqual([7, 3]);
  expect([await stream.skipZeros(), stream.offset]).toEqual([7, 3]);
  expect([...(await stream.upTo(1))]).toEqual([7]);
  expect([await stream.skipZeros(), stream.offset]).toEqual([8, 5]);
  await stream.skip(1);
  expect([await stream.skipZeros(), stream.offset]).toEqual([undefined, 9]);
});

test('ByteStream: skipZeros looks at a piece as a whole, since an image may hold gigabytes of zeros', async () => {
  const zeros = new Uint8Array(16 << 20);
  zeros[zeros.length - 3] = 1;
  const stream = new ByteStream(
    (async function* () {
      yield zeros;
    })(),
  );
  const { user, system } = process.cpuUsage();
  expect([await stream.skipZeros(), stream.offset]).toEqual([1, zeros.length - 3]);
  const spent = process.cpuUsage();
  // Byte by byte it takes seconds.
  expect(spent.user + spent.system - user - system).toBeLessThan(500_000);
});
