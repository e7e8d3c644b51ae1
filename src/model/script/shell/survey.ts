import { forEachChild, type SyntaxNode } from 'unbash';
import { ModaliasError } from '../../../errors.ts';
import type { Unread } from '../program.ts';
import { COMMANDS } from './commands.ts';
import { withoutPrefix } from './run-command.ts';
import type { Source } from './source.ts';

/**
 * Most characters in all of the substitutions within substitutions: each is parsed when it is looked at, and those
 * nested hundreds deep are each nearly as long as the script.
 */
const MOST_NESTED = 8 << 20;

/** Most nodes of a script. */
const MOST_NODES = 400_000;

/** Every node of a script, substitutions included. */
function* nodesOf(source: Source): Generator<{ node: SyntaxNode; source: Source }> {
  let nested = 0;
  let count = 0;
  const open: { node: SyntaxNode; source: Source }[] = [{ node: source.script, source }];
  while (open.length > 0) {
    const { node, source: own } = open.pop()!;
    if (++count > MOST_NODES)
      throw new ModaliasError('bad-script', `the script has more than ${MOST_NODES} parts`, own.place(node.pos));
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

/** What a look at a whole script shows without running it. */
export interface Survey {
  /** Names of the variables that it assigns somewhere: unset, they are empty. */
  readonly assigned: ReadonlySet<string>;
  /** Commands that are neither understood nor functions of its own. */
  readonly unread: readonly Unread[];
}

/** Looks at every command of a script. Throws `bad-script` where it has more parts than are read. */
export function survey(source: Source): Survey {
  const assigned = new Set<string>(['OPTARG', 'OPTIND', 'REPLY', 'BASH_REMATCH']);
  const functions = new Set<string>();
  const commands: { name: string; at: number; end: number; source: Source }[] = [];
  for (const { node, source: own } of nodesOf(source)) {
    for (const name of namesIn(node)) assigned.add(name);
    if (node.type === 'Function') functions.add(node.name.value);
    if (node.type !== 'Command' || !node.name) continue;
    const words = [node.name, ...node.args.filter((word) => word.type === 'Word')];
    const command = withoutPrefix(words.map(({ value }) => value));
    const plain = words[words.length - command.length] ?? node.name;
    const isShell = plain.value !== command[0];
    if (plain.parts === undefined && !isShell)
      commands.push({ name: plain.value, at: node.pos, end: node.end, source: own });
  }
  const unread = commands
    .filter(({ name }) => !functions.has(name) && !Object.hasOwn(COMMANDS, name.replace(/^.*\/s?bin\//, '')))
    .map(({ at, end, source }) => ({
      place: source.place(at),
      text: source.text.slice(at, Math.min(end, at + 200)).split('\n', 1)[0]!,
    }));
  return { assigned, unread: unread.sort((a, b) => a.place.line - b.place.line) };
}

const DECLARES = /^(?:read|local|declare|typeset|export|readonly|getopts|mapfile|readarray|unset)$/;

/** The variables that a part of a script assigns. */
function namesIn(node: SyntaxNode): string[] {
  switch (node.type) {
    case 'Assignment':
      return [node.name];
    case 'For':
    case 'Select':
      return [node.name.value];
    case 'ParameterExpansion':
      return node.operation?.type === 'Default' && node.operation.operator.endsWith('=') ? [node.parameter] : [];
    case 'ArithmeticWord':
      return /^\w+$/.test(node.value) ? [node.value] : [];
    case 'Command':
      if (!DECLARES.test(node.name?.value ?? '')) return [];
      return node.args.flatMap((word) =>
        word.type === 'Word' && /^[A-Za-z_]\w*$/.test(word.value) ? [word.value] : [],
      );
    default:
      return [];
  }
}
