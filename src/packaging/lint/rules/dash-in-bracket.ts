import { normalizeAlias } from '../../../pattern/normalize.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

/** A bracket with a dash that stands for itself: the first or the last of those that it lists. */
const LITERAL_DASH = /\[(?:-[^\]]*|[^\]!^][^\]]*-)\]/;

export const dashInBracket: LintRule = {
  severity: 'error',
  what: 'a bracket lists a dash, which no lookup contains',
  why: 'libkmod turns each `-` of a modalias into `_` before it looks it up, and each `-` of an alias outside brackets. Inside brackets it is kept: `[-x]` matches x, but never the dash that was meant.',
  fix: 'Write `_` for the dash inside the bracket (`[_x]`), or a plain `-` outside brackets.',
  fires: aliasLines('platform:acme[-.]led acme_led'),
  silent: aliasLines('platform:acme[_.]led acme_led'),
  mentions: ['['],
  alias: (text) =>
    LITERAL_DASH.test(text) && normalizeAlias(text) !== undefined
      ? `found a dash inside a bracket, expected '_': lookups have '_' for each dash, so the bracket never matches one`
      : undefined,
};
