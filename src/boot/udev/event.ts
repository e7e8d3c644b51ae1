import type { Decision, KernelState } from '../../driver-core/index.ts';
import type { Because } from '../because.ts';
import type { Files } from '../files/files.ts';
import { all, type Answer } from '../run/answer.ts';
import { acting, type Doing, type TaskStep } from '../run/task.ts';
import type { UdevDevice } from './device.ts';
import { type EventContext, matchToken } from './match.ts';
import type { Rule, RuleToken } from './rules.ts';
import { substitute } from './substitute.ts';

/** What a rule asks of the kernel and of other programs; null for what does not matter here. */
export interface RuleEffects {
  /** A write to an attribute of sysfs; `path` as the rule has it, relative to the device or `[subsystem/name]...`. */
  readonly write: (device: UdevDevice, path: string, value: string, because: Because) => readonly Doing[];
  /** `RUN{builtin}+="kmod load .."`: names or modaliases. */
  readonly load: (names: readonly string[], because: Because) => readonly Doing[];
  /** A program that runs, as written in RUN or PROGRAM. */
  readonly run: (command: string, because: Because) => readonly Doing[];
  /** Units that systemd starts once the event is handled. */
  readonly start: (unit: string, because: Because) => void;
}

interface Queued {
  readonly needs: readonly number[];
  readonly doing: readonly Doing[];
}

/**
 * What udev does for a device's `add` event by its rules: attributes are written while the rules are read, programs and
 * modules follow after the last rule (udev-event.c:udev_event_execute_rules, udev_event_execute_run). Conditions that
 * depend on the driver are asked when the event is handled.
 */
export function eventSteps(
  rules: readonly Rule[],
  device: UdevDevice,
  isSubject: boolean,
  files: Files,
  effects: RuleEffects,
): TaskStep[] {
  return new Event(rules, { device, isSubject, files, env: new Map(device.uevent), tags: new Set() }, effects).run();
}

class Event {
  readonly #rules: readonly Rule[];
  readonly #context: EventContext;
  readonly #effects: RuleEffects;
  readonly #steps: TaskStep[] = [];
  #queue: Queued[] = [];
  readonly #slots = { next: 0 };
  /** Jumps that may have been taken, by the slot that says so; over at their label. */
  #jumps: { readonly label: string; readonly slot: number }[] = [];

  constructor(rules: readonly Rule[], context: EventContext, effects: RuleEffects) {
    this.#rules = rules;
    this.#context = context;
    this.#effects = effects;
  }

  run(): TaskStep[] {
    let until: { readonly label: string; readonly file: string } | undefined;
    for (const rule of this.#rules) {
      const label = rule.assigns.find(({ key }) => key === 'LABEL')?.value;
      // A label belongs to its file (udev-rules.c:rule_resolve_goto).
      if (until && rule.file !== until.file) until = undefined;
      if (until && label !== until.label) continue;
      until = undefined;
      if (label !== undefined) this.#jumps = this.#jumps.filter((jump) => jump.label !== label);
      const jumped = this.#rule(rule);
      if (jumped !== undefined) until = { label: jumped, file: rule.file };
    }
    const late = this.#queue.flatMap(({ needs, doing }) => acting(doing, needs, this.#slots));
    return withoutIdleTests([...this.#steps, ...late]);
  }

  /** Applies a rule; answers with the label that it jumps to for certain. */
  #rule(rule: Rule): string | undefined {
    const answers: Answer[] = [];
    for (const token of rule.matches) {
      const answer = matchToken({ ...token, value: this.#text(token.value) ?? token.value }, this.#context);
      if (answer === 'no') return undefined;
      answers.push(answer);
    }
    const doubtful = answers.filter((answer) => answer !== 'yes');
    const jump = rule.assigns.find(({ key }) => key === 'GOTO')?.value;
    if (doubtful.length === 0 && this.#jumps.length === 0 && jump !== undefined) return jump;
    const acts = rule.assigns.flatMap((token) => this.#effect(token, rule, doubtful.length > 0));
    if (acts.length === 0 && (jump === undefined || doubtful.length === 0)) return undefined;
    const needs = this.#jumps.map(({ slot }) => -slot - 1);
    if (doubtful.length > 0) {
      const slot = this.#slots.next++;
      this.#steps.push({ kind: 'test', slot, test: asked(all(doubtful)) });
      needs.push(slot);
      if (jump !== undefined) this.#jumps.push({ label: jump, slot });
    }
    for (const { late, resets, doing } of acts) {
      if (resets && needs.length === 0) this.#queue = [];
      if (late) this.#queue.push({ needs, doing });
      else this.#steps.push(...acting(doing, needs, this.#slots));
    }
    return undefined;
  }

  #effect(
    token: RuleToken,
    rule: Rule,
    doubtful: boolean,
  ): { late: boolean; resets: boolean; doing: readonly Doing[] }[] {
    const { device, env, tags } = this.#context;
    const because: Because = { file: rule.file, line: rule.line, rule: rule.text };
    const value = this.#text(token.value);
    if (token.key === 'ENV' && token.attribute === 'SYSTEMD_WANTS') {
      for (const unit of (value ?? '').split(/\s+/).filter(Boolean)) this.#effects.start(unit, because);
      return [];
    }
    if (token.key === 'ENV') env.set(token.attribute, doubtful ? null : value);
    if (token.key === 'TAG' && value !== null) tags.add(value);
    if (value === null) return [];
    if (token.key === 'ATTR') {
      const doing = this.#effects.write(device, this.#text(token.attribute) ?? '', value, because);
      return doing.length === 0 ? [] : [{ late: false, resets: false, doing }];
    }
    if (token.key !== 'RUN') return [];
    const words = value.split(/\s+/).filter(Boolean);
    const resets = token.operator === '=' || token.operator === ':=';
    const doing =
      token.attribute !== 'builtin'
        ? this.#effects.run(value, because)
        : words[0] === 'kmod' && words[1] === 'load'
          ? this.#effects.load(words.length > 2 ? words.slice(2) : [env.get('MODALIAS') ?? ''], because)
          : [];
    return doing.length === 0 ? [] : [{ late: true, resets, doing }];
  }

  #text(value: string): string | null {
    return substitute(value, this.#context);
  }
}

/** Only conditions that something depends on have to be asked. */
function withoutIdleTests(steps: readonly TaskStep[]): TaskStep[] {
  const used = new Set(
    steps.flatMap((step) => (step.kind === 'act' ? step.needs.map((slot) => (slot < 0 ? -1 - slot : slot)) : [])),
  );
  return steps.filter((step) => step.kind === 'act' || used.has(step.slot));
}

function asked(answer: Answer): (state: KernelState) => Decision {
  return typeof answer === 'function' ? answer : () => answer;
}
