import { needText } from '../../arguments.ts';
import { type KernelEvent, type KernelState, possibleDrivers } from '../../driver-core/index.ts';
import { deviceCalled } from '../../driver-core/lookup.ts';
import { ModaliasError } from '../../errors.ts';
import { linesOf, parseChecked } from '../../packaging/checked-json.ts';
import { eventText } from './event-text.ts';
import type { Place, Position, Program, Step } from './program.ts';
import { recipeSchema } from './recipe-schema.ts';

/** A look at where a device is; the recipe fails if it is not on this driver, or goes back to try again. */
export interface Expectation {
  readonly kind: 'expect';
  readonly device: string;
  /** Null for none. */
  readonly driver: string | null;
  /** Index of the event to go back to. Default: the recipe fails. */
  readonly retryFrom?: number | undefined;
  /** How often it goes back. Default: once. */
  readonly times?: number | undefined;
}

/** One event of a recipe. One that may fail does not end the recipe. */
export type RecipeEvent = (KernelEvent | Expectation) & { readonly mayFail?: boolean | undefined };

/** Events in their order, as they stand in a JSON file or were made. */
export interface Recipe {
  readonly name: string;
  readonly file: string;
  readonly events: readonly RecipeEvent[];
  /** The line of each event, the first is 1. */
  readonly lines: readonly number[];
}

/** Reads a recipe. Throws a `ModaliasError` with all problems, each with its JSON pointer. */
export function parseRecipe(json: string, file: string): Recipe {
  needText('json', json);
  needText('file', file);
  const read = parseChecked(json, file, recipeSchema) as { readonly name?: string; readonly events: RecipeEvent[] };
  const lines = linesOf(json, new Set(read.events.map((_, i) => `/events/${i}`)));
  for (const [i, event] of read.events.entries())
    if (event.kind === 'expect' && (event.retryFrom ?? 0) > i)
      throw new ModaliasError('bad-value', `found ${event.retryFrom}, expected the index of an earlier event`, {
        file,
        pointer: `/events/${i}/retryFrom`,
      });
  return {
    name: read.name ?? file,
    file,
    events: read.events,
    lines: read.events.map((_, i) => lines.get(`/events/${i}`)!),
  };
}

/** A recipe made of events, each on a line of its own. */
export function recipeOf(name: string, events: readonly RecipeEvent[]): Recipe {
  return { name, file: name, events, lines: events.map((_, i) => i + 1) };
}

/** Where a run of a recipe is: the next event, and how often it went back. */
interface At extends Position {
  readonly index: number;
  readonly retries: number;
  readonly failed: boolean;
}

const at = (index: number, retries: number, failed = false): At => ({
  key: `${index}:${retries}${failed ? ' failed' : ''}`,
  index,
  retries,
  failed,
});

/** A recipe as a process: it does its events in order and stops at the first that fails, unless that may fail. */
export function recipeProgram({ name, file, events, lines }: Recipe): Program {
  const next = (position: Position, kernel: KernelState): Step => {
    const { index, retries, failed } = position as At;
    const event = events[index];
    if (failed || !event) return { kind: 'end', status: failed ? 1 : 0 };
    const place: Place = { file, line: lines[index]! };
    const following = at(index + 1, retries);
    const failing = event.mayFail ? following : at(index, retries, true);
    if (event.kind !== 'expect') {
      const then = ({ kind }: { readonly kind: string }) => (kind === 'errno' ? failing : following);
      return { kind: 'event', place, text: eventText(event), event, then };
    }
    const text = `expects ${event.device} on ${event.driver ?? 'no driver'}`;
    if (driverOf(kernel, event.device) === event.driver) return { kind: 'read', place, text, then: following };
    const again = event.retryFrom !== undefined && retries < (event.times ?? 1);
    return { kind: 'read', place, text, then: again ? at(event.retryFrom, retries + 1) : failing };
  };
  const opens = [...new Set(events.flatMap((event) => ('by' in event ? event.by : [])))];
  return { name, start: at(0, 0), next, unread: [], ...(opens.length > 0 ? { opens } : {}) };
}

function driverOf(kernel: KernelState, name: string): string | null | undefined {
  const device = deviceCalled(kernel, name);
  const possible = possibleDrivers(device?.driver ?? null);
  return possible.length === 1 ? possible[0] : undefined;
}
