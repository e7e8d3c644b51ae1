import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTable } from '../scripts/binding-table.ts';

test('README: the table of which way of binding is safe is what the model says (npm run binding-table)', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(withTable(readme)).toBe(readme);
  // One way is safe in every column, and one is in none but the first.
  expect(readme).toMatch(/^\| \[override, unbind, bind, look, begin again\].*\)(?: \| yes){8} \|$/m);
  expect(readme).toMatch(/^\| \[`new_id`, unbind, bind, `remove_id`\].*\| no \|$/m);
}, 120_000);
