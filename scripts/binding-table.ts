/** Writes the README's table of which way of binding is safe, as the model has it: npm run binding-table. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Disturbance, USUAL_DISTURBANCES } from '../src/model/explore/acts.ts';
import { check } from '../src/model/explore/check.ts';
import { DEFAULT_PROPERTIES } from '../src/model/explore/properties.ts';
import { BUILT_IN_MACHINES } from '../src/model/machines/built-in.ts';
import { kernelState } from '../src/model/machines/kernel-state.ts';
import { parseRecipe, type Recipe, recipeProgram } from '../src/model/script/recipe.ts';
import { parseRelease } from '../src/release.ts';

const RELEASES = ['5.10', '5.15', '6.1', '6.12', '6.19', '7.3'];

/** The ways, the worst first; each is samples/recipes/NAME.json. */
const WAYS = [
  'bind-alone',
  'module-name',
  'ids-parameter',
  'new-id',
  'new-id-autoprobe-off',
  'unbind-first',
  'override-probe',
  'override-bind',
  'override-bind-look',
];

/** What the columns are called, and the properties behind them. */
const COLUMNS: readonly (readonly [title: string, properties: readonly string[]])[] = [
  ['works alone', ['succeeds']],
  ['keeps a driver', ['keeps-a-driver']],
  ['others keep theirs', ['third-device']],
  ['leaves nothing', ['leaves-nothing']],
  ['a rerun changes nothing', ['rerun-changes-nothing']],
  ['success is true', ['success-is-true']],
  ['failure is clean', ['failure-is-clean']],
];

const covered = COLUMNS.flatMap(([, properties]) => properties);
if (Object.keys(DEFAULT_PROPERTIES).some((property) => !covered.includes(property)))
  throw new Error('a property has no column');

/** The properties that a way breaks with each release. */
function broken(recipe: Recipe, whiles: readonly Disturbance[], once: boolean): ReadonlySet<string>[] {
  return RELEASES.map((release) => {
    const machine = kernelState(BUILT_IN_MACHINES['two-like-nics']!.machine, parseRelease(release));
    const options = { while: new Set(whiles), stated: [], once, mostStates: 1_000_000 };
    const { violations, verdict } = check([recipeProgram(recipe)], machine, options);
    if (verdict === 'unknown') throw new Error(`${recipe.name}: the verdict is unknown`);
    return new Set(violations.map(({ property }) => property));
  });
}

/** Yes or no, or no for the releases for which it is no. */
function cell(found: readonly ReadonlySet<string>[], properties: readonly string[]): string {
  const bad = RELEASES.filter((_, i) => properties.some((property) => found[i]!.has(property)));
  if (bad.length === 0) return 'yes';
  return bad.length === RELEASES.length ? 'no' : `no on ${bad.join(', ')}`;
}

/** The table in Markdown. */
function bindingTable(): string {
  const rows = WAYS.map((way) => {
    const file = `samples/recipes/${way}.json`;
    const recipe = parseRecipe(readFileSync(file, 'utf8'), file);
    const usual = broken(recipe, USUAL_DISTURBANCES, false);
    const unload = broken(recipe, [...USUAL_DISTURBANCES, 'unload'], true);
    const all = COLUMNS.flatMap(([, properties]) => properties);
    return [
      `[${recipe.name}](${file})`,
      ...COLUMNS.map(([, properties]) => cell(usual, properties)),
      cell(unload, all),
    ];
  });
  const head = ['way', ...COLUMNS.map(([title]) => title), 'all, each unload once'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

const MARKS = ['<!-- begin: npm run binding-table -->\n', '<!-- end -->\n'] as const;

/** A text with the table between its marks. */
export function withTable(text: string): string {
  const [from, to] = [text.indexOf(MARKS[0]), text.indexOf(MARKS[1])];
  if (from < 0 || to < from) throw new Error('README.md has no marks for the table');
  return text.slice(0, from + MARKS[0].length) + bindingTable() + text.slice(to);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8')));
