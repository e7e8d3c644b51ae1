import { describe, expect, test } from 'vitest';
import { featuresOf, makeKernel } from '../src/driver-core/index.ts';
import {
  busNamed,
  completeRow,
  extractModuleBytes,
  generateAliases,
  ModaliasError,
  parseTables,
  verifyModulesDirectory,
} from '../src/index.ts';
import {
  compareReleases,
  formatFirst,
  formatRelease,
  knownRelease,
  NEWEST_RELEASE,
  OLDEST_RELEASE,
  parseRelease,
  type Release,
  seriesBefore,
  toRelease,
} from '../src/release.ts';
import { machineRoots, readGroups } from '../src/vfio/index.ts';
import { moduleShape } from './support/module-shapes.ts';

describe('parseRelease', () => {
  test.each<[text: string, major: number, minor: number, point: number | 'newest']>([
    ['6.12', 6, 12, 'newest'],
    ['6.12-amd64', 6, 12, 'newest'],
    ['7.2+deb14-amd64', 7, 2, 'newest'],
    ['6.1.55', 6, 1, 55],
    [' v6.1.55', 6, 1, 55],
    ['6.12.117+deb12-amd64', 6, 12, 117],
    ['6.1.0', 6, 1, 0],
    ['6.12.0-arch1-1', 6, 12, 0],
    ['6.12.0+', 6, 12, 0],
    ['6.12.9-200.fc41.x86_64', 6, 12, 9],
    ['6.12.10-1', 6, 12, 10],
    ['5.15.90.1-microsoft-standard-WSL2', 5, 15, 90],
  ])('parseRelease reads series and point: %s', (text, major, minor, point) => {
    expect(parseRelease(text)).toEqual({ major, minor, point });
  });

  test.each([
    '6.1.0-56-amd64',
    '5.10.0-32-686-pae',
    '5.15.0-91-generic',
    '5.14.0-503.11.1.el9_5.x86_64',
    '6.4.0-150600.21-default',
  ])("parseRelease takes a distribution's .0 before a dash and a number for any point: %s", (text) => {
    expect(parseRelease(text).point).toBe('newest');
  });

  test.each(['6.13-rc1', '6.13.0-rc5', 'v6.13-rc7-amd64'])(
    'parseRelease takes a candidate for its release: %s',
    (text) => {
      expect(parseRelease(text)).toEqual(parseRelease('6.13.0'));
    },
  );

  test.each(['', '6', '6.', 'six.one', '6.1234', '.1', '-6.1', '6.1.123456', '6.1.', '6.1.55.', '6.1. 5', '6.1.-rc1'])(
    'parseRelease refuses %j',
    (text) => {
      expect(() => parseRelease(text)).toThrow(
        `'${text}' is not a kernel release; expected two numbers first, as in 6.1 or 6.12.117`,
      );
    },
  );

  test.each(['6.01', '06.1', '6.1.05', '6.1.00-1-amd64', '00.1', 'v6.01-rc1'])(
    'parseRelease refuses a number with a further 0 before it, which no kernel prints: %s',
    (text) => {
      expect(() => parseRelease(text)).toThrow('is not a kernel release');
    },
  );

  test.each(['6.0', '6.10.0', '10.0.10'])('parseRelease takes a number that is 0 or ends with one: %s', (text) => {
    expect(formatRelease(parseRelease(text))).toBe(text);
  });
});

test('toRelease says what it found', () => {
  expect(() => toRelease(undefined as unknown as string)).toThrow('found undefined as a kernel release');
  expect(() => toRelease(6.12 as unknown as string)).toThrow('found the number 6.12 as a kernel release');
});

describe('formatRelease', () => {
  test.each(['5.10', '6.1', '6.12.9', '6.1.0'])('formatRelease is the inverse of parseRelease: %s', (text) => {
    expect(formatRelease(parseRelease(text))).toBe(text);
  });

  test('formatFirst leaves the point out where a change came with the series', () => {
    expect(['6.12.0', '6.12.9'].map((text) => formatFirst(parseRelease(text)))).toEqual(['6.12', '6.12.9']);
  });
});

test('compareReleases orders by series, then by point, the newest point last', () => {
  const sorted = ['5.10.0', '5.10.233', '5.10', '6.1.9', '6.1.10', '6.12', '7.0.0'];
  const shuffled = [...sorted].sort().map(parseRelease);
  expect(shuffled.sort(compareReleases).map(formatRelease)).toEqual(sorted);
  expect(compareReleases(parseRelease('6.12'), parseRelease('6.12'))).toBe(0);
});

