import { expect, test } from 'vitest';
import { hiddenMembers } from '../../src/tables/hidden-members.ts';

test.each<[json: string, found: (string | number)[][]]>([
  ['1', []],
  ['{"module":"a"}', []],
  ['{"__proto__":1,"constructor":2}', [['__proto__'], ['constructor']]],
  ['{"a":{"b":[1,{"prototype":2}]}}', [['a', 'b', 1, 'prototype']]],
  ['{"tables":[{"__proto__":1}]}', []],
  ['{"overridePrefixes":{"tables":{"__proto__":1}}}', [['overridePrefixes', 'tables', '__proto__']]],
  ['[[{"constructor":1}]]', [[0, 0, 'constructor']]],
])('hiddenMembers finds what valibot leaves out, but in the tables of the value itself: %s', (json, found) => {
  expect(hiddenMembers(JSON.parse(json), ['at'], ['tables'])).toEqual(found.map((path) => ['at', ...path]));
});
