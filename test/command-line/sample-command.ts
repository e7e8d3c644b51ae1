import type { Command } from '../../src/command-line/command.ts';

/** A command with one of each kind of option and argument, to try the frame on. */
export const sample: Command = {
  name: 'sample',
  usage: '<first> [rest..]',
  summary: 'try the frame',
  description: ['Does nothing, at some length, so that there are enough words to fold at a narrow terminal.', 'Twice.'],
  positionals: { first: { describe: 'what comes first', choices: ['one', 'two'] }, rest: { describe: 'the rest' } },
  options: {
    output: { type: 'string', alias: 'o', defaultDescription: 'file', describe: 'Write to FILE' },
    format: { choices: ['alias', 'modinfo'], default: 'alias', describe: 'What to print' },
    'no-aliases': { type: 'boolean', describe: 'Leave the aliases out' },
    jobs: { type: 'number', describe: 'How many at once' },
    tag: { type: 'array', string: true, describe: 'May be given several times' },
    'dry-run': { type: 'boolean', describe: 'Write nothing' },
  },
  examples: [['modalias sample one -', 'reads standard input']],
  exits: { 1: 'nothing was sampled' },
  run: async () => 0,
};
