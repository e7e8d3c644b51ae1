import { fnmatch } from '../../pattern/fnmatch.ts';
import type { Because } from '../because.ts';
import { type List, type Node, parseShell, type What } from '../shell/parse.ts';
import type { Part, Word } from '../shell/tokens.ts';
import { all, type Answer, either, not } from './answer.ts';
import { fileText, testAnswer } from './conditions.ts';
import type { Stage } from './stage.ts';
import type { Doing, Gate } from './task.ts';

/** A simple command with its words expanded; null for a word that is not known. */
export interface ShellCommand {
  readonly words: readonly (string | null)[];
  /** Where standard output goes: undefined for nowhere in particular, null for a place that is not known. */
  readonly output: string | null | undefined;
  readonly line: number;
}

/** What a command does, and how it ends; undefined for a command that is not known. */
export type RunSimple = (
  command: ShellCommand,
) => { readonly doings: readonly Doing[]; readonly status: Answer } | undefined;

/** Most commands that a script runs, loops written out, and deepest calls of its functions. */
const MOST = 20_000;
const DEEPEST = 30;
const LONGEST_WORD = 65_536;

/**
 * What a script for sh(1) does, in order: loops over known words and functions are followed, conditions on files, on
 * attributes of sysfs and on the device's driver are kept with what depends on them. What is not known counts as
 * perhaps.
 */
export function scriptDoings(stage: Stage, script: string, because: Because, simple: RunSimple): Doing[] {
  const runner = new Runner(stage, because, simple);
  runner.list(parseShell(script));
  return runner.doings;
}

class Runner {
  readonly doings: Doing[] = [];
  readonly #stage: Stage;
  readonly #because: Because;
  readonly #simple: RunSimple;
  readonly #variables = new Map<string, string | null>();
  readonly #functions = new Map<string, List>();
  #parameters: readonly (string | null)[] = [];
  /** What has to hold for the command at hand. */
  readonly #gates: Gate[] = [];
  #stopped: 'exit' | 'return' | null = null;
  #left = MOST;
  #calls = 0;

  constructor(stage: Stage, because: Because, simple: RunSimple) {
    this.#stage = stage;
    this.#because = because;
    this.#simple = simple;
  }

  list(nodes: List): Answer {
    let status: Answer = 'yes';
    let then: Node['then'] = ';';
    for (const node of nodes) {
      if (this.#stopped) break;
      const ran = this.#under(then === ';' || then === '|' ? 'yes' : status, then === '||', () =>
        this.#what(node.what),
      );
      const own = node.negated ? not(ran) : ran;
      status = then === '&&' ? all([status, own]) : then === '||' ? either(status, own) : own;
      then = node.then;
    }
    return status;
  }

  /** Runs something where a condition holds, or where it does not. */
  #under(test: Answer, isNot: boolean, run: () => Answer): Answer {
    if (test === (isNot ? 'yes' : 'no') || this.#left-- <= 0) return 'no';
    if (typeof test !== 'function' && test !== 'unknown') return run();
    // Parts that end the script under this condition leave theirs behind.
    const depth = this.#gates.length;
    this.#gates.push({ test: typeof test === 'function' ? test : () => 'unknown', isNot });
    const status = run();
    this.#gates.splice(depth, 1);
    return status;
  }

