import { FINDING_RULES } from '../../rules.ts';
import { aliasLines, type LintRule } from '../lint-rule.ts';

export const malformedLine: LintRule = {
  severity: FINDING_RULES['malformed-line'].severity,
  what: FINDING_RULES['malformed-line'].about,
  why: 'Whatever reads modules.alias skips the line: a keyword that is mistyped, a module that is missing, or what a merge left behind.',
  fix: 'Correct the line, or let depmod or modalias build write the file.',
  fires: aliasLines('platform:acme-led acme_led', 'platform:acme-fan'),
  silent: aliasLines('platform:acme-led acme_led', 'platform:acme-fan acme_fan'),
  across: ({ text }) => ({
    *done() {
      for (const { line, text: found } of text?.content().malformed ?? [])
        yield {
          module: null,
          file: text!.file,
          line,
          message: `found '${found.slice(0, 60)}', expected 'alias PATTERN MODULE'`,
        };
    },
  }),
};
