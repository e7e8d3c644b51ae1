import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeTree } from '../../support/modules-tree.ts';
import { grouped } from '../../../src/grouped.ts';
import { verifyLines } from '../../../src/packaging/verify/verify-lines.ts';
import { aliasOf, change, soundTree, verified } from './sound-tree.ts';

/** What is wrong with the lines of a modules.alias that should have these, but for its head. */
function lineFaults(lines: readonly string[], should: readonly string[], unsure = (_module: string) => false) {
  const pairs = should.map((one) => one.split(' ') as [string, string]);
  const kind = {
    file: 'modules.alias',
    missing: 'missing-in-text',
    extra: 'extra-in-text',
    source: 'the modules',
    known: () => true,
  } as const;
  const text = ['# Aliases extracted from modules themselves.', ...lines].map((one) => `${one}\n`).join('');
  const modules = grouped(pairs, ([, module]) => module);
  const aliases = [...modules].map(([module, own]) => ({ module, aliases: own.map(([alias]) => alias) }));
  return verifyLines(text, aliases, kind, unsure).causes.flatMap(({ rule, items }) =>
    items.map(({ line, module, alias }) => [rule, line, module, alias].filter((one) => one !== undefined).join(' ')),
  );
}
const aliasLines = (...lines: readonly string[]) => lines.map((one) => `alias ${one}`);
const SHOULD = ['a one', 'b one', 'c two', 'd two'];

test('verifyLines takes garbage behind a strange line for what belongs behind the last line that is known', () => {
  const lines = aliasLines('a one', 'strange three', 'garbage', 'c two', 'd two');
  expect(lineFaults(lines, SHOULD)).toEqual(['malformed-line 4 one b', 'extra-in-text 3 three strange']);
});

test('verifyLines takes garbage at the start for the first alias, and for none that stands elsewhere', () => {
  expect(lineFaults(aliasLines('garbage', 'b one', 'c two', 'd two'), SHOULD)).toEqual(['malformed-line 2 one a']);
  expect(lineFaults(aliasLines('garbage', 'a one', 'c two', 'd two'), SHOULD)).toEqual([
    'malformed-line 2',
    'missing-in-text one b',
  ]);
});

test('verifyLines knows an alias without its module wherever it stands, if it is missing', () => {
  expect(lineFaults(aliasLines('a one', 'b one', 'd two', 'c'), SHOULD)).toEqual(['malformed-line 5 two c']);
  expect(lineFaults(aliasLines(...SHOULD, 'c'), SHOULD)).toEqual(['malformed-line 6']);
});

test('verifyLines takes as many garbage lines as there are for one alias each', () => {
  expect(lineFaults(['%', '%', '%', ...aliasLines('c two', 'd two')], SHOULD)).toEqual([
    'malformed-line 2 one a',
    'malformed-line 3 one b',
    'malformed-line 4',
  ]);
});

test('verifyLines takes a line for repeated where its module has the alias less often, and not where it has none', () => {
  const twice = ['a one', 'a one', 'b one', 'c two'];
  expect(lineFaults(aliasLines(...twice, 'a one'), twice)).toEqual(['repeated-line 6 one a']);
  expect(lineFaults(aliasLines('a one', 'b one', 'c two'), twice)).toEqual(['missing-in-text one a']);
  expect(lineFaults(aliasLines(...SHOULD, 'z two', 'z two'), SHOULD)).toEqual([
    'extra-in-text 7 two z',
    'extra-in-text 7 two z',
  ]);
});

test('verifyLines does not speak of repeated lines in a file of other modules', () => {
  const names = Array.from({ length: 10 }, (_, i) => `m${i}`);
  const should = names.map((name) => `${name} ${name}`);
  const missing = (count: number) => new Set(lineFaults(aliasLines('m9 m9', ...should.slice(count)), should));
  expect([...missing(8)].filter((one) => !one.startsWith('missing'))).toEqual(['repeated-line 4 m9 m9']);
  expect([...missing(9)].filter((one) => !one.startsWith('stale'))).toEqual([]);
});

test('verifyLines leaves out modules that nothing certain is known of, but what its lines are themselves', () => {
  const lines = aliasLines('a one', '%', 'c two', 'c two', 'd two');
  expect(lineFaults(lines, SHOULD, (module) => module === 'one')).toEqual([
    'malformed-line 3 one b',
    'repeated-line 5 two c',
  ]);
  expect(lineFaults(aliasLines('c two'), SHOULD, (module) => module === 'one')).toEqual(['missing-in-text two d']);
});

let root: string;
beforeEach(async () => {
  root = await soundTree();
});
afterEach(() => removeTree(root));
const changeText = (edit: (text: string) => string) => change(root, 'modules.alias', edit);
const line = (n: number) => `alias ${aliasOf(n)} m${n}\n`;
const file = () => join(root, 'modules.alias');