  #what(what: What): Answer {
    switch (what.kind) {
      case 'command':
        return this.#command(what);
      case 'group':
        return this.list(what.body);
      case 'function':
        this.#functions.set(what.name, what.body);
        return 'yes';
      case 'if': {
        const found = this.list(what.test);
        // One question for both parts: the first may change what the second would be asked.
        const test = found === 'unknown' ? () => 'unknown' as const : found;
        const yes = this.#under(test, false, () => this.list(what.yes));
        const no = this.#under(test, true, () => this.list(what.no));
        return test === 'yes' ? yes : test === 'no' ? no : 'unknown';
      }
      case 'while':
        this.list(what.test);
        return this.#under('unknown', false, () => this.list(what.body));
      case 'for':
        for (const value of what.over === null ? this.#parameters : what.over.flatMap((word) => this.#expand(word))) {
          this.#variables.set(what.variable, value);
          this.#under(value === null ? 'unknown' : 'yes', false, () => this.list(what.body));
        }
        return 'yes';
      case 'case':
        return this.#case(what);
    }
  }

  #case({ subject, arms }: Extract<What, { readonly kind: 'case' }>): Answer {
    const text = this.#join(subject.parts);
    let before: Answer = 'yes';
    for (const { patterns, body } of arms) {
      const matches = patterns.map((word): Answer => {
        // In a pattern, a part that is not known may be a `*`.
        const pattern = word.parts.map((part) => (part.kind === 'text' ? part.text : '*')).join('');
        if (text !== null && !fnmatch(pattern, text)) return 'no';
        return text !== null && word.parts.every((part) => part.kind === 'text')
          ? 'yes'
          : pattern === '*'
            ? 'yes'
            : 'unknown';
      });
      const hit = matches.reduce<Answer>(either, 'no');
      this.#under(all([before, hit]), false, () => this.list(body));
      before = all([before, not(hit)]);
    }
    return 'yes';
  }

  #command({ words: given, into, line }: Extract<What, { readonly kind: 'command' }>): Answer {
    let start = 0;
    while (start < given.length && this.#assigned(given[start]!)) start++;
    const words = given.slice(start).flatMap((word) => this.#expand(word));
    const name = words[0];
    if (name === undefined) return 'yes';
    if (name === 'exit' || name === 'return') return this.#stop(name);
    if (name === 'export' || name === 'local' || name === 'readonly') {
      for (const word of given.slice(start + 1)) this.#assigned(word);
      return 'yes';
    }
    if (name === '[' || name === 'test' || name === '[[')
      return testAnswer(this.#stage, name === 'test' ? words.slice(1) : words.slice(1, -1));
    const body = name === null ? undefined : this.#functions.get(name);
    if (body) return this.#call(body, words.slice(1));
    const output = into.output === undefined ? undefined : this.#join(into.output.parts);
    const ran = this.#simple({ words, output, line });
    for (const doing of ran?.doings ?? [])
      this.doings.push({ ...doing, when: [...this.#gates, ...(doing.when ?? [])] });
    return ran?.status ?? 'unknown';
  }

  #call(body: List, parameters: readonly (string | null)[]): Answer {
    if (this.#calls >= DEEPEST) return 'unknown';
    this.#calls++;
    const outside = this.#parameters;
    this.#parameters = parameters;
    const status = this.list(body);
    this.#parameters = outside;
    this.#calls--;
    if (this.#stopped === 'return') this.#stopped = null;
    return status;
  }

  /** Ends the script; under a condition, what follows runs only where that does not hold. */
  #stop(how: 'exit' | 'return'): Answer {
    const [only, ...more] = this.#gates;
    if (only === undefined) this.#stopped = how;
    else if (more.length === 0) this.#gates.push({ test: only.test, isNot: !only.isNot });
    else {
      const whole = all(this.#gates.map(({ test, isNot }) => (isNot ? not(test) : test)));
      this.#gates.push({ test: whole as Gate['test'], isNot: true });
    }
    return 'yes';
  }

  #assigned({ parts }: Word): boolean {
    const [first, ...more] = parts;
    const name = first?.kind === 'text' ? /^([A-Za-z_]\w*)=(.*)$/s.exec(first.text) : null;
    if (!name) return false;
    this.#variables.set(name[1]!, this.#join([{ kind: 'text', text: name[2]! }, ...more]));
    return true;
  }

  #join(parts: readonly Part[]): string | null {
    let text = '';
    for (const part of parts) {
      const value = this.#value(part);
      if (value === null || text.length > LONGEST_WORD) return null;
      text += value;
    }
    return text;
  }

  #value(part: Part): string | null {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'unknown':
        return null;
      case 'command': {
        const [, path] = /^\s*(?:cat\s+|<\s*)(.+?)\s*(?:2>\s*\/dev\/null)?\s*$/.exec(part.script) ?? [];
        const node = path === undefined ? undefined : parseShell(path)[0]?.what;
        const word = node?.kind === 'command' && node.words.length === 1 ? this.#join(node.words[0]!.parts) : null;
        return word === null ? null : fileText(this.#stage, word);
      }
      case 'variable': {
        const all = this.#parameters;
        if (part.name === '0') return this.#because.file;
        if (/^\d$/.test(part.name)) return +part.name > all.length ? '' : all[+part.name - 1]!;
        if (part.name === '#') return String(all.length);
        if (part.name === '@' || part.name === '*') return all.includes(null) ? null : all.join(' ');
        return this.#variables.get(part.name) ?? null;
      }
    }
  }

  /** A word as the command sees it: a variable without quotes may be several, or none. */
  #expand({ parts }: Word): (string | null)[] {
    const text = this.#join(parts);
    if (text === null) return [null];
    const splits = parts.some((part) => part.kind === 'variable' && !part.quoted);
    return splits ? text.split(/[ \t\n]+/).filter(Boolean) : [text];
  }
}
