import type { Diagnostic } from '../errors.ts';
import { modulesOf } from '../lookup/alias-index.ts';
import type { Match, Rank } from '../match/match.ts';
import { bestOf } from '../match/ranking.ts';

/** What to show of an answer. */
export interface LookupStyle {
  readonly show: 'names' | 'best' | 'all' | 'all-sources' | 'modprobe';
  readonly rank: Rank;
}

type Answers = readonly (readonly Match[])[];

/** The lines of an answer as text, latin1. `--all`: module, source and pattern, between tabs. */
export function lookupText(answers: Answers, { show, rank }: LookupStyle): string {
  const [matches = []] = answers;
  const line = (m: Match, ...more: string[]) => `${[m.module, m.source, m.pattern, ...more].join('\t')}\n`;
  switch (show) {
    case 'names':
      return modulesOf(matches, rank)
        .map((module) => `${module}\n`)
        .join('');
    case 'best':
      return modulesOf(matches, rank)
        .slice(0, 1)
        .map((module) => `${module}\n`)
        .join('');
    case 'modprobe':
      return matches.map((m) => `${m.module}\n`).join('');
    case 'all':
      return matches.map((m) => line(m)).join('');
    case 'all-sources':
      return answers
        .flatMap((later, i) => later.map((m) => (i === 0 ? line(m) : line(m, `hidden by ${matches[0]!.source}`))))
        .join('');
  }
}

/** An answer as one JSON document on a line. */
export function lookupJson(
  modalias: string,
  answers: Answers,
  { show, rank }: LookupStyle,
  problems: readonly Diagnostic[],
): string {
  const [matches = []] = answers;
  const best = bestOf(matches, rank);
  const hiddenBy = matches[0]?.source;
  const hidden = answers.slice(1).flatMap((later) => later.map((m) => ({ ...m, hiddenBy })));
  const document = {
    version: 1,
    modalias,
    modules: modulesOf(matches, rank),
    matches: show === 'all-sources' ? [...matches, ...hidden] : matches,
    best: best?.match ?? null,
    ambiguous: best?.ambiguous ?? false,
    ...(problems.length > 0 ? { problems } : {}),
  };
  return `${JSON.stringify(document)}\n`;
}
