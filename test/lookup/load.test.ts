import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeIndex } from '../../src/index-file/index-writer.ts';
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

/** A modules directory of texts alone, with a file of modprobe.d beside it. */
function directoryOf(texts: Readonly<Record<string, string>>): { modules: string; config: string } {
  const modules = mkdtempSync(join(tmpdir(), 'modalias-load-'));
  onTestFinished(() => rmSync(modules, { recursive: true }));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(modules, name), text, 'latin1');
  return { modules, config: join(modules, 'x.conf') };
}

const EVERY_SOURCE = {
  'x.conf': 'alias m conf1\nalias ?* conf2\ninstall m /bin/true\ninstall symbol:s /bin/true\n',
  'modules.dep': 'kernel/m.ko:\nkernel/other.ko:\n',
  'modules.symbols': '# header\nalias symbol:s symbols\n',
  'modules.alias': '# header\nalias m* alias\nalias symbol:* alias\n',
  'modules.builtin': 'kernel/m.ko\n',
  'modules.builtin.modinfo': 'b1.alias=m*\0b2.alias=symbol:s\0',
};

test.each(['few', 'many'] as const)(
  'openAliasIndex asks the sources in the order of libkmod, and the first with a match answers alone: %s lookups',
  (expected) => {
    const { modules, config } = directoryOf(EVERY_SOURCE);
    const index = openAliasIndex(modules, { config: [config], expected });
    const sources = (key: string) =>
      index.lookupAll(key).map((matches) => matches.map(({ source, module }) => `${source} ${module}`).join(', '));
    const answers = {
      m: ['config conf1, config conf2', 'name m', 'command m', 'alias alias', 'builtin-name m', 'builtin b1'],
      'symbol:s': ['config conf2', 'symbol symbols', 'command symbol:s', 'alias alias', 'builtin b2'],
    };
    for (const [key, expected] of Object.entries(answers)) {
      expect(sources(key)).toEqual(expected);
      expect(index.lookup(key)).toEqual(index.lookupAll(key)[0]);
    }
    // Of a file alone, what else a directory has is left out.
    const ofFile = openAliasIndex(join(modules, 'modules.alias'), { config: [config], expected }).lookupAll('m');
    expect(ofFile.map((matches) => matches.map(({ source }) => source))).toEqual([
      ['config', 'config'],
      ['command'],
      ['alias'],
    ]);
  },
);

test.each(['few', 'many'] as const)(
  'openAliasIndex takes the name of a module from modules.dep only without a colon, and up to its first dot: %s lookups',
  (expected) => {
    const { modules } = directoryOf({
      'modules.alias': 'alias c one\n',
      'modules.builtin': 'kernel/x:y.ko\n',
      'x.conf': 'install d.x.y /bin/true\n',
    });
    const names = ['a:b', 'm'].map((key) => ({ key, value: `kernel/${key}.ko:`, priority: 0 }));
    writeFileSync(join(modules, 'modules.dep.bin'), writeIndex(names, 'post'));
    const index = openAliasIndex(modules, { expected, config: [join(modules, 'x.conf')] });
    expect(['m', 'a:b', 'x:y', 'd.x.y'].map((key) => index.modules(key))).toEqual([['m'], [], ['x:y'], ['d']]);
  },
);

test.each(['few', 'many'] as const)(
  'openAliasIndex takes priorities from the order of modules.dep where there is no index: %s lookups',
  (expected) => {
    const { modules } = directoryOf({
      'modules.dep': 'kernel/z.ko:\nkernel/a.ko: kernel/z.ko\n',
      'modules.alias': 'alias k* a\nalias k z\nalias k? new\n',
    });
    const index = openAliasIndex(modules, { expected });
    expect(index.lookup('k').map(({ module, priority }) => [module, priority])).toEqual([
      ['z', 0],
      ['a', 1],
    ]);
    expect(index.lookup('kk').map(({ module, priority }) => [module, priority])).toEqual([
      ['a', 1],
      ['new', 2],
    ]);
  },
);

test.each([
  ['few', 1, 4093],
  ['many', 1, 4093],
  ['few', 2046, 2048],
  ['many', 2046, 2048],
  ['few', 4000, 94],
  ['many', 4000, 94],
] as const)(
  'openAliasIndex refuses an answer whose name and alias together are longer than libkmod can hold: %s lookups, %i and %i characters',
  (expected, name, most) => {
    const long = 'm'.repeat(name);
    const { modules } = directoryOf({
      'modules.alias': `alias a* ${long}\nalias b* ${long}\nalias b?* ${'s'.repeat(name)}\n`,
    });
    const index = openAliasIndex(join(modules, 'modules.alias'), { expected });
    for (const [begin, count] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      expect(index.lookup(begin + 'x'.repeat(most - 1))).toHaveLength(count);
      expect(() => index.lookup(begin + 'x'.repeat(most))).toThrow(/ENAMETOOLONG/);
    }
  },
);

