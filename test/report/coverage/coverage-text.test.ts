import { expect, test } from 'vitest';
import { type Coverage, summarizeCoverage } from '../../../src/packaging/coverage/coverage.ts';
import { formatCoverageText, kernelTitle } from '../../../src/report/coverage/coverage-text.ts';

const two = (i: number) => String(i).padStart(2, '0');

/** Devices that two kernels tell apart: each is lost, on a machine and of a vendor of its own, and has a fault. */
function lost(count: number, fault?: string): Coverage {
  const answer = (state: string, modules: readonly string[]) => ({ state, modules });
  return {
    kernels: ['old', 'new'].map((name) => ({ name, side: { release: null } })),
    machines: Array.from({ length: count }, (_, i) => `m${two(i)}`),
    devices: Array.from({ length: count }, (_, i) => ({
      ...{ modalias: two(i), unknown: [], count: 1, machines: [i] },
      ...(fault === undefined ? {} : { fault }),
      answers: [answer('module', ['a']), answer('none', [])],
      changes: fault === undefined ? [{ class: 'lost', from: 0, to: 1 }] : [],
    })),
  } as unknown as Coverage;
}

function lines(coverage: Coverage): string[] {
  const namesOf = (modalias: string) => ({ vendor: `V${modalias}`, device: null });
  const style = { width: 10_000, namesOf, all: false, listed: new Set<never>() };
  return formatCoverageText(coverage, summarizeCoverage(coverage), style).split('\n');
}

const words = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `m${two(from + i)} (1 lost)`).join(' ');

test('formatCoverageText names 20 machines that lose a device, and counts those beyond', () => {
  const of = (count: number) => lines(lost(count)).find((line) => line.startsWith('machines that lose'));
  const title = (count: number) => `machines that lose a device or its own driver (${count}):`;
  expect(of(20)).toBe(`${title(20)} ${words(0, 20)}`);
  expect(of(22)).toBe(`${title(22)} ${words(0, 20)} and 2 more`);
});

test('formatCoverageText names 10 vendors, and counts those beyond', () => {
  const of = (count: number) => {
    const all = lines(lost(count));
    return all.slice(all.indexOf('by vendor') + 1, -1);
  };
  const vendors = Array.from({ length: 10 }, (_, i) => `V0${i}: 1 lost`);
  expect(of(10).map((line) => line.trim())).toEqual(vendors);
  expect(of(11).map((line) => line.trim())).toEqual([...vendors, 'and 1 more']);
});

test('formatCoverageText lists 20 devices that are miswritten, and counts those beyond', () => {
  const of = (count: number) => lines(lost(count, 'two colons')).filter((line) => /^ *(V\d|and)/.test(line));
  expect(of(20)).toHaveLength(20);
  expect(of(21)).toHaveLength(21);
  expect(of(21).at(-1)).toBe('  and 1 more (--all lists every device)');
});

test('formatCoverageText says how many machines have a device, where there are several or it is there more than once', () => {
  const listed = (count: number, of = 1) => {
    const coverage = lost(count);
    const devices = coverage.devices.map((device) => ({ ...device, count: of }));
    const style = { width: 100, namesOf: () => ({ vendor: null, device: null }), all: true, listed: new Set<never>() };
    return formatCoverageText({ ...coverage, devices }, summarizeCoverage(coverage), style)
      .split('\n')
      .filter((line) => /^ {2}\d\d/.test(line));
  };
  expect([listed(1), listed(1, 2), listed(2)]).toEqual([['  00'], ['  00 (2)'], ['  00 (1)', '  01 (1)']]);
});

test('formatCoverageText lists what is not served and what is miswritten by itself, unless all devices are listed', () => {
  const titles = (all: boolean) => {
    const [one] = lost(1).devices;
    const devices = [one!, { ...one!, fault: 'x' }].map((device) => ({
      ...device,
      answers: [device.answers[1]!],
      changes: [],
    }));
    const coverage = { ...lost(1), kernels: lost(1).kernels.slice(0, 1), devices };
    const style = { width: 100, namesOf: () => ({ vendor: null, device: null }), all, listed: new Set<never>() };
    return formatCoverageText(coverage, summarizeCoverage(coverage), style).match(
      /^(?:not served|miswritten|devices) \(\d\)/gm,
    );
  };
  expect([titles(false), titles(true)]).toEqual([['not served (1)', 'miswritten (1)'], ['devices (2)']]);
});

test('formatCoverageText puts kernels beside each other where they fit', () => {
  const beside = (width: number) => {
    const style = { width, namesOf: () => ({ vendor: null, device: null }), all: false, listed: new Set<never>() };
    return /^module +1 +-$/m.test(formatCoverageText(lost(1), summarizeCoverage(lost(1)), style));
  };
  expect([beside(24), beside(23)]).toEqual([true, false]);
});

test('formatCoverageText counts devices and machines of each step, and says where nothing changes', () => {
  const told = (count: number, more: Partial<Coverage> = {}) => {
    const coverage = { ...lost(count), ...more };
    const style = { width: 100, namesOf: () => ({ vendor: null, device: null }), all: false, listed: new Set<never>() };
    return formatCoverageText(coverage, summarizeCoverage(coverage), style).split('\n\n');
  };
  expect(told(1)[0]).toBe('old -> new: 1 device of 1 machine');
  expect(told(2)[0]).toBe('old -> new: 2 devices of 2 machines');
  expect(told(1)[2]).toBe('old -> new\n  lost (1) on 1 machine: no module serves them any more');
  expect(told(2)[2]).toContain('lost (2) on 2 machines: ');
  const devices = lost(1).devices.map((device) => ({ ...device, machines: [] as never, changes: [] }));
  expect(told(1, { devices, machines: [] })).toEqual([
    'old -> new: 1 device',
    '             old     new\nmodule         1       -\nnone           -       1',
    'old -> new: nothing changes\n',
  ]);
});

test('formatCoverageText lists the devices of the classes that are asked for, with what is known of them', () => {
  const coverage = lost(1);
  const devices = [{ ...coverage.devices[0]!, unknown: ['ic', 'ip'], count: 3 }];
  const namesOf = () => ({ vendor: 'Maker\x1b', device: 'Card' });
  const told = (listed: readonly string[]) => {
    const style = { width: 100, namesOf, all: false, listed: new Set(listed) as never };
    return formatCoverageText({ ...coverage, devices }, summarizeCoverage(coverage), style)
      .split('\n\n')
      .at(-1);
  };
  expect(told(['lost'])).toBe(
    'lost (1): no module serves them any more\n  00 (3)\n      Maker? Card\n      a -> none without ic, ip\n',
  );
  expect(told(['gained'])).toMatch(/^by vendor/);
});

test('kernelTitle names the release of a kernel where that is not its name', () => {
  const kernels = [
    { name: 'old', side: { release: '6.1' } },
    { name: '6.12', side: { release: '6.12' } },
    { name: 'x', side: { release: null } },
  ];
  expect(kernelTitle({ kernels } as unknown as Coverage)).toBe('old (6.1) -> 6.12 -> x');
});
