import { type Command, EXIT } from '../command-line/command.ts';
import { completionModel } from '../command-line/completion-model.ts';
import { COMPLETION_SCRIPTS, type Shell } from '../command-line/completion-scripts.ts';
import { print } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { completionWords, WORD_KINDS, type WordKind } from './completion-words.ts';

/**
 * The command that prints completion scripts; `loadCommands` loads every command of the table, which lists this one
 * too.
 */
export const completion = (loadCommands: () => Promise<readonly Command[]>): Command => ({
  name: 'completion',
  usage: '[shell]',
  summary: 'print the completion script of a shell',
  description: [
    'Prints a script that completes commands, options, files, module names and device addresses. All three scripts also ship in dist/completions.',
  ],
  positionals: { shell: { choices: Object.keys(COMPLETION_SCRIPTS), describe: 'Shell to complete for' } },
  options: {
    words: { choices: [...WORD_KINDS], describe: 'Print words instead, one per line; used by the scripts' },
    line: {
      type: 'string',
      defaultDescription: 'TEXT',
      describe: 'What has been typed so far, with --sysfs and --modules',
    },
  },
  examples: [
    ['source <(modalias completion bash)', 'Enable it in the current shell; likewise for zsh'],
    ['modalias completion fish > ~/.config/fish/completions/modalias.fish', 'Install it'],
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
