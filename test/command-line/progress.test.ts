import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { progressLine, startProgress } from '../../src/command-line/progress.ts';

describe('progressLine', () => {
  test.each([
    [1000, 4000, 2, 'reading modules [######..................] 1000/4000, 500/s, 6 s left'],
    [0, 10, 0, 'reading modules [........................] 0/10, 0/s'],
    [10, 10, 1, 'reading modules [########################] 10/10, 10/s, 0 s left'],
    [1, 601, 1, 'reading modules [........................] 1/601, 1/s, 10 min 0 s left'],
    [1, 60, 1, 'reading modules [........................] 1/60, 1/s, 59 s left'],
    [1, 61, 1, 'reading modules [........................] 1/61, 1/s, 1 min 0 s left'],
  ])('progressLine after %d of %d in %d s', (done, total, seconds, expected) => {
    expect(progressLine('reading modules', done, total, seconds)).toBe(expected);
  });

  test.each([
    [62, 'reading modules [############............] 1/2, 1/s, 1 s left'],
    [61, 'reading modules 1/2, 1/s, 1 s left'],
    [35, 'reading modules 1/2, 1/s, 1 s left'],
    [34, 'reading modules 1/2, 1 s left'],
    [20, '1/2'],
    [3, '1/'],
  ])('progressLine leaves the last of %d columns free, and drops the bar first', (columns, line) => {
    expect(progressLine('reading modules', 1, 2, 1, columns)).toBe(line);
  });
});

describe('startProgress', () => {
  const terminal = (isTTY: boolean) =>
    Object.assign(new PassThrough(), { isTTY, columns: 80 }) as unknown as NodeJS.WriteStream;
  const written = (stream: NodeJS.WriteStream) => String((stream as unknown as PassThrough).read() ?? '');

  test('startProgress writes nothing where there is no terminal', () => {
    const stream = terminal(false);
    const bar = startProgress('x', 3, stream);
    bar.advance();
    bar.finish();
    expect(written(stream)).toBe('');
  });

  test('startProgress writes nothing where there is nothing to do', () => {
    const stream = terminal(true);
    startProgress('x', 0, stream).advance();
    expect(written(stream)).toBe('');
  });

  test('startProgress draws ten times a second at most, and not after its end', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
    try {
      const stream = terminal(true);
      const bar = startProgress('reading', 4, stream);
      const drawnAt = (time: number) => {
        clock.mockReturnValue(time);
        bar.advance();
        return written(stream) !== '';
      };
      expect([1000, 1099, 1100, 1150, 1200].map(drawnAt)).toEqual([true, false, true, false, true]);
      bar.clear();
      expect(written(stream)).toBe('\r\x1b[K');
      bar.finish();
      written(stream);
      expect(drawnAt(2000)).toBe(false);
      bar.clear();
      bar.finish();
      expect(written(stream)).toBe('');
    } finally {
      clock.mockRestore();
    }
  });

  test('startProgress draws over its line and takes it away at the end', () => {
    const stream = terminal(true);
    const bar = startProgress('reading', 4, stream);
    bar.advance();
    bar.finish();
    bar.advance();
    bar.finish();
    expect(written(stream)).toMatch(/^\r\x1b\[Kreading \[#{6}\.{18}\] 1\/4, .*\r\x1b\[K$/);
  });
});
