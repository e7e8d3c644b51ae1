/** What decides a step of a boot: a line of a file, or a rule of the kernel or of a program (`file` null). */
export interface Because {
  readonly file: string | null;
  readonly line: number | null;
  /** The line, or the rule in words. */
  readonly rule: string;
}
