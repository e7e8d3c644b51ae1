import { describe, expect, test } from 'vitest';
import { NEWEST_RELEASE, parseRelease } from '../../src/release.ts';
import { type RowTaker, validateModule } from '../../src/tables/validate.ts';

/** What a value comes to, and its problems; the sink is full once it has `room` of them. */
function validated(value: unknown, room = 100, take?: RowTaker) {
  const problems: string[] = [];
  const module = validateModule(
    value,
    undefined,
    {
      get full() {
        return problems.length >= room;
      },
      add: ({ code, severity, pointer, message }) => problems.push(`${severity} ${code} ${pointer}: ${message}`),
    },
    take,
  );
  return { module, problems };
}

const bad = { x: 1 };
const table = (rest: object = {}) => ({ bus: 'spi', rows: [{ name: 'a' }], ...rest });

describe('validateModule', () => {
  test('validateModule fills in what a module leaves out', () => {
    expect(validated({ module: 'm', tables: [table(), table({ name: 'ids' })] })).toMatchObject({
      module: {
        module: 'm',
        release: NEWEST_RELEASE,
        overridePrefixes: new Map(),
        tables: [
          { name: '#0', rows: [{ name: 'a' }] },
          { name: 'ids', rows: [{ name: 'a' }] },
        ],
        aliases: [],
      },
      problems: [],
    });
  });

  test('validateModule takes the release of the object, unless another is given', () => {
    const value = { module: 'm', kernel: '6.1.55' };
    expect(validated(value).module!.release).toEqual(parseRelease('6.1.55'));
    const given = validateModule(value, parseRelease('6.12'), { full: false, add: () => {} });
    expect(given!.release).toEqual(parseRelease('6.12'));
  });

  test.each<[kernel: string, problem: string, sound: boolean]>([
    [
      '99.1',
      'warning newer-release /kernel: 99.1 is newer than 7.3, the newest release whose rules are known; those of 7.3 are used',
      true,
    ],
    [
      'none',
      "error bad-release /kernel: 'none' is not a kernel release; expected two numbers first, as in 6.1 or 6.12.117",
      false,
    ],
    ['4.19', 'error bad-release /kernel: the rules of 4.19 are not known; the oldest known are those of 5.10', false],
  ])('validateModule says what is wrong with a release: %s', (kernel, problem, sound) => {
    const { module, problems } = validated({ module: 'm', kernel });
    expect([module !== undefined, problems]).toEqual([sound, [problem]]);
  });

  test.each<[what: string, overridePrefixes: unknown, problems: readonly string[]]>([
    ['an array', [], ['error bad-value /overridePrefixes: found an array, expected an object']],
    [
      'null',
      null,
      [
        'error bad-value /overridePrefixes: found null, expected an object of flag numbers and prefix words, such as {"2": "stub"}',
      ],
    ],
    [
      'a flag twice',
      { 2: 'a', '0x2': 'b' },
      ['error bad-value /overridePrefixes/0x2: found a second prefix for flag 2, expected one'],
    ],
    [
      'no flags',
      { x: 'a', y: 'b' },
      ['x', 'y'].map(
        (key) =>
          `error bad-value /overridePrefixes/${key}: found "${key}", expected a flag: a 32-bit number above 0, in quotes`,
      ),
    ],
  ])('validateModule says what is wrong with prefixes: %s', (_what, overridePrefixes, problems) => {
    expect(validated({ module: 'm', overridePrefixes })).toEqual({ module: undefined, problems });
  });

  test('validateModule leaves the rows of an unknown bus alone', () => {
    const { module, problems } = validated({ module: 'm', tables: [table({ bus: 'spy', rows: [bad] })] });
    expect([module, problems.length]).toEqual([undefined, 1]);
    expect(problems[0]).toMatch(/^error unknown-bus \/tables\/0\/bus: found "spy"/);
  });

  test('validateModule looks at no further row and no further table once there is no room for problems', () => {
    const value = () => ({ module: 'm', tables: [table({ rows: [bad, bad] }), table({ rows: [bad] }), 5] });
    expect(validated(value(), 2).problems).toHaveLength(2);
    const all = validated(value()).problems;
    expect(all.length).toBeGreaterThan(3);
    expect(all.at(-1)).toContain('/tables/2: found 5, expected a table object {bus, name, rows}');
  });

  test('validateModule gives the rows away, with their indices, and keeps none of them', () => {
    const taken: unknown[] = [];
    const value = {
      module: 'm',
      kernel: '6.12',
      overridePrefixes: { 2: 'x' },
      tables: [table({ rows: [{ name: 'a' }, bad, { name: 'b' }] })],
    };
    const { module, problems } = validated(value, 100, ({ bus, name }, index, { release, overridePrefixes }) => {
      taken.push([bus.name, name, index, release, overridePrefixes]);
      return (row, i) => taken.push([row.name, i]);
    });
    expect(taken).toEqual([
      ['spi', '#0', 0, parseRelease('6.12'), new Map([[2, 'x']])],
      ['a', 0],
      ['b', 2],
    ]);
    expect([module, problems.length]).toEqual([undefined, 2]);
    expect(validated({ module: 'm', tables: [table()] }, 100, () => () => {}).module!.tables).toMatchObject([
      { rows: [] },
    ]);
  });
});
