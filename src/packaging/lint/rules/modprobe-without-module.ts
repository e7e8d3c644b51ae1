import { didYouMistype } from '../../../nearest.ts';
import { fnmatch } from '../../../pattern/fnmatch.ts';
import { normalizeAlias } from '../../../pattern/normalize.ts';
import type { LintKernel } from '../lint-input.ts';
import { kernelFolder, type LintItem, type LintRule } from '../lint-rule.ts';

/** A name in a line of modprobe.d that should lead to a module. */
interface Name {
  readonly name: string;
  readonly by: 'name' | 'pattern' | 'lookup';
  readonly what: string;
  readonly file: string;
  readonly line: number;
}

export const modprobeWithoutModule: LintRule = {
  severity: 'note',
  needs: 'modprobe.d',
  what: 'a line of modprobe.d names no module that exists',
  why: 'modprobe skips such a line without a word: a mistyped blacklist or softdep does nothing, options are never set. That is intended where one file serves several kernels, and for install lines that invent a name. softdep, install and remove lines take patterns; options lines, and the modules that a softdep or weakdep line loads, may also be aliases; blacklist takes module names only.',
  fix: 'Correct the name, or remove the line.',
  fires: kernelFolder(
    { modules: ['acme_net'], modprobe: 'options acme-nte debug=1\n' },
    '# lint DIR modprobe.d: acme_net.ko is the only module',
    'options acme-nte debug=1',
  ),
  silent: kernelFolder(
    { modules: ['acme_net', 'acme_core'], modprobe: 'options acme-net debug=1\nsoftdep acme-* pre: acme-core\n' },
    '# lint DIR modprobe.d: acme_net.ko and acme_core.ko are the modules',
    'options acme-net debug=1',
    'softdep acme-* pre: acme-core',
  ),
  across({ kernel }) {
    const open = kernel ? [...openNames(kernel)] : [];
    let aliased = open.filter(({ by }) => by === 'lookup');
    const found = new Set<Name>();
    const see = (alias: string) => {
      const pattern = normalizeAlias(alias);
      if (pattern === undefined) return;
      const hit = aliased.filter(({ name }) => fnmatch(pattern, name));
      for (const one of hit) found.add(one);
      if (hit.length > 0) aliased = aliased.filter((one) => !found.has(one));
    };
    return {
      see({ texts }) {
        if (aliased.length > 0) for (const text of texts) see(text);
      },
      *done(): Generator<LintItem & { readonly module: string }> {
        if (!kernel || open.length === 0) return;
        if (aliased.length > 0) for (const alias of kernel.knownAliases()) see(alias);
        const names = [...kernel.loadable!, ...kernel.builtin!];
        for (const one of open) {
          const { name, by, what, file, line } = one;
          if (found.has(one)) continue;
          const also = {
            name: 'neither a module nor built in',
            pattern: 'no module and nothing built in',
            lookup: 'neither a module, nor built in, nor an alias',
          };
          const is = by === 'pattern' ? `'${name}' matches ${also.pattern}` : `${name} is ${also[by]}`;
          yield { module: name, file, line, message: `${what}: ${is}${didYouMistype(name, names)}` };
        }
      },
    };
  },
};

/** Names that are not those of modules; some of them may be aliases. */
function* openNames({ modprobe, loadable, builtin }: LintKernel): Generator<Name> {
  if (!modprobe || !loadable || !builtin) return;
  const commands = new Set(modprobe.commands.map(({ module }) => module));
  const isThere = (name: string) => loadable.has(name) || builtin.has(name);
  const matches = (pattern: string) =>
    isThere(pattern) || (/[*?[]/.test(pattern) && [...loadable, ...builtin].some((name) => fnmatch(pattern, name)));
  const aliases = new Set(modprobe.aliases.map(({ pattern }) => pattern));
  for (const { module: name, file, line } of modprobe.blacklist)
    if (!isThere(name)) yield { name, by: 'name', what: 'blacklist', file, line };
  for (const { module: name, file, line } of modprobe.options)
    if (!isThere(name) && !aliases.has(name)) yield { name, by: 'lookup', what: 'options', file, line };
  for (const { kind, module: name, file, line } of modprobe.commands)
    if (!matches(name)) yield { name, by: 'pattern', what: kind, file, line };
  for (const { module: name, pre, post, weak, file, line } of modprobe.dependencies) {
    const what = weak.length > 0 ? 'weakdep' : 'softdep';
    if (!matches(name)) yield { name, by: 'pattern', what, file, line };
    for (const target of [...pre, ...post, ...weak]) {
      const other = normalizeAlias(target);
      if (other !== undefined && !isThere(other) && !commands.has(other) && !aliases.has(other))
        yield { name: other, by: 'lookup', what: `${what} ${name}`, file, line };
    }
  }
}
