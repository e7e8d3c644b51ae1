import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Match } from '../../../src/match/match.ts';
import { PatternStarts } from '../../../src/packaging/coverage/pattern-starts.ts';
import { beginAlike } from '../../../src/pattern/intersection.ts';

const pattern = fc.array(fc.constantFrom('a', 'b', '*', '[ab]', '?'), { maxLength: 5 }).map((parts) => parts.join(''));

test('PatternStarts: gives exactly the patterns that agree with another up to a wildcard', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), pattern, (patterns, asked) => {
      const matches = patterns.map((text): Match => ({ module: 'm', pattern: text, source: 'alias', priority: 0 }));
      const near = [...new PatternStarts(matches).near(asked)].map((match) => match.pattern);
      const isNear = (text: string) => beginAlike(text, asked) || isPrefix(text, asked) || isPrefix(asked, text);
      expect(near.sort()).toEqual(patterns.filter(isNear).sort());
    }),
    { seed: 4, numRuns: 500 },
  );
});

/** Whether a text without wildcards begins another: `beginAlike` leaves that to the lengths. */
function isPrefix(text: string, of: string): boolean {
  return !/[*?[]/.test(text) && of.startsWith(text);
}
