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
/** What `coverage` tells beside these: whether the device is still served is not known. */
export const UNKNOWN = 'unknown';
/** The class of devices that some kernel does not serve, in baselines and exit statuses of `coverage`. */
export const UNSERVED = 'unserved';
/** Every class that a baseline may name. */
export const ACCEPTABLE_CLASSES: readonly string[] = [...CLASSES, UNDECIDED, UNKNOWN, UNSERVED];
