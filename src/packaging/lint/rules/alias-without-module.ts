import type { ConfigAlias } from '../../../config/modprobe-config.ts';
import { didYouMistype } from '../../../nearest.ts';
import type { LintInput, LintKernel } from '../lint-input.ts';
import { kernelFolder, type LintItem, type LintRule } from '../lint-rule.ts';

/** Modules from which on the whole file is what is wrong. */
const MANY = 10;

/** What modprobe.d(5) files have for an alias that is to load nothing. */
const NOTHING: ReadonlySet<string> = new Set(['off', 'null']);

export const aliasWithoutModule: LintRule = {
  severity: 'warning',
  needs: 'kernel',
  what: 'an alias names a module that does not exist',
  why: 'modprobe finds the alias, then no file of that name, and the device stays without a driver. In modules.alias such a line comes from another build, or from a module that was removed after depmod ran. The module of an alias line in modprobe.d is not looked up any further: it must be the name of a module or of an install line, not another alias; and what such a line finds hides every other source.',
  fix: 'Run depmod, remove or correct the line, or install the module. To make an alias load nothing, point it at `off`.',
  fires: kernelFolder(
    { modules: ['acme_net'], modprobe: 'alias eth-acme acme_nte\n' },
    '# lint DIR modprobe.d: acme_net.ko is the only module',
    'alias eth-acme acme_nte',
  ),
  silent: kernelFolder(
    { modules: ['acme_net'], modprobe: 'alias eth-acme acme_net\nalias net-pf-99 off\n' },
    '# lint DIR modprobe.d: acme_net.ko is the only module',
    'alias eth-acme acme_net',
    'alias net-pf-99 off',
  ),
  across: ({ kernel, text }) => ({
    *done() {
      if (!kernel?.loadable) return;
      if (text) yield* inText(text, kernel.loadable);
      yield* inModprobe(kernel, kernel.loadable);
    },
  }),
};

function* inText(
  { file, content }: NonNullable<LintInput['text']>,
  loadable: ReadonlySet<string>,
): Generator<LintItem & { readonly module: string }> {
  const missing = new Map<string, { alias: string; line: number; count: number }>();
  let last: string | undefined;
  for (const { alias, module, line } of content().lines) {
    // Most lines have the module of the line before.
    if (module === last || loadable.has(module)) {
      last = module;
      continue;
    }
    const seen = missing.get(module);
    if (seen) seen.count++;
    else missing.set(module, { alias, line, count: 1 });
  }
  for (const [module, { alias, line, count }] of missing) {
    const at = { module, file, line, alias: { alias, table: null, row: null } };
    if (missing.size > MANY) {
      const message = `modules.alias has aliases of ${missing.size} modules that are not here: it is of another kernel, or depmod has not run since`;
      yield { ...at, message };
      return;
    }
    const many = count > 1 ? `${count} aliases lead` : 'the alias leads';
    yield { ...at, message: `${many} to ${module}, which is not here: run depmod` };
  }
}

function* inModprobe(
  { modprobe, builtin }: LintKernel,
  loadable: ReadonlySet<string>,
): Generator<LintItem & { readonly module: string }> {
  // Without modules.builtin a name may be that of a built-in module.
  if (!modprobe || !builtin) return;
  const commands = new Set(modprobe.commands.map(({ module }) => module));
  const isThere = (name: string) =>
    loadable.has(name) || builtin.has(name) || commands.has(name) || NOTHING.has(name) || name.startsWith('/');
  const aliasOf = (pattern: string) => ({ alias: pattern, table: null, row: null });
  for (const { pattern, module, file, line } of modprobe.aliases.filter((one: ConfigAlias) => !isThere(one.module)))
    yield {
      module,
      file,
      line,
      alias: aliasOf(pattern),
      message: `leads to ${module}, which is neither a module nor built in, and is not looked up any further${didYouMistype(module, [...loadable])}`,
    };
}
