import { DEVICE_FORMATS, NAME_DEVICES, TABLELESS_DEVICES } from '../bus/buses.ts';
import { didYouMean } from '../nearest.ts';

/** The words before the colon of all devices whose modaliases are known. */
const DEVICE_WORDS: readonly string[] = [
  ...new Set([...DEVICE_FORMATS.map(({ bus }) => bus), ...NAME_DEVICES, ...TABLELESS_DEVICES]),
].sort();

const BUSES = new Set(DEVICE_WORDS.map(underscored));
/** What libkmod looks up that is not a device: a symbol, a name of devtmpfs. */
const OTHERS = new Set(['symbol', 'devname']);

/** Whether a text begins with the word of a known bus, with or without an override prefix, a colon, and more. */
export function isDeviceKey(text: string): boolean {
  const word = wordOf(text);
  return word !== undefined && isBus(word) && text.length > word.length + 1;
}

/** The word before the colon of a text that looks like a modalias, if it is of no known bus. */
export function unknownBus(text: string): string | undefined {
  const word = wordOf(text);
  return word === undefined || isBus(word) || OTHERS.has(word) ? undefined : word;
}

/** What to say of a text of an unknown bus. */
export function unknownBusText(word: string): string {
  return `no known bus has modaliases that begin with '${word}:'${didYouMean(word, DEVICE_WORDS)}`;
}

const isBus = (word: string) => BUSES.has(underscored(word)) || BUSES.has(underscored(word.replace(/^[a-z0-9]+_/, '')));

function wordOf(text: string): string | undefined {
  return /^(?![0-9a-f]{1,8}:)([a-z][a-z0-9_-]*):\S*$/.exec(text)?.[1];
}

function underscored(word: string): string {
  return word.replaceAll('-', '_');
}
