import type {
  AndOr,
  CommandNode,
  CompoundCommand,
  CompoundList,
  If,
  Pipeline,
  PipelineNode,
  Redirected,
  Function as ShellFunction,
  Statement,
  While,
} from 'unbash';
import type { Code, Label, Op } from './code.ts';
import type { Source } from './source.ts';

type Node = CommandNode | Pipeline | AndOr | CompoundList | Redirected;

/** Turns a parsed script into instructions; what the language has and this does not becomes `unread`. */
export function compile(source: Source): Code {
  return new Compiler(source).whole(source.id, source.script.commands);
}

class Compiler {
  private readonly source: Source;
  private readonly ops: Op[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  whole(id: string, statements: readonly Statement[]): Code {
    this.list(statements, false);
    return { id, source: this.source, ops: this.ops };
  }

  private emit(op: Op): void {
    this.ops.push(op);
  }

  private here(label: Label): void {
    label.at = this.ops.length;
  }

  private list(statements: readonly Statement[], guarded: boolean): void {
    for (const { command, background, pos } of statements) {
      if (background) this.emit({ op: 'unread', pos, text: 'it runs beside the rest' });
      this.node(command, guarded);
    }
  }

  private node(node: Node | PipelineNode, guarded: boolean): void {
    const { pos } = node;
    switch (node.type) {
      case 'Command':
        this.emit({ op: 'command', pos, node, guarded });
        return;
      case 'AndOr':
        this.andOr(node, guarded);
        return;
      case 'Pipeline':
        this.pipeline(node, guarded);
        return;
      case 'Redirected': {
        const end = { at: -1 };
        this.emit({ op: 'redirect', pos, nodes: node.redirects, end });
        this.compound(node.command, guarded);
        this.emit({ op: 'restore', pos });
        this.here(end);
        return;
      }
      case 'Function':
        this.emit({ op: 'define', pos, name: node.name.value, body: this.body(node) });
        return;
      case 'CompoundList':
        this.list(node.commands, guarded);
        return;
      case 'Coproc':
        this.emit({ op: 'unread', pos, text: 'coproc is not read' });
        return;
      default:
        this.compound(node, guarded);
        return;
    }
  }

  private body(node: ShellFunction): Code {
    const within = new Compiler(this.source);
    within.node(node.body, false);
    return { id: `${this.source.id}#${node.pos}`, source: this.source, ops: within.ops };
  }

  private andOr({ commands, operators, pos }: AndOr, guarded: boolean): void {
    for (const [i, command] of commands.entries()) {
      const skip = { at: -1 };
      if (i > 0) this.emit({ op: 'branch', pos, success: operators[i - 1] === '||', to: skip });
      this.node(command, guarded || i < commands.length - 1);
      this.here(skip);
    }
  }

  private pipeline({ prefixes, commands, operators, pos }: Pipeline, guarded: boolean): void {
    const negated = prefixes.filter(({ type }) => type === 'Negation').length % 2 === 1;
    const inner = guarded || negated;
    if (commands.length === 1) this.node(commands[0]!, inner);
    else
      for (const [i, command] of commands.entries()) {
        const end = { at: -1 };
        const last = i === commands.length - 1;
        this.emit({ op: 'pipe', pos, first: i === 0, last, errors: operators[i] === '|&', end });
        this.node(command, true);
        this.here(end);
        this.emit({ op: 'close', pos, guarded: inner || !last });
      }
    if (negated) this.emit({ op: 'not', pos });
  }

  private compound(node: CompoundCommand, guarded: boolean): void {
    const { pos } = node;
    switch (node.type) {
      case 'If':
        this.conditional(node, guarded);
        return;
      case 'While':
        this.loop(node, guarded);
        return;
      case 'BraceGroup':
        this.list(node.body.commands, guarded);
        return;
      case 'Subshell': {
        const end = { at: -1 };
        this.emit({ op: 'subshell', pos, end });
        this.list(node.body.commands, guarded);
        this.here(end);
        this.emit({ op: 'close', pos, guarded });
        return;
      }
      case 'TestCommand':
        this.emit({ op: 'test', pos, node, guarded });
        return;
      case 'ArithmeticCommand':
        this.emit({ op: 'arithmetic', pos, node, guarded });
        return;
      case 'For': {
        const [end, again] = [{ at: -1 }, { at: -1 }];
        this.emit({ op: 'for', pos, node, end, again });
        this.here(again);
        this.emit({ op: 'next', pos, name: node.name.value, end });
        this.list(node.body.commands, guarded);
        this.emit({ op: 'jump', pos, to: again });
        this.here(end);
        this.emit({ op: 'leave', pos });
        return;
      }
      case 'ArithmeticFor': {
        const [end, again, top] = [{ at: -1 }, { at: -1 }, { at: -1 }];
        this.emit({ op: 'evaluate', pos, node: node.initialize });
        this.emit({ op: 'loop', pos, end, again });
        this.here(top);
        if (node.test) {
          this.emit({ op: 'evaluate', pos, node: node.test });
          this.emit({ op: 'branch', pos, success: false, to: end });
        }
        this.list(node.body.commands, guarded);
        this.here(again);
        this.emit({ op: 'evaluate', pos, node: node.update });
        this.emit({ op: 'jump', pos, to: top });
        this.here(end);
        this.emit({ op: 'status', pos, value: 0 });
        this.emit({ op: 'leave', pos });
        return;
      }
      case 'Case': {
        const end = { at: -1 };
        const to = node.items.map(() => ({ at: -1 }));
        this.emit({ op: 'case', pos, node, to, end });
        for (const [i, { body, terminator, pos }] of node.items.entries()) {
          this.here(to[i]!);
          this.list(body.commands, guarded);
          if (terminator === ';;&') this.emit({ op: 'unread', pos, text: ';;& is not read' });
          else if (terminator !== ';&') this.emit({ op: 'jump', pos, to: end });
        }
        this.here(end);
        return;
      }
      case 'Select':
        this.emit({ op: 'unread', pos, text: 'select is not read' });
        return;
    }
  }

  private conditional(node: If, guarded: boolean): void {
    const end = { at: -1 };
    const { pos } = node;
    for (const arm of [{ clause: node.clause, then: node.then }, ...node.elif]) {
      const next = { at: -1 };
      this.list(arm.clause.commands, true);
      this.emit({ op: 'branch', pos, success: false, to: next });
      this.list(arm.then.commands, guarded);
      this.emit({ op: 'jump', pos, to: end });
      this.here(next);
    }
    this.emit({ op: 'status', pos, value: 0 });
    if (node.else) this.list(node.else.commands, guarded);
    this.here(end);
  }

  private loop({ clause, body, kind, pos }: While, guarded: boolean): void {
    const [end, again, out] = [{ at: -1 }, { at: -1 }, { at: -1 }];
    this.emit({ op: 'loop', pos, end, again });
    this.here(again);
    this.list(clause.commands, true);
    this.emit({ op: 'branch', pos, success: kind === 'until', to: out });
    this.list(body.commands, guarded);
    this.emit({ op: 'jump', pos, to: again });
    this.here(out);
    this.emit({ op: 'status', pos, value: 0 });
    this.here(end);
    this.emit({ op: 'leave', pos });
  }
}
