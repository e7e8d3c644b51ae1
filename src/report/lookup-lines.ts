import type { Diagnostic } from '../errors.ts';
import { modulesOf } from '../lookup/alias-index.ts';
import type { Match, Rank } from '../match/match.ts';
import { bestOf } from '../match/ranking.ts';
import { diagnosticMember, matchMember } from './answer-json.ts';

/** What to show of an answer. */
export interface LookupStyle {
  readonly show: 'names' | 'best' | 'all' | 'all-sources' | 'modprobe';
  readonly rank: Rank;
  /** Whether each line begins with the input, and an input without an answer has a line too. */
  readonly withInput?: boolean;
}

/** Members of an answer's document besides the matches. */
export interface LookupDocument {
  readonly modalias: string;
  /** The input, if it named a device from which the modalias was read. */
  readonly asked?: string;
  readonly problems: readonly Diagnostic[];
}

type Answers = readonly (readonly Match[])[];

/**
 * The lines of an answer as text, latin1. `--all`: module, source and pattern, between tabs. With input: the input
 * first, and a dash, which no module name contains, if there is no answer.
 */
export function lookupText(asked: string, answers: Answers, style: LookupStyle): string {
  const lines = linesOf(answers, style);
  if (!style.withInput) return lines.map((line) => `${line}\n`).join('');
  return (lines.length > 0 ? lines : ['-']).map((line) => `${asked}\t${line}\n`).join('');
}

function linesOf(answers: Answers, { show, rank }: LookupStyle): readonly string[] {
  const [matches = []] = answers;
  const line = (m: Match, ...more: string[]) => [m.module, m.source, m.pattern, ...more].join('\t');
  switch (show) {
    case 'names':
      return modulesOf(matches, rank);
    case 'best':
      return modulesOf(matches, rank).slice(0, 1);
    case 'modprobe':
      return matches.map((m) => m.module);
    case 'all':
      return matches.map((m) => line(m));
    case 'all-sources':
      return answers.flatMap((later, i) =>
        later.map((m) => (i === 0 ? line(m) : line(m, `hidden by ${matches[0]!.source}`))),
      );
  }
}

/** An answer as one JSON document on a line. */
export function lookupJson(
  { modalias, asked, problems }: LookupDocument,
  answers: Answers,
  { show, rank }: LookupStyle,
): string {
  const [matches = []] = answers;
  const best = bestOf(matches, rank);
  const hiddenBy = matches[0]?.source;
  const hidden = answers.slice(1).flatMap((later) => later.map((m) => ({ ...matchMember(m), hiddenBy })));
  const shown = matches.map(matchMember);
  const document = {
    version: 1,
    ...(asked === undefined ? {} : { asked }),
    modalias,
    modules: modulesOf(matches, rank),
    matches: show === 'all-sources' ? [...shown, ...hidden] : shown,
    best: best ? matchMember(best.match) : null,
    ambiguous: best?.ambiguous ?? false,
    ...(problems.length > 0 ? { problems: problems.map(diagnosticMember) } : {}),
  };
  return `${JSON.stringify(document)}\n`;
}
