import type { Place } from '../script/program.ts';
import type { Observation } from './observe.ts';

/** Something that a rule found. */
export interface FindingItem {
  readonly place: Place;
  readonly message: string;
}

/** A script, and the built-in machine on which the rule finds something in it, or nothing. */
export interface FindingExample {
  readonly machine: string;
  readonly script: string;
  /** Ends the name of its file: `.sh` unless it is of another kind. */
  readonly suffix?: string;
}

/** A rule that looks at what a program does where nothing else happens: what `model check --explain` says. */
export interface FindingRule {
  readonly severity: 'warning' | 'note';
  /** What is wrong, in a line. */
  readonly what: string;
  readonly why: string;
  /** How to mend it. */
  readonly fix: string;
  readonly fires: FindingExample;
  readonly silent: FindingExample;
  readonly find: (run: Observation) => Iterable<FindingItem>;
}

/** An example of shell, on two network cards of the same id unless another machine is named. */
export const shellExample = (lines: readonly string[], machine = 'two-like-nics'): FindingExample => ({
  machine,
  script: `${lines.join('\n')}\n`,
});

/** Lines that examples share: a device, and the directories of sysfs. */
export const SETUP = ['dev=0000:01:00.0 pci=/sys/bus/pci'];
