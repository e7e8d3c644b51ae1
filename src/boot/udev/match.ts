import type { Decision } from '../../driver-core/index.ts';
import { possibleDrivers } from '../../driver-core/index.ts';
import { fnmatch } from '../../pattern/fnmatch.ts';
import type { Files } from '../files/files.ts';
import type { Answer } from '../run/answer.ts';
import type { UdevDevice } from './device.ts';
import type { RuleToken } from './rules.ts';

/** What is known while the rules run for a device. */
export interface EventContext {
  readonly device: UdevDevice;
  /** The device is the one whose driver is predicted: its driver and override are the model's. */
  readonly isSubject: boolean;
  readonly files: Files;
  /** Variables; null for those whose value is not known. */
  readonly env: Map<string, string | null>;
  readonly tags: Set<string>;
}

/** Whether a token matches. udev-rules.c:udev_rule_apply_token_to_event. */
export function matchToken(token: RuleToken, context: EventContext): Answer {
  const { device, env, tags } = context;
  const compare = (value: string | null | undefined): Decision =>
    value === null ? 'unknown' : not(token, matchesText(token, value ?? ''));
  switch (token.key) {
    case 'ACTION':
      return compare('add');
    case 'KERNEL':
    case 'NAME':
      return compare(device.name);
    case 'SUBSYSTEM':
      return compare(device.subsystem);
    case 'DEVPATH':
      return compare(`/${device.path}`);
    case 'DRIVER':
      return driverMatch(token, context);
    case 'ENV':
      return compare(env.has(token.attribute) ? env.get(token.attribute) : notImported(token.attribute));
    case 'TAG':
    case 'TAGS':
      return not(
        token,
        [...tags].some((tag) => matchesText(token, tag)),
      );
    case 'ATTR':
      return attributeMatch(token, context);
    case 'KERNELS':
    case 'SUBSYSTEMS':
    case 'DRIVERS':
    case 'ATTRS':
      return parentMatch(token, device);
    case 'TEST':
      return testMatch(token, context);
    case 'CONST':
    case 'SYSCTL':
    case 'PROGRAM':
    case 'RESULT':
      return 'unknown';
    case 'IMPORT':
      return 'yes';
    default:
      return 'yes';
  }
}

/** Variables of these names come from hwdb, udev's programs and its database, which are not read. */
function notImported(name: string): string | null {
  return /^(?:ID_|DM_|MD_|\.|HID_|LIBINPUT_|MOUSE_|TAGS$)/.test(name) ? null : '';
}

function not({ operator }: RuleToken, matches: boolean): Decision {
  return matches === (operator === '==') ? 'yes' : 'no';
}

/** Alternatives are separated by `|` (udev-rules.c:token_match_string). */
function matchesText({ value, ignoreCase }: RuleToken, text: string): boolean {
  const subject = ignoreCase ? text.toLowerCase() : text;
  if (value.length > 65_536 || subject.length > 65_536) return false;
  return (ignoreCase ? value.toLowerCase() : value).split('|').some((pattern) => fnmatch(pattern, subject));
}

function driverMatch(token: RuleToken, { device, isSubject }: EventContext): Answer {
  if (!isSubject) return 'unknown';
  return (state) => {
    const now = state.devices.find((one) => one.bus === device.subsystem && one.name === device.name);
    const answers = new Set(
      possibleDrivers(now?.driver ?? null).map((name) => not(token, matchesText(token, name ?? ''))),
    );
    return answers.size === 1 ? [...answers][0]! : 'unknown';
  };
}

function attributeMatch(token: RuleToken, { device, isSubject }: EventContext): Answer {
  const { attribute } = token;
  if (attribute.startsWith('[')) return 'unknown';
  if (attribute === 'driver_override' && isSubject)
    return (state) => {
      const now = state.devices.find((one) => one.bus === device.subsystem && one.name === device.name);
      return not(token, matchesText(token, now?.override ?? '(null)'));
    };
  if (attribute.startsWith('driver/')) return 'unknown';
  const value = device.attribute(attribute);
  // A missing attribute matches neither == nor != (token_match_attr).
  return value === undefined ? 'no' : not(token, matchesText(token, value));
}

function parentMatch(token: RuleToken, device: UdevDevice): Answer {
  const chain = [device, ...device.parents()];
  const value = (one: UdevDevice): string | undefined => {
    if (token.key === 'KERNELS') return one.name;
    if (token.key === 'SUBSYSTEMS') return one.subsystem;
    return token.key === 'ATTRS' ? one.attribute(token.attribute) : undefined;
  };
  if (token.key === 'DRIVERS') return 'unknown';
  return chain.some((one) => {
    const text = value(one);
    return text !== undefined && not(token, matchesText(token, text)) === 'yes';
  })
    ? 'yes'
    : 'no';
}

function testMatch(token: RuleToken, { device, isSubject, files }: EventContext): Answer {
  const { value } = token;
  const answer = (there: boolean) => not(token, there);
  if (value.startsWith('/sys/') || /[*?[]/.test(value)) return 'unknown';
  if (value.startsWith('/')) return answer(files.exists(value));
  if (value !== 'driver') return answer(device.exists(value));
  if (!isSubject) return 'unknown';
  return (state) => {
    const now = state.devices.find((one) => one.bus === device.subsystem && one.name === device.name);
    const possible = possibleDrivers(now?.driver ?? null);
    return possible.includes(null) && possible.length > 1 ? 'unknown' : answer(possible[0] !== null);
  };
}
