import { PATH_MAX } from '../../pattern/normalize.ts';
import type { LintModule } from './lint-module.ts';
import type { LintRule } from './lint-rule.ts';

/** Whether a module has nothing that a rule could find fault with, as half of the modules of a kernel. */
export function isBare({ texts, tables, drivers, diagnostics, xzCheck }: LintModule): boolean {
  return !(texts.length || tables?.length || drivers?.length || diagnostics.length || xzCheck);
}

/** Answers whether the aliases of a module have what a rule looks for. */
export function mentionsOf(module: LintModule): (what: LintRule['mentions']) => boolean {
  const lines = module.texts.join('\n');
  let repeats: boolean | undefined;
  return (what) => {
    if (what === undefined) return true;
    if (what instanceof RegExp) return what.test(lines);
    if (what !== 'repeats') return what.some((text) => lines.includes(text));
    repeats ??= mayRepeat(module, lines.includes('-'));
    return repeats;
  };
}

/** Whether two aliases may be the same to libkmod, which has `_` for `-` and cuts off what is too long. */
function mayRepeat({ texts, dropped = [], listedAgain = [] }: LintModule, hasDashes: boolean): boolean {
  if (dropped.length > 0 || listedAgain.length > 0 || texts.some(({ length }) => length >= PATH_MAX)) return true;
  const keys = hasDashes ? texts.map((text) => text.replaceAll('-', '_')) : texts;
  return new Set(keys).size < keys.length;
}
