import { type Rule, type RuleToken, rulesOf } from '../../boot/udev/rules.ts';
import type { Program, Unread } from './program.ts';
import { shellQuoted, translated } from './translated.ts';
import { builtinCommand, commandOf, substituted } from './udev-values.ts';

/** Keys that name, own or tag what user space sees, and do nothing to the kernel. */
const WITHOUT_BEARING = new Set([
  'NAME',
  'SYMLINK',
  'OWNER',
  'GROUP',
  'MODE',
  'SECLABEL',
  'TAG',
  'OPTIONS',
  'LABEL',
  'GOTO',
]);

/**
 * A file of udev rules as a program: an `add` event of each device of the machine, one after the other, as udevadm
 * trigger makes them. The rules are applied in their order; what RUN names runs after them (systemd
 * src/udev/udev-event.c: udev_event_execute_run). Values are written without a newline (udev-rules.c: TK_A_ATTR). Keys
 * that ask about parents, and imports, are not read. Devices of other buses than PCI are looked at where a rule names
 * their subsystem.
 */
export function udevRules(text: string, file: string): Program {
  const { rules, unread: bad } = rulesOf(text, file);
  const unread: Unread[] = bad.map(({ line, text }) => ({ place: { file, line }, text }));
  const commands = new Map<number, string[]>();
  const labels = new Set(
    rules.flatMap(({ assigns }) => assigns.filter(({ key }) => key === 'LABEL').map(({ value }) => value)),
  );
  for (const rule of rules) {
    const read = ruleCommands(rule, labels);
    if (typeof read === 'string') unread.push({ place: { file, line: rule.line }, text: `${rule.text}: ${read}` });
    else commands.set(rule.line, read);
  }
  if (commands.size === 0) return translated(new Map(), { file, shown: () => '', unread });
  const lines = [...commands.keys()];
  const [first, last] = [Math.min(...lines), Math.max(...lines)];
  commands.set(first, [`for DEVICE in ${busesOf(rules)}; do ${START}`, ...commands.get(first)!]);
  commands.set(last, [...commands.get(last)!, 'for one in $RUNS; do "$one"; done; done']);
  const shown = text.split('\n');
  return translated(commands, { file, shown: (line) => shown[line - 1] ?? '', unread });
}

/** What an event of a device begins with. */
const START = [
  'RUNS= SKIP= RESULT= KERNEL=$(basename "$DEVICE") SUBSYSTEM=$(basename "$(readlink -f "$DEVICE/subsystem")")',
  'DEVPATH=$(readlink -f "$DEVICE" | cut -c5-)',
].join('; ');

function busesOf(rules: readonly Rule[]): string {
  const named = rules.flatMap(({ matches }) =>
    matches
      .filter(({ key, operator }) => key === 'SUBSYSTEM' && operator === '==')
      .flatMap(({ value }) => value.split('|')),
  );
  const buses = new Set(['pci', ...named.filter((bus) => /^[a-z][\w-]*$/.test(bus) && OVERRIDABLE.has(bus))]);
  return [...buses].map((bus) => `/sys/bus/${bus}/devices/*`).join(' ');
}

/** Buses whose devices VFIO takes. */
const OVERRIDABLE = new Set(['pci', 'platform', 'amba', 'fsl-mc', 'cdx', 'vmbus']);

/** A rule as commands of a shell; a text where something of it is not read. */
function ruleCommands({ matches, assigns, line }: Rule, labels: ReadonlySet<string>): string[] | string {
  const conditions: string[] = [];
  const label = assigns.find(({ key }) => key === 'LABEL')?.value;
  if (label !== undefined) conditions.push(`[ -z "$SKIP" ] || [ "$SKIP" = ${shellQuoted(label)} ] && SKIP=`);
  else conditions.push('[ -z "$SKIP" ]');
  for (const token of matches) {
    const condition = conditionOf(token);
    if (condition === null) return `${token.key}${token.attribute && `{${token.attribute}}`} is not read`;
    conditions.push(condition);
  }
  const before: string[] = [];
  const actions: string[] = [];
  for (const [i, token] of assigns.entries()) {
    if (token.key === 'GOTO' && labels.has(token.value)) actions.push(`SKIP=${shellQuoted(token.value)}`);
    else if (token.key === 'RUN') {
      const command = token.attribute === 'builtin' ? builtinCommand(token.value) : commandOf(token.value);
      if (command === null) return `RUN ${token.value} is not read`;
      before.push(`run_${line}_${i}() { ${command}; }`);
      actions.push(`RUNS="${token.operator === '+=' ? '$RUNS ' : ''}run_${line}_${i}"`);
    } else if (token.key === 'ATTR')
      actions.push(`printf %s ${substituted(token.value)} > "$DEVICE/${token.attribute}"`);
    else if (token.key === 'ENV' && /^[A-Z_]\w*$/i.test(token.attribute))
      actions.push(`ENV_${token.attribute}=${substituted(token.value)}`);
    else if (!WITHOUT_BEARING.has(token.key)) return `${token.key} is not read`;
  }
  return [...before, [...conditions, actions.length > 0 ? `{ ${actions.join('; ')}; }` : ':'].join(' && ')];
}

/** A match as a command that succeeds where it matches; null where it is not read. */
function conditionOf(token: RuleToken): string | null {
  const { key, attribute, operator, value, ignoreCase } = token;
  const not = operator === '!=' ? '! ' : '';
  if (ignoreCase) return null;
  switch (key) {
    case 'ACTION':
      return not + caseOf('add', value);
    case 'SUBSYSTEM':
    case 'KERNEL':
    case 'DEVPATH':
    case 'RESULT':
      return not + caseOf(`"$${key}"`, value);
    case 'DRIVER':
      return not + caseOf('"$(basename "$(readlink "$DEVICE/driver")")"', value);
    case 'ATTR':
      return `[ -e "$DEVICE/${attribute}" ] && ${not}${caseOf(`"$(cat "$DEVICE/${attribute}")"`, value)}`;
    case 'ENV':
      return environmentOf(attribute, not, value);
    case 'TEST':
      return `${not}[ -e ${value.startsWith('/') ? substituted(value) : `"$DEVICE/"${substituted(value)}`} ]`;
    case 'PROGRAM': {
      const command = commandOf(value);
      return command === null ? null : `${not}{ RESULT=$(${command}); }`;
    }
    default:
      return null;
  }
}

/**
 * Properties that the kernel gives with a PCI device's event (drivers/pci/pci-driver.c:pci_uevent), and a rule's own.
 */
function environmentOf(name: string, not: string, value: string): string | null {
  if (name === 'DRIVER') return not + caseOf('"$(basename "$(readlink "$DEVICE/driver")")"', value);
  if (name === 'SUBSYSTEM' || name === 'DEVPATH') return not + caseOf(`"$${name}"`, value);
  if (name === 'PCI_SLOT_NAME') return not + caseOf('"$KERNEL"', value);
  if (name === 'MODALIAS') return not + caseOf('"$(cat "$DEVICE/modalias")"', value);
  return /^[A-Z_]\w*$/i.test(name) ? not + caseOf(`"\${ENV_${name}:-}"`, value) : null;
}

/** Patterns of udev are those of a shell's case, alternatives with | too. */
function caseOf(word: string, patterns: string): string {
  const quoted = patterns.replaceAll(/[^\w*?[\]|.:/!^-]/g, (c) => `'${c === "'" ? `'"'"'` : c}'`);
  return `case ${word} in ${quoted === '' ? "''" : quoted.replace(/^\||\|$|\|(?=\|)/g, "''|")}) ;; *) false ;; esac`;
}
