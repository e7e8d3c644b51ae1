import { type Decision, findDevice, type KernelState, possibleDrivers } from '../../driver-core/index.ts';
import { findModule } from '../../driver-core/lookup.ts';
import { all, type Answer, either, not } from './answer.ts';
import { idAttribute } from '../udev/device.ts';
import type { Stage } from './stage.ts';

/** What `test`, `[` and `[[` say of their words; null is a word that is not known. */
export function testAnswer(stage: Stage, words: readonly (string | null)[]): Answer {
  const or = words.findIndex((word) => word === '-o' || word === '||');
  if (or > 0) return either(testAnswer(stage, words.slice(0, or)), testAnswer(stage, words.slice(or + 1)));
  const and = words.findIndex((word) => word === '-a' || word === '&&');
  if (and > 0) return all([testAnswer(stage, words.slice(0, and)), testAnswer(stage, words.slice(and + 1))]);
  const [first, second, third] = words;
  if (first === '!' && words.length > 1) return not(testAnswer(stage, words.slice(1)));
  if (words.length === 1) return first === null ? 'unknown' : decided(first !== '');
  if (words.length === 2) return first == null || second == null ? 'unknown' : unary(stage, first, second);
  if (words.length !== 3 || first == null || third == null) return 'unknown';
  return binary(first, second ?? '', third);
}

function decided(answer: boolean): Decision {
  return answer ? 'yes' : 'no';
}

function unary(stage: Stage, operator: string, word: string): Answer {
  if (operator === '-n') return decided(word !== '');
  if (operator === '-z') return decided(word === '');
  if (!/^-[efdLhrswx]$/.test(operator)) return 'unknown';
  if (word.startsWith('/sys/')) return sysfsExists(stage, word.slice('/sys/'.length).replaceAll(/\/+/g, '/'));
  if (/^\/(?:proc|dev|run|tmp)\//.test(word)) return 'unknown';
  if (operator === '-s') return decided((stage.files.read(word)?.length ?? 0) > 0);
  return decided(operator === '-d' ? stage.files.isDirectory(word) : stage.files.exists(word));
}

function binary(left: string, operator: string, right: string): Answer {
  if (operator === '=' || operator === '==') return decided(left === right);
  if (operator === '!=') return decided(left !== right);
  const numbers: Readonly<Record<string, (a: number, b: number) => boolean>> = {
    '-eq': (a, b) => a === b,
    '-ne': (a, b) => a !== b,
    '-gt': (a, b) => a > b,
    '-ge': (a, b) => a >= b,
    '-lt': (a, b) => a < b,
    '-le': (a, b) => a <= b,
  };
  const compare = Object.hasOwn(numbers, operator) ? numbers[operator]! : undefined;
  return compare && /^-?\d+$/.test(left) && /^-?\d+$/.test(right) ? decided(compare(+left, +right)) : 'unknown';
}

/** Whether a path of sysfs is there. Drivers, modules and the subject's link to its driver are the model's. */
function sysfsExists(stage: Stage, path: string): Answer {
  const { subject, sysfs } = stage;
  const driver = /^bus\/([^/]+)\/drivers\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (driver) {
    const [, bus, name, inside] = driver;
    return (state) => {
      const registered = state.drivers.some((one) => one.bus === bus && one.name === name);
      if (inside === undefined || /^(?:bind|unbind|new_id|remove_id)$/.test(inside)) return decided(registered);
      return inside === subject.name && bus === subject.bus ? hasDriver(state, stage, name!) : 'unknown';
    };
  }
  const module = /^module\/([^/]+)$/.exec(path)?.[1];
  if (module !== undefined)
    return (state) => {
      const found = findModule(state, module);
      return found ? decided(found.loaded) : 'unknown';
    };
  const device = deviceAt(path);
  if (device === undefined) return sysfs.exists(path) ? 'yes' : 'unknown';
  if (device.attribute === 'driver')
    return device.name === subject.name ? (state) => hasDriver(state, stage, undefined) : 'unknown';
  if (device.attribute.startsWith('driver/')) return 'unknown';
  return decided(sysfs.exists(path));
}

/** The device that a path of sysfs is about, and what of it. */
function deviceAt(path: string): { readonly name: string; readonly attribute: string } | undefined {
  const m =
    /^bus\/[^/]+\/devices\/([^/]+)\/?(.*)$/.exec(path) ??
    /^devices\/(?:.*\/)?([^/]*:[^/]*\.[0-7])\/?([^:]*)$/.exec(path);
  return m ? { name: m[1]!, attribute: m[2]! } : undefined;
}

/** Whether the subject has a driver, or that one. */
function hasDriver(state: KernelState, { subject: { bus, name } }: Stage, driver: string | undefined): Decision {
  const possible = possibleDrivers(findDevice(state, bus, name)?.driver ?? null);
  const answers = new Set(possible.map((one) => (driver === undefined ? one !== null : one === driver)));
  return answers.size > 1 ? 'unknown' : decided(answers.has(true));
}

/** What `cat` prints of a file, its last line feeds left out; null where that is not known. */
export function fileText({ files, sysfs, commandLine, idsOf }: Stage, path: string): string | null {
  const trimmed = (text: string | undefined) => text?.replace(/\n+$/, '') ?? null;
  if (path === '/proc/cmdline') return commandLine;
  if (!path.startsWith('/sys/')) return /^\/(?:proc|dev|run|tmp)\//.test(path) ? null : trimmed(files.text(path));
  const device = deviceAt(path.slice('/sys/'.length));
  if (device === undefined || /^driver/.test(device.attribute)) return null;
  return trimmed(sysfs.attribute(path.slice('/sys/'.length)) ?? idAttribute(idsOf(device.name), device.attribute));
}
