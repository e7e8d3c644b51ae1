import { ModaliasError } from '../../errors.ts';
import { bareLine, type Mention, mentionOf } from '../../inventory/device-lines.ts';
import { type JsonKeys, mentionsOfJson } from '../../inventory/json-devices.ts';
import { knownDevice } from '../../inventory/known-device.ts';
import { memberOf } from '../../inventory/lspci.ts';
import { answersTo, refusalOf } from '../../packaging/coverage/answer.ts';
import type { CoverageKernel } from '../../packaging/coverage/kernel.ts';
import { stepper } from '../../packaging/coverage/step.ts';
import { textOfBytes } from '../terminal.ts';
import { deviceMembers } from './coverage-json.ts';

/** What NDJSON answers to a line of an inventory. */
export interface LineAnswer {
  /** One line, UTF-8 as latin1; empty for a line that known programs print beside their devices. */
  readonly text: string;
  /** Whether something counts for the exit status. */
  readonly fails: boolean;
  /** Why the line does not identify a device. */
  readonly problem?: ModaliasError | undefined;
}

const NOTHING: LineAnswer = { text: '', fails: false };

/** Answers to remember: fleets have the same devices over and over, and memory must not grow with the input. */
const MOST_KNOWN = 20_000;

/**
 * Answers lines of an inventory one by one, latin1: an answer depends on its line and on the kernels, never on other
 * lines. With `json` the lines are NDJSON, and an answer is its object with a member `answers` more. The function
 * throws `unread-line` for a line of a record of `lspci -vmm`, which only other lines complete.
 */
export function lineAnswerer(
  kernels: readonly CoverageKernel[],
  failing: (kind: string) => boolean,
  json?: JsonKeys,
): (line: string) => LineAnswer {
  const changesOf = stepper(kernels);
  const known = new Map<string, { readonly text: string; readonly fails: boolean }>();
  /** What is asked of a modalias, as members of an object without its braces. */
  const answer = (text: string) => {
    let found = known.get(text);
    if (!found) {
      const device = knownDevice(text);
      const answers = answersTo(device, kernels);
      const fault = refusalOf(device.modalias) ?? device.fault;
      const problem = fault === undefined ? '' : `,"problem":${JSON.stringify(fault)}`;
      found = {
        text: bytesOf(deviceMembers({ modalias: device.modalias, unknown: device.unknown, answers }) + problem),
        fails:
          changesOf(answers).some((change) => failing(change.class)) ||
          (failing('unserved') && answers.some(({ state }) => state === 'none')),
      };
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(text, found);
    }
    return found;
  };
  const plain = (line: string): LineAnswer => {
    if (memberOf(line)) throw new ModaliasError('unread-line', RECORD);
    const mention = mentionOf(line);
    if (mention === 'other') return NOTHING;
    if (mention === 'unread') return unread(line, new ModaliasError('unread-line', 'does not identify a device'));
    const { text, fails } = answer(mention.modalias);
    return { text: `{${prefixOf(mention)}${text}}\n`, fails };
  };
  if (!json) return (text) => plain(bareLine(text));
  return (text) => {
    const line = bareLine(text).trim();
    if (line === '') return NOTHING;
    try {
      const [mention, ...more] = mentionsOfJson(line, json);
      if (more.length > 0)
        throw new ModaliasError(
          'unread-line',
          `expected one modalias as '${json.key}', as each line has one answer; found ${more.length + 1}`,
        );
      const { text: members, fails } = answer(mention!.modalias);
      return { text: `${withMembers(line, members)}\n`, fails };
    } catch (error) {
      if (error instanceof ModaliasError && PER_LINE.has(error.code)) return unread(line, error);
      throw error;
    }
  };
}

const PER_LINE: ReadonlySet<string> = new Set(['bad-json', 'unread-line']);
const RECORD = 'a record of lspci -vmm is several lines, and --format ndjson answers each by itself; use lspci -nmm';

/** What a line says beside the modalias. */
function prefixOf({ machine, count }: Mention): string {
  if (machine !== undefined) return `"machine":${JSON.stringify(machine)},`;
  return count === undefined ? '' : `"count":${count},`;
}

/** The line is shown as the text that it is in UTF-8. */
function unread(line: string, problem: ModaliasError): LineAnswer {
  const text = textOfBytes(line);
  return { text: `${bytesOf(JSON.stringify({ text, problem: problem.message }))}\n`, fails: false, problem };
}

/**
 * An object, byte for byte as it came, with the members of an answer that it lacks; answers of an earlier run go. A
 * modalias that is added is text, as all of NDJSON.
 */
function withMembers(line: string, members: string): string {
  const own = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Record<string, unknown>;
  const added = JSON.parse(Buffer.from(`{${members}}`, 'latin1').toString('utf8')) as Record<string, unknown>;
  const lacking = Object.entries({ ...added, modalias: textOfBytes(added.modalias as string) }).filter(
    ([name]) => !Object.hasOwn(own, name),
  );
  const fresh = Object.fromEntries(lacking);
  if (Object.hasOwn(own, 'answers')) return bytesOf(JSON.stringify({ ...own, answers: added.answers, ...fresh }));
  const more = bytesOf(JSON.stringify(fresh).slice(1, -1));
  return `${line.slice(0, -1)}${Object.keys(own).length === 0 ? '' : ','}${more}}`;
}

/** A text as the bytes of UTF-8, one character each. */
function bytesOf(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
