import type { Redirection } from 'unbash';
import type { Files } from './files.ts';
import type { Descriptor, Descriptors, ReadyRedirect, Thread } from './thread.ts';
import { SOME_NAME, UNKNOWN_TEXT } from './thread.ts';
import { Unreadable } from './unreadable.ts';
import type { Expander } from './words/expand.ts';

/** Expands the targets of redirections. */
export function expandRedirects(nodes: readonly Redirection[], expander: Expander): ReadyRedirect[] {
  return nodes.map((node) => {
    const { descriptor } = node;
    if (descriptor?.type === 'FileDescriptorVariable') throw new Unreadable(`{${descriptor.name}}${node.operator}`);
    const number = descriptor?.value ?? (/^[<]/.test(node.operator) ? 0 : 1);
    if (node.type === 'HereDoc')
      return {
        operator: '<<',
        descriptor: number,
        target: expander.body(node.body.parts, stripTabs(node.operator, node.body.text)),
      };
    if (!node.target) throw new Unreadable(`${node.operator} without a target`);
    if (node.type === 'HereString')
      return { operator: '<<', descriptor: number, target: `${expander.text(node.target)}\n` };
    const [only] = node.target.parts ?? [];
    if (only?.type === 'ProcessSubstitution' && only.operator === '<' && node.operator === '<') {
      const text = expander.substitution(only);
      return { operator: '<<', descriptor: number, target: text === '' ? '' : `${text}\n` };
    }
    return { operator: node.operator, descriptor: number, target: expander.text(node.target) };
  });
}

function stripTabs(operator: string, text: string): string {
  return operator === '<<-' ? text.replace(/^\t+/gm, '') : text;
}

/** The descriptors after redirections, and the files of sysfs that they opened; null where one cannot be opened. */
export interface Opened {
  readonly descriptors: Descriptors;
  readonly opened: readonly string[];
  readonly input: boolean;
}

/**
 * Opens what redirections name, in order. A file outside sysfs is made; whether one of sysfs is there shows at the
 * write, which is one step with opening it. Null where an input cannot be opened: the command is then not run.
 */
export function open(t: Thread, redirects: readonly ReadyRedirect[], files: Files): Opened | null {
  const descriptors = [...t.descriptors];
  const opened: string[] = [];
  let input = false;
  const set = (number: number, to: Descriptor | undefined) => {
    descriptors[number] = to;
    input ||= number === 0;
  };
  for (const { operator, descriptor, target } of redirects) {
    if (operator === '<<') set(descriptor, { kind: 'text', text: target });
    else if (operator === '<') {
      const text = files.text(target);
      if (text === null) return null;
      set(descriptor, { kind: 'text', text });
    } else if ((operator === '>&' || operator === '<&') && /^(?:\d+|-)$/.test(target)) {
      set(descriptor, target === '-' ? undefined : descriptors[Number(target)]);
    } else if (operator === '<>' || operator === '<&') throw new Unreadable(`${operator} ${target}`);
    else {
      const path = openForWriting(t, target, operator.endsWith('>>'), files);
      set(descriptor, path);
      if (path.kind === 'file' && files.inSysfs(path.path) !== null) opened.push(path.path);
      if (operator.startsWith('&>') || operator === '>&') set(2, path);
    }
  }
  return { descriptors, opened, input };
}

/** Files of sysfs that have no bearing on which driver has which device. */
const WITHOUT_BEARING =
  /(?:^|\/)(?:power\/[\w-]+|d3cold_allowed|msi_bus|numa_node|nr_hugepages|brightness)$|^class\/(?:vtconsole|graphics|backlight|leds)\/|^devices\/system\/|^kernel\/mm\/|^power\/|^bus\/workqueue\//;

const isWithoutBearing = (below: string | null) =>
  below !== null && !below.includes(UNKNOWN_TEXT) && WITHOUT_BEARING.test(below);

function openForWriting(t: Thread, path: string, append: boolean, files: Files): Descriptor {
  // Whichever file of a name that is not known it is, it may be one without bearing.
  if (isWithoutBearing(files.inSysfs(path.replaceAll(SOME_NAME, 'x')))) return { kind: 'terminal' };
  if (path.includes(UNKNOWN_TEXT)) {
    t.changed.add(UNKNOWN_TEXT);
    return { kind: 'file', path };
  }
  const whole = files.absolute(path);
  if (whole === '/dev/null' || /^\/dev\/(?:tty|console|stderr|stdout|kmsg)/.test(whole)) return { kind: 'terminal' };
  const below = files.inSysfs(path);
  if (below === null) {
    t.change(whole, append ? (t.files.get(whole) ?? '') : '');
  }
  return { kind: 'file', path: whole };
}
