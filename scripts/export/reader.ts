import type { CheckResult } from '../kernels/check.ts';
import type { Questions } from './exported.ts';

/** The programs that read a format. */
export interface Reader {
  /** The format's name. */
  readonly name: string;
  /** Asks them in `copy`, a copy of `root`, and compares with `lookup`. */
  readonly check: (root: string, copy: string, questions: Questions) => CheckResult;
}
