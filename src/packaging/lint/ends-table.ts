import type { Bus, Row } from '../../bus/define/bus.ts';

/** Whether a row is one at which the kernel stops reading a table of the bus: its ids are all zero, or empty. */
export function endsTable({ endsAt }: Bus, row: Row): boolean {
  if (endsAt === undefined) return false;
  for (const field of endsAt) if (row[field] !== 0 && row[field] !== '') return false;
  return true;
}
