/** What can become of a pair of OLD, the worst first. */
export const LOSSES = ['lost', 'generic', 'dropped', 'moved', 'narrowed', 'override-only'] as const;
/** The same seen from NEW. */
export const GAINS = ['gained', 'specific', 'joined', 'widened'] as const;
/** What can change where every device keeps its modules. */
export const SHIFTS = ['builtin', 'loadable', 'package', 'order'] as const;
export const CLASSES = [...LOSSES, ...GAINS, ...SHIFTS] as const;
export type ChangeClass = (typeof CLASSES)[number];

/** The class in baselines and reports of what could not be settled. */
export const UNDECIDED = 'undecided';