describe('verifyLines', () => {
  test('verifyLines tells a doubled line as one that repeats another', async () => {
    changeText((text) => text.replace(line(3), line(3).repeat(2)));
    expect((await verified(root)).findings).toMatchObject([
      { rule: 'repeated-line', module: 'm3', alias: aliasOf(3), table: 'ids', row: 0, file: file(), line: 6, count: 1 },
    ]);
  });

  test('verifyLines names the first of the lines that a line repeats, however many there are', async () => {
    changeText((text) => text.replace(line(3), line(3).repeat(3)));
    const { findings } = await verified(root, { all: true });
    expect(findings.map((finding) => [finding.line, finding.message.slice(0, 29)])).toEqual([
      [6, 'the line repeats line 5: modp'],
      [7, 'the line repeats line 5: modp'],
    ]);
  });

  test('verifyLines shows at most 60 characters of a line that is not an alias', async () => {
    for (const [length, shown] of [
      [60, `"${'%'.repeat(60)}"`],
      [61, `"${'%'.repeat(60)}..."`],
    ] as const) {
      change(root, 'modules.alias', (text) => text.replace(/^(alias .* m3\n)(%+\n)?/m, `$1${'%'.repeat(length)}\n`));
      expect((await verified(root)).findings[0]!.message).toContain(`found ${shown}`);
    }
  });

  test.each([
    [8, 'missing-in-text', 8],
    [9, 'stale-index', 1],
  ])('verifyLines tells what %i modules lack as %s', async (count, rule, findings) => {
    changeText((text) => Array.from({ length: count }, (_, i) => line(i)).reduce((t, one) => t.replace(one, ''), text));
    const found = await verified(root);
    expect(found.rules).toEqual(Array.from({ length: findings }, () => rule));
  });

  test('verifyLines tells a line without its module once, with the module and the row that it is missing from', async () => {
    changeText((text) => text.replace(line(3), `alias ${aliasOf(3)}\n`));
    const { findings } = await verified(root);
    expect(findings).toMatchObject([
      { rule: 'malformed-line', module: 'm3', alias: aliasOf(3), table: 'ids', row: 0, file: file(), line: 5 },
    ]);
    expect(findings[0]!.message).toContain(`expected "alias PATTERN MODULE", found "alias ${aliasOf(3)}`);
  });

  test('verifyLines tells garbage in place of lines once, with the aliases that stood there', async () => {
    changeText((text) => text.replace(line(3) + line(4), '\x1b%$#\nalias\n'));
    const { findings } = await verified(root, { all: true });
    expect(findings).toMatchObject([
      { rule: 'malformed-line', module: 'm3', alias: aliasOf(3), row: 0, line: 5 },
      { rule: 'malformed-line', module: 'm4', alias: aliasOf(4), row: 0, line: 6 },
    ]);
    expect(findings[0]!.message).toContain('found "\\x1b%$#"');
    const [one, ...others] = (await verified(root)).findings;
    expect([one, others]).toMatchObject([{ rule: 'malformed-line', count: 2 }, []]);
  });

  test('verifyLines tells garbage between sound lines without an alias', async () => {
    changeText((text) => text.replace(line(3), `${line(3)}%$#\n`));
    expect((await verified(root)).findings).toMatchObject([
      { rule: 'malformed-line', module: null, alias: null, line: 6 },
    ]);
  });

  test('verifyLines has one finding for a file with CR LF, and tells what else is wrong with it', async () => {
    changeText((text) => text.replaceAll('\n', '\r\n'));
    expect((await verified(root)).findings).toMatchObject([{ rule: 'cr-lf', file: file(), line: 1, count: 21 }]);
    changeText((text) => text.replace(line(3).replace('\n', '\r\n'), ''));
    expect((await verified(root)).rules).toEqual(['cr-lf', 'missing-in-text']);
  });

  test('verifyLines has one finding for a file that is cut short', async () => {
    changeText((text) => text.slice(0, text.indexOf(line(5)) + 20));
    const { findings } = await verified(root);
    expect(findings).toMatchObject([{ rule: 'cut-short', file: file(), line: 7 }]);
    expect(findings[0]!.message).toContain('ends in the middle of line 7; 15 lines are lost');
    changeText(() => '');
    expect((await verified(root)).findings).toMatchObject([
      { rule: 'cut-short', message: expect.stringContaining('the file is empty') },
    ]);
  });

  test('verifyLines takes whole lines that the end lacks for missing, not for a file that is cut short', async () => {
    changeText((text) => text.slice(0, text.indexOf(line(18))));
    expect((await verified(root)).findings.map(({ rule, module }) => [rule, module])).toEqual([
      ['missing-in-text', 'm18'],
      ['missing-in-text', 'm19'],
    ]);
  });

  test('verifyLines gives an alias that is missing its table and row, and one too many its line', async () => {
    changeText((text) => text.replace(line(3), '').replace(line(7), `alias pci:v*d*sv*sd*bc*sc*i* m7\n${line(7)}`));
    expect((await verified(root)).findings).toMatchObject([
      { rule: 'missing-in-text', module: 'm3', alias: aliasOf(3), table: 'ids', row: 0, file: file(), line: null },
      { rule: 'extra-in-text', module: 'm7', table: null, row: null, file: file(), line: 8 },
    ]);
  });
});
