import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keysFrom } from '../libkmod/keys.ts';
import { libkmodLookup, libkmodProgram } from '../libkmod/libkmod.ts';
import { type Check, cli } from './check.ts';

/** Kinds of keys and how many; libkmod tries `of:` patterns one by one, so they are few. */
const KINDS: readonly (readonly [name: string, pattern: RegExp, count: number, prefix?: string])[] = [
  ['pci', /^pci:/, 2000],
  ['usb', /^usb:/, 2000],
  ['hid', /^hid:/, 1000],
  ['acpi', /^acpi/, 1000],
  ['of', /^of:/, 300],
  ['vfio', /^pci:/, 500, 'vfio_'],
  ['any', /^/, 2000],
];

/** `lookup` answers as libkmod does, in its order and with its repeats. */
export const lookup: Check = {
  name: 'lookup',
  async run(kernel, work) {
    const program = libkmodProgram(work);
    const patterns = readFileSync(path.join(kernel.golden, 'modules.alias'), 'latin1')
      .split('\n')
      .filter((line) => line.startsWith('alias '))
      .map((line) => line.slice(6, line.lastIndexOf(' ')));
    const failures: string[] = [];
    let asked = 0;
    let matched = 0;
    for (const [name, pattern, count, prefix] of KINDS) {
      const keys = keysFrom(
        patterns.filter((p) => pattern.test(p)),
        count,
        5,
        prefix,
      );
      if (keys.length === 0) continue;
      const theirs = libkmodLookup(program, kernel.indexed, keys);
      const { status, stdout, stderr } = cli(['lookup', '--json', '-m', kernel.indexed, '-'], {
        input: keys.join('\n'),
      });
      if (status > 1) throw new Error(`lookup exits ${status}: ${stderr}`);
      const ours = stdout
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => {
          const { matches } = JSON.parse(line) as { matches: { module: string }[] };
          return matches.map((match) => match.module);
        });
      keys.forEach((key, i) => {
        if (theirs[i]!.join() !== ours[i]?.join())
          failures.push(
            `${name} key ${key}: libkmod says ${theirs[i]!.join(' ') || 'none'}, we say ${ours[i]?.join(' ') || 'none'}`,
          );
        if (theirs[i]!.length > 0) matched++;
      });
      asked += keys.length;
    }
    return { failures, figure: `${asked} keys, ${matched} of them with a match, answered as libkmod does` };
  },
};
