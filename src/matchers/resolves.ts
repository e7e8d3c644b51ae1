import { needMembers, needText, needTexts } from '../arguments.ts';
import { ModaliasError } from '../errors.ts';
import { type Choice, withPrefix } from '../lookup/alias-index.ts';
import { underscored } from '../pattern/normalize.ts';
import { type Aliases, aliasesOf } from './aliases-of.ts';
import { explained, needDevice, needModalias, shown, type Verdict } from './verdict.ts';

/** Whether a modalias resolves to what is expected; see `ModaliasMatchers.toResolve`. */
export function resolves(
  received: unknown,
  modalias: string,
  expected?: string | readonly string[],
  choice: Choice = {},
): Verdict {
  needModalias(modalias);
  if (Array.isArray(expected)) needTexts('expected', expected);
  else if (expected !== undefined) needText('expected', expected as string);
  needMembers('choice', choice, ['prefix', 'rank']);
  const aliases = aliasesOf('received', received);
  if (expected !== undefined) needModules(aliases);
  const modules = aliases.index.modules(modalias, choice).map(underscored);
  const [best] = modules;
  if (best === undefined) needDevice(withPrefix(modalias, choice.prefix));
  const names = (typeof expected === 'string' ? [expected] : (expected ?? [])).map(underscored);
  const pass =
    expected === undefined
      ? best !== undefined
      : typeof expected === 'string'
        ? best === names[0]
        : modules.join() === names.join();
  const asked = expected === undefined ? 'a module' : names.map(shown).join(', ') || 'no module';
  const message = () =>
    [
      `expected ${shown(withPrefix(modalias, choice.prefix))} ${pass ? 'not ' : ''}to resolve to ${asked}, found ${modules.map(shown).join(', ') || 'no module'}`,
      '',
      explained(aliases, modalias, choice),
    ].join('\n');
  return {
    pass,
    message,
    ...(expected === undefined ? {} : { actual: modules.map(shown), expected: names.map(shown) }),
  };
}

function needModules({ isIndex, list }: Aliases): void {
  const nameless = isIndex ? undefined : list().find(({ module }) => module === undefined);
  if (!nameless) return;
  const message = `received: ${shown(nameless.alias)} has no module to compare with; give the line "alias PATTERN MODULE", or use toMatchModalias`;
  throw new ModaliasError('bad-argument', message);
}
