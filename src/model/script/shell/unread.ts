import { forEachChild, type SyntaxNode } from 'unbash';
import { ModaliasError } from '../../../errors.ts';
import type { Unread } from '../program.ts';
import { COMMANDS } from './commands.ts';
import { isPrefix } from './run-command.ts';
import type { Source } from './source.ts';

/**
 * Most characters in all of the substitutions within substitutions: each is parsed when it is looked at, and those
 * nested hundreds deep are each nearly as long as the script.
 */
const MOST_NESTED = 8 << 20;

/** Every node of a script, substitutions included. */
function* nodesOf(source: Source): Generator<{ node: SyntaxNode; source: Source }> {
  let nested = 0;
  const open: { node: SyntaxNode; source: Source }[] = [{ node: source.script, source }];
  while (open.length > 0) {
    const { node, source: own } = open.pop()!;
    yield { node, source: own };
    if (
      node.type === 'CommandExpansion' ||
      node.type === 'ProcessSubstitution' ||
      node.type === 'ArithmeticExpansion'
    ) {
      nested += node.end - node.pos;
      if (nested > MOST_NESTED)
        throw new ModaliasError('bad-script', 'substitutions are nested too deeply to be read', own.place(node.pos));
    }
    const place = own.place(node.pos);
    const within =
      node.type === 'Script' && node.source !== undefined ? { ...own, text: node.source, place: () => place } : own;
    forEachChild(node, (child) => open.push({ node: child, source: within }));
  }
}

/** Names of the variables that a script assigns somewhere: unset, they are empty. */
export function assignedNames(source: Source): ReadonlySet<string> {
  const names = new Set<string>(['OPTARG', 'OPTIND', 'REPLY', 'BASH_REMATCH']);
  for (const { node } of nodesOf(source)) {
    if (node.type === 'Assignment') names.add(node.name);
    else if (node.type === 'For' || node.type === 'Select') names.add(node.name.value);
    else if (
      node.type === 'ParameterExpansion' &&
      node.operation?.type === 'Default' &&
      node.operation.operator.endsWith('=')
    )
      names.add(node.parameter);
    else if (node.type === 'ArithmeticWord' && /^\w+$/.test(node.value)) names.add(node.value);
    else if (
      node.type === 'Command' &&
      /^(?:read|local|declare|typeset|export|readonly|getopts|mapfile|readarray|unset)$/.test(node.name?.value ?? '')
    )
      for (const word of node.args)
        if (word.type === 'Word' && /^[A-Za-z_]\w*$/.test(word.value)) names.add(word.value);
  }
  return names;
}

/** Commands that are neither understood nor functions of the script, found without running it. */
export function unreadCommands(source: Source): readonly Unread[] {
  const functions = new Set<string>();
  const commands: { name: string; at: number; source: Source }[] = [];
  for (const { node, source: own } of nodesOf(source)) {
    if (node.type === 'Function') functions.add(node.name.value);
    if (node.type !== 'Command' || !node.name) continue;
    const words = [node.name, ...node.args.filter((word) => word.type === 'Word')];
    const plain = words.find(({ value }) => !isPrefix(value) && !/^-|=/.test(value)) ?? node.name;
    if (plain.parts === undefined) commands.push({ name: plain.value, at: node.pos, source: own });
  }
  const unread = commands.filter(
    ({ name }) => !functions.has(name) && !Object.hasOwn(COMMANDS, name.replace(/^.*\/s?bin\//, '')),
  );
  const found = unread.map(({ at, source }) => ({
    place: source.place(at),
    text: source.text.slice(at, at + 200).split('\n', 1)[0]!,
  }));
  return found.sort((a, b) => a.place.line - b.place.line);
}
