import { expect, test } from 'vitest';
import { Parts } from '../../../src/model/explore/sets/parts.ts';
import { Random } from '../../support/random.ts';

test('Parts.listed: equal lists have one number, whatever list they were made of, and others have another', () => {
  const random = new Random(7);
  const parts = new Parts();
  const part = () => ({ name: random.below(4), id: BigInt(random.below(2)) });
  const text = (list: readonly object[]) => JSON.stringify(list, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
  const numbers = new Map<string, number>();
  let list: readonly object[] = Array.from({ length: 3 }, part);
  for (let i = 0; i < 3000; i++) {
    const like = list;
    const at = random.below(list.length + 1);
    list = list.length > 4 ? list.toSpliced(at, 1 + random.below(3)) : list.toSpliced(at, random.below(2), part());
    const { id, list: first } = parts.listed(list, random.oneIn(5) ? undefined : like);
    expect(text(first)).toBe(text(list));
    expect(numbers.get(text(list)) ?? id).toBe(id);
    numbers.set(text(list), id);
  }
  expect(new Set(numbers.values()).size).toBe(numbers.size);
  expect(numbers.size).toBeGreaterThan(500);
});
