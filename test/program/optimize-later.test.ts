import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OPTIMIZE_LATER } from '../../src/program/optimize-later.ts';

const flag = OPTIMIZE_LATER[process.versions.v8.split('.', 1)[0]!];

describe.runIf(flag)('optimizeLater', () => {
  test('sets a flag that this V8 has, with another value than the default', () => {
    const [name, value] = flag!.split('=');
    const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    expect(options).toContain(`${name}=`);
    expect(options).not.toContain(`${name}=${value}\n`);
  });

  test('is in force while the commands run', () => {
    const rows = Array.from({ length: 3000 }, (_, id) => ({ vendor: id, device: id }));
    const input = JSON.stringify({ module: 'm', kernel: '6.12', tables: [{ bus: 'pci', name: 'ids', rows }] });
    const optimized = (file: string) => {
      const args = ['--trace-opt', resolve(file), 'generate', '-'];
      const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', input, maxBuffer: 64 * 1024 * 1024 });
      expect(stdout).toContain('alias pci:v00000BB7d00000BB7');
      return stdout.match(/\[completed optimizing/g)?.length ?? 0;
    };
    expect(optimized('dist/start.cjs')).toBeLessThan(optimized('dist/cli.js') / 2);
  });
});
