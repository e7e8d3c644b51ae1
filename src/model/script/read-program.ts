import { ModaliasError } from '../../errors.ts';
import { modprobeLines } from './modprobe-lines.ts';
import { parsePlan, planProgram } from './plan-program.ts';
import type { Program } from './program.ts';
import { parseRecipe, recipeProgram } from './recipe.ts';
import { needShort } from './shell/source.ts';
import { type ShellOptions, shellProgram } from './shell-program.ts';
import { udevRules } from './udev-rules.ts';

/**
 * What a file does to the kernel, as a program for the model: udev rules (`.rules`), modprobe.d (`.conf`), in JSON a
 * plan of `vfio plan --json` or a recipe, else a script of POSIX sh or bash. `text` is latin1. Throws `bad-script`, or
 * what recipes and plans throw, where it cannot be read at all.
 */
export function readProgram(text: string, file: string, options: ShellOptions = {}): Program {
  if (text.trim() === '')
    throw new ModaliasError('bad-script', 'the file is empty, expected a script or a recipe', { file });
  needShort(text, file);
  if (/^\s*\{/.test(text)) {
    const json = Buffer.from(text, 'latin1').toString();
    const plan = parsePlan(parsed(json), file);
    return plan ? planProgram(plan, file) : recipeProgram(parseRecipe(json, file));
  }
  if (file.endsWith('.rules')) return udevRules(text, file);
  if (file.endsWith('.conf')) return modprobeLines(text, file);
  return shellProgram(text, file, options);
}

/** The value of a JSON text; undefined where it is none, which the reader of recipes reports. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
