import { ModaliasError } from '../errors.ts';
import type { Mention } from './device-lines.ts';

/** Where the objects of NDJSON have what is asked for: names of members, or JSON pointers, which begin with a slash. */
export interface JsonKeys {
  /** The modalias, or a list of the modaliases of one machine. */
  readonly key: string;
  /** The machine's name. Default: the objects name none. */
  readonly machineKey?: string | undefined;
}

/**
 * The devices that a line of NDJSON mentions, latin1 as it was read: each character of a modalias is a byte of UTF-8.
 * Throws `bad-json`, and `unread-line` where there is no modalias.
 */
export function mentionsOfJson(line: string, { key, machineKey }: JsonKeys): readonly Mention[] {
  const value = parsed(line);
  const found = memberAt(value, key);
  const modaliases = Array.isArray(found) ? found : [found];
  if (modaliases.length === 0 || !modaliases.every((one) => typeof one === 'string' && one !== ''))
    throw new ModaliasError('unread-line', `expected a modalias as '${key}'; found ${shown(found)}`);
  const machine = machineKey === undefined ? undefined : memberAt(value, machineKey);
  if (machine !== undefined && typeof machine !== 'string' && typeof machine !== 'number')
    throw new ModaliasError('unread-line', `expected a machine's name as '${machineKey}'; found ${shown(machine)}`);
  return modaliases.map((modalias: string) => ({
    modalias: bytesOf(modalias),
    ...(machine === undefined ? {} : { machine: `${machine}` }),
  }));
}

function parsed(line: string): unknown {
  const text = Buffer.from(line, 'latin1').toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModaliasError('bad-json', `expected a JSON object; ${(error as SyntaxError).message}`);
  }
}

/** A member by its name, or by a JSON pointer (RFC 6901); undefined where there is none. */
function memberAt(value: unknown, key: string): unknown {
  const names = key.startsWith('/')
    ? key
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [key];
  let at = value;
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** A text as the bytes of UTF-8, one character each. */
function bytesOf(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** The name that a recorded machine has, and the modaliases of its devices, latin1. */
export interface RecordedMachine {
  readonly name: string | undefined;
  readonly modaliases: readonly string[];
}

/**
 * A machine as it is recorded in JSON: devices with their attributes, and other files of sysfs by their paths.
 * Undefined for any other JSON, and for a text that is none.
 */
export function recordedMachine(text: string): RecordedMachine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { devices, sysfs, name } = Object(value) as { devices?: unknown; sysfs?: unknown; name?: unknown };
  if (!Array.isArray(devices)) return undefined;
  const attributes = devices.map((device) => Object(Object(device).attributes) as Record<string, unknown>);
  const files = Object.entries(Object(sysfs) as Record<string, unknown>);
  const found = [
    ...attributes.map(({ modalias, uevent }) => modalias ?? modaliasOfUevent(uevent)),
    ...files.map(([path, data]) =>
      path.endsWith('/modalias') ? data : path.endsWith('/uevent') ? modaliasOfUevent(data) : undefined,
    ),
  ];
  const modaliases = found.flatMap((one) =>
    typeof one === 'string' && one.trim() !== '' ? [bytesOf(one.trim())] : [],
  );
  return { name: typeof name === 'string' && name !== '' ? name : undefined, modaliases };
}

/** The modalias in the text of a uevent file; undefined without one. */
export function modaliasOfUevent(text: unknown): string | undefined {
  return typeof text === 'string' ? /^MODALIAS=(.+)$/m.exec(text)?.[1] : undefined;
}
