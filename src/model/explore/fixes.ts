import type { KernelState } from '../../driver-core/index.ts';
import { eventText } from '../script/event-text.ts';
import { type RecipeEvent, recipeOf, recipeProgram } from '../script/recipe.ts';
import type { Aim } from './aims.ts';
import { type CheckOptions, type CheckResult, check } from './check.ts';
import type { PropertyId } from './properties.ts';
import type { Violation } from './violations.ts';

/** What removes a violation. */
export interface Fix {
  readonly text: string;
  /** What to do instead, as a person would type it; empty where the program has no driver as its aim. */
  readonly instead: readonly string[];
  /** Whether that was checked in the same way, and every property holds; null where there is nothing to check. */
  readonly holds: boolean | null;
}

/** A violation with what removes it. */
export interface FixedViolation extends Violation {
  readonly fix: Fix;
}

/** What came of checking programs with one kernel, with what removes each violation. */
export type FixedResult = Omit<CheckResult, 'violations'> & { readonly violations: readonly FixedViolation[] };

/** A rule of advice: what a trace looks like, and what to do. */
interface Advice {
  readonly when: (violation: Violation, told: Told) => boolean;
  readonly text: (aim: Aim | undefined) => string;
}

/** What a trace shows of who did what. */
interface Told {
  /** The texts of what the program did, in order. */
  readonly program: string;
  /** What others did. */
  readonly others: string;
}

const driverOf = (aim: Aim | undefined) => aim?.driver ?? 'the driver';
const PROBED: readonly PropertyId[] = ['success-is-true', 'keeps-a-driver', 'ends'];

/** The first that applies is given. */
const ADVICE: readonly Advice[] = [
  {
    when: ({ message }) => /^the program (?:does not|never ends)/.test(message),
    text: () => 'end a loop that waits after so many turns, and fail: what it waits for may never come',
  },
  {
    when: ({ message }) => /\b(?:ends|leaves \S+) removed\b/.test(message),
    text: () =>
      'have every run bring it back, also one that finds it gone: write 1 to bus/pci/rescan, or make the functions again that went away with a driver',
  },
  {
    when: ({ property, trace }) => property === 'succeeds' && trace.length === 0,
    text: () =>
      'it ends before it touches a device: give it the arguments (--args) and variables (--env) that it expects, or a machine on which it goes on',
  },
  {
    when: (_, { program }) => /\/new_id\b|\bids=/.test(program),
    text: (aim) =>
      `name the device, not its ids: write ${driverOf(aim)} to its driver_override and its name to ${driverOf(aim)}/bind; a dynamic id is for every device that has it, now and later`,
  },
  {
    when: (_, { others }) => /modprobe -r/.test(others),
    text: (aim) =>
      `look at the device's driver link after bind, and if it is not ${driverOf(aim)} load the module and bind again; a process that holds the device keeps the module from being unloaded`,
  },
  {
    when: ({ property }, { program }) => PROBED.includes(property) && overridesByModule(program),
    text: (aim) =>
      `write the name of the driver, ${driverOf(aim)}, to driver_override: it is compared letter by letter, and a module's name is another`,
  },
  {
    when: (_, { others }) => /drivers_probe/.test(others),
    text: (aim) =>
      `write ${driverOf(aim)} to driver_override before the unbind, so that nobody's drivers_probe gives the device to another driver`,
  },
  {
    when: ({ property }, { program }) => PROBED.includes(property) && /drivers_probe/.test(program),
    text: (aim) =>
      `write the device's name to ${driverOf(aim)}/bind, which says why it fails, and look at the driver link: drivers_probe succeeds when nothing is bound, too`,
  },
  {
    when: ({ property }) => property === 'failure-is-clean' || property === 'succeeds' || property === 'leaves-nothing',
    text: () =>
      'let a second run pass over what is done already: ENODEV of unbind and EBUSY of bind are no failures if the driver link is as it should be',
  },
  {
    when: () => true,
    text: (aim) =>
      `set driver_override to ${driverOf(aim)}, unbind, bind, and look at the driver link before saying that it is done`,
  },
];

/** An override that is the name of a module with underscores, of a driver that has dashes. */
function overridesByModule(program: string): boolean {
  return /echo (?:vfio_pci|pci_stub|pci_pf_stub|vfio_platform|vfio_cdx|xe_vfio_pci) > \S*driver_override/.test(program);
}

/** How much of the work is for the programs, where it is limited; the rest is for the fix. */
const MAIN_SHARE = 0.75;

/** Checks as `check` does, and says of each violation what removes it: the usual way to the same aim, checked too. */
export function checkAndFix(
  programs: Parameters<typeof check>[0],
  machine: KernelState,
  options: CheckOptions,
): FixedResult {
  const { work } = options;
  const result = check(programs, machine, { ...options, work: work?.part(MAIN_SHARE) });
  const aims = result.aims.filter(({ driver }) => driver !== null);
  const events = aims.flatMap((aim, i) => safeEvents(aim, i));
  let again: CheckResult | undefined;
  const holds = (): boolean | null => {
    if (events.length === 0) return null;
    again ??= check([recipeProgram(recipeOf('fix', events))], machine, options);
    if (again.truncated && again.violations.length === 0) return null;
    return again.violations.length === 0 && (again.bounds.length === 0 || result.bounds.length > 0);
  };
  return {
    ...result,
    violations: result.violations.map((violation) => ({
      ...violation,
      fix: {
        text: adviceFor(violation, aims.find(({ device }) => device === violation.device) ?? aims[0]),
        instead: events.map((event) =>
          event.kind === 'expect' ? lookText(event) : eventText(event).replace(' > ', ' > /sys/'),
        ),
        holds: holds(),
      },
    })),
  };
}

function adviceFor(violation: Violation, aim: Aim | undefined): string {
  const told = {
    program: violation.trace.map(({ act }) => act ?? '').join('\n'),
    others: violation.trace.map(({ file, event }) => (file === null ? event : '')).join('\n'),
  };
  return ADVICE.find(({ when }) => when(violation, told))!.text(aim);
}

/** Events for one device: load, override, unbind, bind, and a look that goes back to the load up to three times. */
function safeEvents({ bus, device, from, driver, module }: Aim, index: number): RecipeEvent[] {
  const write = (path: string, data: string): RecipeEvent => ({
    kind: 'write',
    path: `bus/${bus}/${path}`,
    data: `${data}\n`,
    mayFail: true,
  });
  const events: RecipeEvent[] = [
    ...(module === null ? [] : [{ kind: 'load', module, mayFail: true } as const]),
    write(`devices/${device}/driver_override`, driver!),
    ...(from === null || from === driver ? [] : [write(`drivers/${from}/unbind`, device)]),
    write(`drivers/${driver}/bind`, device),
  ];
  const retryFrom = index * (events.length + 1);
  return [...events, { kind: 'expect', device, driver, retryFrom, times: 3 }];
}

function lookText({ device, driver }: { readonly device: string; readonly driver: string | null }): string {
  return `readlink /sys/bus/*/devices/${device}/driver   # expect ${driver}, else begin again, at most three times`;
}
