import { type Command, EXIT } from '../command-line/command.ts';
import { completionModel } from '../command-line/completion-model.ts';
import { COMPLETION_SCRIPTS, type Shell } from '../command-line/completion-scripts.ts';
import { print } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { completionWords, WORD_KINDS, type WordKind } from './completion-words.ts';

/** The command that prints completion scripts; `loadCommands` loads every command of the table that it stands in itself. */
export const completion = (loadCommands: () => Promise<readonly Command[]>): Command => ({
  name: 'completion',
  usage: '[shell]',
  summary: 'print the completion script of a shell',
  description: [
    'Prints a script that completes commands, options, files, module names and device addresses. The package has the three scripts ready made in dist/completions.',
  ],
  positionals: { shell: { choices: Object.keys(COMPLETION_SCRIPTS), describe: 'The shell' } },
  options: {
    words: { choices: [...WORD_KINDS], describe: 'Print words instead, one a line; the scripts call this' },
    line: {
      type: 'string',
      defaultDescription: 'TEXT',
      describe: 'What has been typed so far, with --sysfs and --modules',
    },
  },
  examples: [
    ['source <(modalias completion bash)', 'Try it in this shell; zsh likewise'],
    ['modalias completion fish > ~/.config/fish/completions/modalias.fish', 'Keep it'],
  ],
  async run(args) {
    if (typeof args.words === 'string') {
      await print(
        (await completionWords(args.words as WordKind, args.line as string | undefined))
          .map((word) => `${word}\n`)
          .join(''),
      );
      return EXIT.ok;
    }
    const shell = args.shell as Shell | undefined;
    if (shell === undefined) {
      const shells = Object.keys(COMPLETION_SCRIPTS).join(', ');
      throw new ModaliasError('usage', `completion: name the SHELL, one of ${shells} (modalias completion --help)`);
    }
    await print(COMPLETION_SCRIPTS[shell](completionModel(await loadCommands())));
    return EXIT.ok;
  },
});