test.each(['few', 'many'] as const)(
  'openAliasIndex lists the patterns of modules.alias and of built-in code, whatever hides them: %s lookups',
  (expected) => {
    const { modules, config } = directoryOf(EVERY_SOURCE);
    const index = openAliasIndex(modules, { config: [config], expected });
    expect([...index.patterns()].map(({ source, pattern, module }) => `${source} ${pattern} ${module}`).sort()).toEqual(
      ['alias m* alias', 'alias symbol:* alias', 'builtin m* b1', 'builtin symbol:s b2'],
    );
  },
);

test.each(['few', 'many'] as const)(
  'openAliasIndex answers from the texts of a directory whose indexes are empty or other files: %s lookups',
  (expected) => {
    const { modules } = directoryOf({
      'modules.alias': 'alias a* one\n',
      'modules.builtin': 'kernel/b.ko\n',
      'modules.builtin.bin': '',
    });
    for (const [content, message] of [
      ['alias a* other\n', 'the first four bytes are 0x616c6961'],
      ['\x1f\x8b\x08\0 compressed', 'the first four bytes are 0x1f8b0800'],
    ] as const) {
      writeFileSync(join(modules, 'modules.alias.bin'), content, 'latin1');
      const said: string[] = [];
      const index = openAliasIndex(modules, { expected, diagnose: (d) => said.push(`${d.code}: ${d.message}`) });
      expect(['a', 'b'].map((key) => index.modules(key))).toEqual([['one'], ['b']]);
      expect(said).toEqual([
        expect.stringMatching(`^bad-index: ${message}.*; answering from .*/modules.alias instead$`),
      ]);
    }
  },
);

test.each(['few', 'many'] as const)(
  'openAliasIndex reads what a key with wildcards finds twice in an index: %s lookups',
  (expected) => {
    const { modules } = directoryOf({});
    const entries = [
      ['a*', 'm'.repeat(1000)],
      ['ab', 'n'],
    ].map(([key, value]) => ({ key: key!, value: value!, priority: 0 }));
    writeFileSync(join(modules, 'modules.alias.bin'), writeIndex(entries, 'post'));
    expect(openAliasIndex(modules, { expected }).lookup('a*')).toHaveLength(2);
  },
);

test('openAliasIndex refuses an answer of modprobe.d whose pattern and module are longer than libkmod can hold', () => {
  const answer = (length: number) => {
    const { modules, config } = directoryOf({
      'modules.alias': 'alias x y\n',
      'x.conf': `alias a${'*'.repeat(length - 1)} m\n`,
    });
    return () => openAliasIndex(modules, { config: [config] }).lookup('ab');
  };
  expect(answer(4093)()).toHaveLength(1);
  expect(answer(4094)).toThrow(/ENAMETOOLONG/);
});

test('openAliasIndex finds an install line by its name, whichever dashes and underscores either has', () => {
  const { modules, config } = directoryOf({
    'modules.alias': 'alias x y\n',
    'x.conf': 'install a-b /bin/true\ninstall c_d /bin/true\n',
  });
  const index = openAliasIndex(modules, { config: [config] });
  expect(['a-b', 'a_b', 'c-d', 'c_d', 'e'].map((key) => index.modules(key))).toEqual([
    ['a_b'],
    ['a_b'],
    ['c_d'],
    ['c_d'],
    [],
  ]);
});

test('explain ranks by what patterns match, unless another rule is asked for', () => {
  const index = parseAliases(
    'alias pci:v00008086d00000001sv*sd*bc*sc*i* by-ids\nalias pci:v*d*sv*sd*bc02sc00i00 by-class\n',
  );
  const key = 'pci:v00008086d00000001sv00000000sd00000000bc02sc00i00';
  const first = (rank?: 'specific' | 'stars' | 'libvirt') => index.explain(key, { rank }).candidates[0]!.module;
  expect([first(), first('specific'), first('stars')]).toEqual(['by-ids', 'by-ids', 'by-class']);
});

test('openAliasIndex refuses a configuration that is named and not there', () => {
  const { modules } = directoryOf({ 'modules.alias': 'alias x y\n' });
  expect(() => openAliasIndex(modules, { config: [join(modules, 'none')] })).toThrow(
    expect.objectContaining({ code: 'unreadable' }),
  );
});

test('openAliasIndex warns of a damaged index once, whether keys or patterns are asked for', () => {
  const { modules } = directoryOf({
    'modules.alias': 'alias x y\n',
    'modules.builtin.modinfo': 'm.alias=a\0',
    'modules.builtin.alias.bin': 'damaged index',
  });
  const said: string[] = [];
  const index = openAliasIndex(modules, { expected: 'many', diagnose: ({ code }) => said.push(code) });
  expect([...index.patterns()].map(({ module }) => module)).toEqual(['y', 'm']);
  expect([index.modules('a'), [...index.patterns()].length, said]).toEqual([['m'], 2, ['bad-index']]);
});