test('seriesBefore knows which series a new major number followed', () => {
  const before = (text: string) => formatRelease(seriesBefore(parseRelease(text)));
  expect(['6.13', '7.0', '6.0.3'].map(before)).toEqual(['6.12', '6.19', '5.19']);
});

describe('toRelease', () => {
  test('toRelease takes a text and a release', () => {
    expect(toRelease('6.12.9')).toEqual(parseRelease('6.12.9'));
    expect(toRelease(NEWEST_RELEASE)).toBe(NEWEST_RELEASE);
  });

  test.each([
    { major: 6, minor: 12, point: 'old' },
    { major: 6, minor: 12, point: 1.5 },
    { major: 6, minor: 12 },
    { major: '6', minor: 12, point: 1 },
    { major: 6, minor: Number.NaN, point: 'newest' },
  ])('toRelease refuses %j, whose members are not those of a release', (value) => {
    expect(() => toRelease(value as never)).toThrow('found an object of another kind as a kernel release');
  });

  test('toRelease survives a structured clone, as workers send it', () => {
    expect(toRelease(structuredClone(parseRelease('6.1.55')))).toEqual(parseRelease('6.1.55'));
  });

  test.each([6.12, 6012, null, undefined, {}, { major: 6, minor: 12 }, ['6.12']])('toRelease refuses %j', (value) => {
    expect(() => toRelease(value as unknown as string)).toThrow(
      /as a kernel release; expected its text, such as '6\.12'/,
    );
    try {
      toRelease(value as unknown as string);
    } catch (error) {
      expect(error).toBeInstanceOf(ModaliasError);
      expect((error as ModaliasError).code).toBe('bad-release');
    }
  });

  test("neither a number nor an object of one's own compiles as a Release", () => {
    // @ts-expect-error: 6.12 is the number 6.12
    const number: Release = 6.12;
    // @ts-expect-error: made by parseRelease alone
    const object: Release = { major: 6, minor: 12, point: 0 };
    expect([number, object]).toHaveLength(2);
  });
});

describe('knownRelease', () => {
  test('knownRelease takes a newer release for the newest known, and says so', () => {
    const said: string[] = [];
    expect(knownRelease('99.9', (message) => said.push(message))).toBe(NEWEST_RELEASE);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^99\.9 is newer than /);
  });

  test.each([`${formatRelease(NEWEST_RELEASE)}.99`, '6.1.9999'])(
    'knownRelease knows every point of a series: %s',
    (text) => {
      const said: string[] = [];
      expect(knownRelease(text, (message) => said.push(message))).toEqual(parseRelease(text));
      expect(said).toEqual([]);
    },
  );

  test('knownRelease refuses what is older than any known', () => {
    expect(() => knownRelease('5.9.16', () => {})).toThrow(/the rules of 5\.9\.16 are not known; .* of 5\.10$/);
    expect(knownRelease(OLDEST_RELEASE, () => {})).toBe(OLDEST_RELEASE);
  });
});

describe('toRelease: the library refuses a number for a release', () => {
  const number = 6.12 as unknown as string;
  const bus = busNamed('i2c')!;

  test.each<[name: string, call: () => unknown]>([
    ['generateAliases', () => generateAliases([], { release: number })],
    ['completeRow', () => completeRow(bus, { name: 'lm75' }, { release: number })],
    ['parseTables', () => parseTables('{"module":"a"}', { release: number })],
    [
      'extractModuleBytes',
      () => extractModuleBytes(moduleShape('amd64', parseRelease('6.12')), 'a.ko', { release: number }),
    ],
    ['verifyModulesDirectory', () => verifyModulesDirectory('.', { release: number })],
    ['featuresOf', () => featuresOf(number)],
    ['makeKernel', () => makeKernel(number)],
    ['readGroups', () => readGroups(machineRoots({ sysfs: '/nonexistent', proc: '/nonexistent', release: number }))],
  ])('%s refuses 6.12, the number', async (_name, call) => {
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => undefined,
        (e: unknown) => e,
      );
    expect(error).toMatchObject({ name: 'ModaliasError', code: 'bad-release' });
    expect((error as ModaliasError).message).toMatch(/found the number 6\.12 as a kernel release/);
  });

  test('generateAliases takes a text as well as a release, and says where it is too new', () => {
    const row = completeRow(bus, { name: 'lm75' }, { release: '6.12' });
    const made = (release: string | Release) => generateAliases([{ bus, name: 'ids', rows: [row] }], { release });
    expect(made('6.12')).toEqual(made(parseRelease('6.12')));
    expect(made('99.9')).toMatchObject({ aliases: [{ alias: 'i2c:lm75' }], diagnostics: [{ code: 'newer-release' }] });
    expect(() => made('5.9')).toThrow(/the rules of 5\.9 are not known/);
  });
});
