import type { Command } from '../src/command-line/command.ts';
import { completionModel } from '../src/command-line/completion-model.ts';
import { COMPLETION_SCRIPTS } from '../src/command-line/completion-scripts.ts';

/** The completion scripts by the file names that the shells look for. */
export function completionScripts(commands: readonly Command[]): Record<string, string> {
  const model = completionModel(commands);
  return {
    'completions/modalias.bash': COMPLETION_SCRIPTS.bash(model),
    'completions/_modalias': COMPLETION_SCRIPTS.zsh(model),
    'completions/modalias.fish': COMPLETION_SCRIPTS.fish(model),
  };
}
