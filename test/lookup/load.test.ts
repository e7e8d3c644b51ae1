import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildAliasIndex, openAliasIndex, parseAliases } from '../../src/lookup/load.ts';

const text = '# header\nalias pci:v1* one\nalias nest[[a]] two\nalias with space x two\nalias pci:v1d2* two\n';

test('parseAliases answers from text, without what depmod leaves out of its index', () => {
  const index = parseAliases(text);
  expect(index.lookup('pci:v1d2')).toEqual([
    { module: 'one', pattern: 'pci:v1*', source: 'alias', priority: 0 },
    { module: 'two', pattern: 'pci:v1d2*', source: 'alias', priority: 1 },
  ]);
  expect(index.modules('pci:v1d2')).toEqual(['two', 'one']);
  expect(index.modules('with space x')).toEqual(['two']);
  expect(index.best('none')).toBeUndefined();
  expect(() => index.lookup('nest[[a]]')).toThrow(/unpaired bracket/);
  expect(() => index.lookup('dmi:\u20ac')).toThrow(/not a byte/);
});

test('parseAliases gives frozen answers, equal for equal keys', () => {
  const index = parseAliases(text);
  const found = index.lookup('pci:v1d2');
  expect(Object.isFrozen(found) && found.every((m) => Object.isFrozen(m))).toBe(true);
  expect(index.lookup('pci:v1d2')).toEqual(found);
  const explanation = index.explain('pci:v1d2');
  for (const data of [
    index.modules('pci:v1d2'),
    index.modules('pci:v1'),
    index.lookupAll('pci:v1d2'),
    index.best('pci:v1d2')!,
    index.best('pci:v1d2')!.byRule,
    explanation.candidates,
    explanation.candidates[0]!.matches[0]!.fields,
    explanation,
    explanation.candidates[0]!.matches[0]!.place!,
  ])
    expect(Object.isFrozen(data)).toBe(true);
});

test('parseAliases keeps an empty alias, which depmod puts into its index too', () => {
  const index = parseAliases('alias  one\nalias a two\nalias * three\n');
  expect(index.lookup('').map((m) => m.module)).toEqual(['one', 'three']);
});

test('buildAliasIndex takes lines', () => {
  expect(buildAliasIndex([{ alias: 'a-*', module: 'm' }]).modules('a-b')).toEqual(['m']);
});

test('explain names the closest patterns and why they miss', () => {
  const index = parseAliases(
    'alias pci:v00008086d00000953sv*sd*bc*sc*i* nvme\nalias pci:v00008086d00000111sv*sd*bc01sc*i* other\n',
  );
  const { candidates, nearest, title } = index.explain('pci:v00008086d00000954sv00000000sd00000000bc01sc08i02');
  expect(candidates).toEqual([]);
  expect(title).toBe('PCI device');
  expect(nearest.map((m) => m.module)).toEqual(['other', 'nvme']);
  expect(nearest[1]!.fields.filter((f) => f.verdict === 'differs').map((f) => f.tag)).toEqual(['d']);
});

test('explain takes a key apart in no time that has every tag but the last hundreds of times', () => {
  const key = `pci:${'vdsvsdbcsc'.repeat(400)}`;
  expect(parseAliases('alias pci:v* a\nalias pci:* b\n').explain(key).fields).toHaveLength(6);
});

test("openAliasIndex tells in every explanation what the kernel's command line forbids, with and without configuration", () => {
  const folder = mkdtempSync(join(tmpdir(), 'modalias-load-'));
  const path = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const modules = path('modules.alias', 'alias a* one\nalias b* two\n');
  const commandLine = path('cmdline', 'quiet modprobe.blacklist=one\n');
  const config = path('x.conf', 'blacklist two\n');
  const forbidden = (options: Parameters<typeof openAliasIndex>[1]) =>
    ['ab', 'bb'].map((key) => openAliasIndex(modules, options).explain(key).candidates[0]!.remarks[0]?.file);
  expect(forbidden({ commandLine })).toEqual([commandLine, undefined]);
  expect(forbidden({ commandLine, config: [config] })).toEqual([commandLine, config]);
  expect(forbidden({ config: [config] })).toEqual([undefined, config]);
  rmSync(folder, { recursive: true });
});
