import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeTree } from '../../support/modules-tree.ts';
import { aliasOf, change, soundTree, verified } from './sound-tree.ts';

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
