import { grouped } from '../../grouped.ts';
import type { Evidence } from '../state.ts';
import { FEW } from './indexed.ts';
import { Remembered } from './remembered.ts';

type Facts = readonly Evidence[];

const NONE: Facts = [];

/** What is known of the devices of a name. */
const KNOWN = new Remembered<Facts, (device: string) => Facts>((facts) => {
  const byDevice = grouped(facts, ({ device }) => device);
  return (device) => byDevice.get(device) ?? NONE;
});

/** The first fact about a driver and a device of its bus that says something. */
export function factAbout(
  facts: Facts,
  { bus, driver, device }: Pick<Evidence, 'bus' | 'driver' | 'device'>,
  says: 'matches' | 'probe' | 'configure' | 'device' = 'device',
): Evidence | undefined {
  const some = facts.length <= FEW ? facts : KNOWN.of(facts)(device);
  return some.find(
    (one) => one.device === device && one.driver === driver && one.bus === bus && one[says] !== undefined,
  );
}

/** Facts in the order of their names. */
const SORTED = new Remembered<Facts, Facts>((facts) =>
  facts
    .map((fact) => ({ fact, name: nameOf(fact) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ fact }) => fact),
);

const nameOf = ({ bus, driver, device }: Evidence) => `${bus} ${driver} ${device}`;

/** These facts and one more, in place of what they say about its driver and device; all in the order of their names. */
export function withFact(facts: Facts, fact: Evidence): Facts {
  const sorted = SORTED.of(facts);
  const name = nameOf(fact);
  let [at, end] = [0, sorted.length];
  while (at < end) {
    const middle = (at + end) >> 1;
    if (nameOf(sorted[middle]!) < name) at = middle + 1;
    else end = middle;
  }
  while (end < sorted.length && nameOf(sorted[end]!) === name) end++;
  const next = sorted.toSpliced(at, end - at, fact);
  SORTED.give(next, next);
  if (next.length <= FEW) return next;
  const before = KNOWN.of(facts);
  const about = [...before(fact.device).filter((one) => nameOf(one) !== name), fact];
  KNOWN.give(next, (device) => (device === fact.device ? about : before(device)));
  return next;
}
