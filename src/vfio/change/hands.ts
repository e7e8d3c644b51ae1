/** How a single change of the machine ended. `errno` is a name as errno(3) has it, or null where a program failed and says why itself. */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly errno: string | null; readonly message: string }
  /** The kernel has not answered within the time; it may still do what was asked. */
  | { readonly kind: 'timeout'; readonly seconds: number };

/** Everything that can change a machine. Apart from this nothing in src/vfio writes outside the state directory. */
export interface Hands {
  /** One write(2) to an existing sysfs file. `path` is relative to the sysfs root, `data` is never empty. */
  write(path: string, data: string): Promise<Outcome>;
  /** Loads a module as modprobe does. */
  modprobe(module: string): Promise<Outcome>;
  /** Lets go of whatever runs on behalf of the changes. */
  close(): void;
}

export const DONE: Outcome = { kind: 'ok' };

/** An outcome as a phrase: `EBUSY (device or resource busy)`, or what a program said. */
export function outcomeText(outcome: Outcome): string {
  if (outcome.kind === 'ok') return 'ok';
  if (outcome.kind === 'timeout') return `no answer within ${outcome.seconds} s`;
  const { errno, message } = outcome;
  if (errno === null) return message;
  return message === '' ? errno : `${errno} (${message})`;
}
