import { expect, test, onTestFinished, vi } from 'vitest';
import type { Command } from '../../src/command-line/command.ts';
import { helpText, helpWidth } from '../../src/command-line/help.ts';
import { commandManual, programManual } from '../../src/command-line/manual.ts';
import { commandTable } from '../../src/commands/table.ts';
import { sample } from './sample-command.ts';

test('helpText: shows usage, description, arguments, options, examples and exit statuses', () => {
  expect(helpText(commandManual(sample, 'sample'), 80)).toBe(`Usage: modalias sample [OPTION..] FIRST [REST..]

Try the frame.

Does nothing, at some length, so that there are enough words to fold at a narrow
terminal.

Twice.

Arguments:
  FIRST  what comes first (one of one, two)
  REST   the rest

Options:
  -o, --output FILE  Write to FILE
  --format FORMAT    What to print (one of alias, modinfo; default alias)
  --no-aliases       Leave the aliases out
  --jobs JOBS        How many at once
  --tag TAG          May be given several times
  --dry-run          Write nothing
  -h, --help         Show this help

Examples:
  modalias sample one -  reads standard input

Exit status:
  0  done, or the answer is yes
  1  nothing was sampled
  2  no answer: wrong usage, unreadable or malformed input
`);
});

test.each([30, 40, 60, 80, 100])('helpText: at %i columns no line is wider, but for a single word', (width) => {
  for (const manual of [commandManual(sample, 'sample'), programManual(commandTable)]) {
    const wide = helpText(manual, width)
      .split('\n')
      .filter((line) => line.length > width && !line.startsWith('  '));
    expect(wide).toEqual([]);
  }
});

test('commandTable: name, usage and summary are those of the command; each has an example and a description', async () => {
  for (const entry of commandTable) {
    const command = await entry.load();
    expect(command).toMatchObject({ name: entry.name, usage: entry.usage, summary: entry.summary });
    for (const one of [command, ...(command.subcommands ?? [])]) {
      expect(one.examples.length).toBeGreaterThan(0);
      expect(one.description.length).toBeGreaterThan(0);
    }
  }
});

test('commandManual: status 1 is explained by the commands that end with it, and by no other', async () => {
  const statuses = (command: Command) =>
    commandManual(command, command.name)
      .sections.find(({ title }) => title === 'Exit status')!
      .entries!.map(({ term, text }) => `${term} ${text}`);
  const commands = new Map((await Promise.all(commandTable.map((entry) => entry.load()))).map((c) => [c.name, c]));
  expect(statuses(commands.get('build')!)[1]).toBe('1 there were warnings, with --werror; the files are written');
  for (const name of ['completion', 'extract'])
    expect(statuses(commands.get(name)!).map((s) => s[0])).toEqual(['0', '2']);
});

test.each([
  ['120', 100],
  ['100', 100],
  ['60', 60],
  ['20', 30],
  ['', 80],
])('helpWidth: COLUMNS=%s gives %i columns, where standard output is not a terminal', (columns, width) => {
  vi.stubEnv('COLUMNS', columns);
  onTestFinished(() => void vi.unstubAllEnvs());
  const own = Object.getOwnPropertyDescriptor(process.stdout, 'columns');
  Object.defineProperty(process.stdout, 'columns', { value: undefined, configurable: true });
  onTestFinished(
    () =>
      void (own
        ? Object.defineProperty(process.stdout, 'columns', own)
        : delete (process.stdout as { columns?: number }).columns),
  );
  expect(helpWidth()).toBe(width);
});

test('helpText: texts stand beside their terms where most terms are short and the terminal is wide, else below', () => {
  const list = (width: number, ...terms: readonly string[]) => {
    const entries = terms.map((term) => ({ term, text: 'a text' }));
    return helpText({ synopsis: 'x', summary: 'x', sections: [{ title: 'T', entries }] } as never, width)
      .split('\n')
      .slice(5);
  };
  const long = 'x'.repeat(29);
  expect(list(80, 'ab', long.slice(1))).toEqual([
    '  ab                            a text',
    `  ${long.slice(1)}  a text`,
    '',
  ]);
  expect(list(80, 'ab', long)).toEqual(['  ab  a text', `  ${long}`, '      a text', '']);
  expect(list(80, 'ab', long, long).slice(0, 2)).toEqual(['  ab', '      a text']);
  expect([list(60, 'ab')[0], list(59, 'ab')[0]]).toEqual(['  ab  a text', '  ab']);
});
