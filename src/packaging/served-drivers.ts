import type { Bus } from '../bus/define/bus.ts';
import { prefixOf } from './prefix.ts';

/** Whether a module with tables of these types and these aliases has a table or an alias for drivers of the bus. */
export function isServed({ name, drivers }: Bus, tables: readonly string[], aliases: readonly string[]): boolean {
  const also = drivers?.servedBy ?? [];
  if (also === 'any') return tables.length > 0 || aliases.length > 0;
  const types = [name, ...also];
  if (tables.some((table) => types.includes(table))) return true;
  return aliases.some((alias) => {
    const prefix = prefixOf(alias);
    return types.some((type) => prefix === type || prefix === `${type}*` || prefix.endsWith(`_${type}`));
  });
}
