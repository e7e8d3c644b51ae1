import { ModaliasError } from '../../errors.ts';
import type { Program } from './program.ts';
import { parseRecipe, recipeProgram } from './recipe.ts';
import { type ShellOptions, shellProgram } from './shell-program.ts';

/**
 * What a file does to the kernel, as a program for the model: a recipe in JSON or a script of POSIX sh or bash. `text`
 * is latin1. Throws `bad-script` or the errors of recipes where it cannot be read at all.
 */
export function readProgram(text: string, file: string, options: ShellOptions = {}): Program {
  if (text.trim() === '')
    throw new ModaliasError('bad-script', 'the file is empty, expected a script or a recipe', { file });
  if (/^\s*\{/.test(text)) return recipeProgram(parseRecipe(Buffer.from(text, 'latin1').toString(), file));
  return shellProgram(text, file, options);
}
