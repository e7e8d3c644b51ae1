import type { Decision, KernelState } from '../../driver-core/index.ts';

/** What a condition says: now, or only by the kernel's state when it is asked. */
export type Answer = Decision | ((state: KernelState) => Decision);

export function not(answer: Answer): Answer {
  if (typeof answer === 'function') return (state) => negated(answer(state));
  return negated(answer);
}

function negated(decision: Decision): Decision {
  return decision === 'yes' ? 'no' : decision === 'no' ? 'yes' : 'unknown';
}

/** Whether all hold; no if one does not, unknown if that is not known of one. */
export function all(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  const open = answers.filter((answer) => answer !== 'yes');
  if (open.length <= 1) return open[0] ?? 'yes';
  return (state) => {
    let result: Decision = 'yes';
    for (const answer of open) {
      const now = typeof answer === 'function' ? answer(state) : answer;
      if (now === 'no') return 'no';
      if (now === 'unknown') result = 'unknown';
    }
    return result;
  };
}

export function either(a: Answer, b: Answer): Answer {
  return not(all([not(a), not(b)]));
}
