import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ENTRY_POINTS, publicDeclarations } from '../../scripts/public-types.ts';

const TYPES = 'dist/types';
const entries = Object.entries(ENTRY_POINTS).map(
  ([name, entry]) => [name === 'index' ? 'modalias' : `modalias/${name}`, publicDeclarations(TYPES, entry)] as const,
);

test.each(entries)(
  'publicDeclarations: what users can name of %s is what is listed (vitest -u after a change that is meant)',
  async (name, api) => {
    const listing = [...api].map(([as, { name: own, text }]) => `${as === own ? '' : `// as ${as}\n`}${text.trim()}\n`);
    await expect(listing.join('\n')).toMatchFileSnapshot(`${name.replace('/', '-')}.d.txt`);
  },
);

test('publicDeclarations: every type that a public signature uses can be imported', () => {
  const named = new Set(entries.flatMap(([, api]) => [...api.values()].map(({ file, name }) => `${file} ${name}`)));
  const missing = entries.flatMap(([, api]) =>
    [...api].flatMap(([as, { uses }]) => uses.filter((used) => !named.has(used)).map((used) => `${as} uses ${used}`)),
  );
  expect(named.size).toBeGreaterThan(150);
  expect(missing).toEqual([]);
});

test('shippedTypes leaves what users can name, and parts of it', () => {
  const named = new Set(
    entries.flatMap(([, api]) => [...api.values()].map(({ file, name }) => `${file}.d.ts ${name}`)),
  );
  const texts = readdirSync(TYPES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => [file, readFileSync(`${TYPES}/${file}`, 'utf8')] as const);
  const declared = texts.flatMap(([file, text]) =>
    [...text.matchAll(/^export (?:declare )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/gm)].map(
      ([, name]) => ({ file, name: name! }),
    ),
  );
  const others = declared.filter(({ file, name }) => !named.has(`${file} ${name}`));
  const isPart = (name: string) =>
    texts.some(([, text]) => (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1);
  expect(others.length).toBeLessThan(10);
  expect(others.filter(({ name }) => !isPart(name))).toEqual([]);
});

test('publicDeclarations: the doc of each optional member of options says its default', () => {
  const options = entries.flatMap(([, api]) =>
    [...api.values()].filter(
      ({ name, text }) => /(Options|Choice|Paths|Context)$/.test(name) && /\binterface\b/.test(text),
    ),
  );
  expect(options.length).toBeGreaterThan(10);
  const silent = options.flatMap(({ file, name }) => {
    const text = readFileSync(`${TYPES}/${file}.d.ts`, 'utf8');
    const body = new RegExp(`interface ${name}\\b[^]*?\\n\\}`).exec(text)![0];
    const members = [...body.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)? {4}readonly (\w+)\?:/g)];
    return members.filter(([, doc]) => !/\bdefault/i.test(doc ?? '')).map(([, , member]) => `${name}.${member}`);
  });
  expect(silent).toEqual([]);
});

test('publicDeclarations: each function has a test of its types', () => {
  const tests = readFileSync('test/api/types.test-d.ts', 'utf8');
  const functions = entries.flatMap(([, api]) =>
    [...api].filter(([, { text }]) => /^export declare (async )?function/.test(text)).map(([as]) => as),
  );
  expect(functions.length).toBeGreaterThan(50);
  expect(
    functions.filter((name) => !new RegExp(`expectTypeOf\\((?:api|assertions|core|vfio)\\.${name}\\b`).test(tests)),
  ).toEqual([]);
});
