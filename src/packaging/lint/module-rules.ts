import type { Item } from '../finding.ts';
import type { LintModule } from './lint-module.ts';
import type { LintItem, LintRule } from './lint-rule.ts';
import type { mentionsOf } from './mentions.ts';
import { LINT_RULES, type LintRuleName } from './rules.ts';

/** A rule that looks at one module at a time. */
interface ModuleRule {
  readonly name: LintRuleName;
  readonly needs: LintRule['needs'];
  readonly mentions: LintRule['mentions'];
  readonly find: (module: LintModule) => readonly LintItem[];
}

/** Those of the rules that look at one module at a time. */
export function moduleRules(names: readonly LintRuleName[]): ModuleRule[] {
  return names.flatMap((name): ModuleRule[] => {
    const rule = LINT_RULES[name];
    const find = finderOf(rule);
    return find ? [{ name, needs: rule.needs, mentions: rule.mentions, find }] : [];
  });
}

function finderOf({ alias, table, codes, module: find }: LintRule): ModuleRule['find'] | undefined {
  if (alias) return (module) => aliasesWith(alias, module);
  if (table) return (module) => tablesWith(table, module);
  if (codes) return (module) => diagnosticsOf(codes, module);
  return find && ((module) => [...find(module)]);
}

function aliasesWith(says: NonNullable<LintRule['alias']>, module: LintModule): LintItem[] {
  const { texts } = module;
  const items: LintItem[] = [];
  for (let i = 0; i < texts.length; i++) {
    const message = says(texts[i]!, module);
    if (message !== undefined) items.push({ alias: module.aliases[i]!, message });
  }
  return items;
}

function tablesWith(says: NonNullable<LintRule['table']>, { tables = [] }: LintModule): LintItem[] {
  const items: LintItem[] = [];
  for (let t = 0; t < tables.length; t++) {
    const said = says(tables[t]!);
    if (said) items.push({ table: tables[t]!.name, pointer: `/tables/${t}/rows/${said.row}`, ...said });
  }
  return items;
}

function diagnosticsOf(codes: NonNullable<LintRule['codes']>, { diagnostics }: LintModule): LintItem[] {
  const said = diagnostics.length === 0 ? diagnostics : diagnostics.filter(({ code }) => codes.includes(code));
  return said.map(({ message, table, row, pointer }) => ({
    message,
    ...(table === undefined ? {} : { table }),
    ...(row === undefined ? {} : { row }),
    ...(pointer === undefined ? {} : { pointer }),
  }));
}

/** What the rules find in a module; `mentioned` says what its aliases have. */
export function itemsIn(
  module: LintModule,
  rules: readonly ModuleRule[],
  mentioned: ReturnType<typeof mentionsOf>,
): (readonly [LintRuleName, readonly Item<LintRuleName>[]])[] {
  const found: (readonly [LintRuleName, readonly LintItem[]])[] = [];
  const { tables, drivers, diagnostics, xzCheck } = module;
  const hasRows = Boolean(tables?.length || diagnostics.length);
  const hasCode = Boolean(drivers?.length || diagnostics.length || xzCheck);
  for (const { name, needs, mentions, find } of rules) {
    if ((needs === 'rows' && !hasRows) || (needs === 'code' && !hasCode)) continue;
    if (!mentioned(mentions)) continue;
    const items = find(module);
    if (items.length > 0) found.push([name, items]);
  }
  if (found.length === 0) return [];
  const pointers = new Set(found.flatMap(([, items]) => items.flatMap((item) => pointerOf(item) ?? [])));
  const lines = pointers.size > 0 ? module.lines?.(pointers) : undefined;
  return found.map(([name, items]) => [
    name,
    items.map((item) => {
      const line = lines?.get(pointerOf(item) ?? '');
      return itemOf({ module: module.module, file: module.file, ...(line === undefined ? {} : { line }), ...item });
    }),
  ]);
}

const pointerOf = ({ pointer, alias }: LintItem) => pointer ?? alias?.pointer;

/** What a rule found, with null for what is unknown. */
export function itemOf(item: LintItem): Item<LintRuleName> {
  const { module = null, file = null, alias, table = alias?.table, row = alias?.row, line = alias?.line } = item;
  return {
    module,
    file,
    alias: alias?.alias ?? null,
    table: table ?? null,
    row: row ?? null,
    line: line ?? null,
    message: item.message,
  };
}
