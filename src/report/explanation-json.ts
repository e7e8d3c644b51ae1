import type { Diagnostic } from '../errors.ts';
import type { Candidate, ExplainedField, ExplainedMatch, Explanation } from '../explain/explanation.ts';
import { diagnosticMember, matchMember } from './answer-json.ts';

/**
 * The JSON document of an explanation, version 1: each member is listed, so that none is added by accident. `names`
 * are what pci.ids and usb.ids call the values of fields, by their tags.
 */
export function explanationDocument(
  explanation: Explanation,
  names: ReadonlyMap<string, string>,
  problems: readonly Diagnostic[],
) {
  const { key, title, fields, missing, regardless, builtinPossible, candidates } = explanation;
  return {
    version: 1,
    key,
    ...(title === undefined ? {} : { title }),
    fields: fields.map((field) => ({ ...fieldMember(field), label: names.get(field.tag) ?? null })),
    ...(missing && { missing: missing.map(({ tag, name }) => ({ tag, name })) }),
    ...(regardless && { regardless: regardless.map(explainedMember) }),
    ...(builtinPossible && { builtinPossible }),
    candidates: candidates.map(candidateMember),
    ambiguous: explanation.ambiguous,
    hidden: explanation.hidden.map((match) => ({ ...matchMember(match), hiddenBy: match.hiddenBy })),
    nearest: explanation.nearest.map(explainedMember),
    ...(problems.length > 0 ? { problems: problems.map(diagnosticMember) } : {}),
  };
}

function fieldMember({ tag, name, value }: ExplainedField) {
  return { tag, name, value };
}

function explainedMember(match: ExplainedMatch) {
  const { place } = match;
  return {
    ...matchMember(match),
    fields: match.fields.map((field) => ({ ...fieldMember(field), pattern: field.pattern, verdict: field.verdict })),
    ...(place && { place: { specific: place.specific, stars: place.stars, libvirt: place.libvirt } }),
  };
}

function candidateMember({ module, state, file, blacklisted, remarks, matches }: Candidate) {
  return {
    module,
    state,
    ...(file === undefined ? {} : { file }),
    blacklisted,
    remarks: remarks.map(({ kind, text, file, line }) => ({ kind, text, file, line })),
    matches: matches.map(explainedMember),
  };
}
