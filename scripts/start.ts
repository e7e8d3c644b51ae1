/**
 * `npm start`: the main job as a user would do it, with the built command line. Prints each command and what it
 * answers.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';

const SAMPLES = readdirSync('samples')
  .filter((name) => name.endsWith('json'))
  .sort()
  .map((name) => `samples/${name}`);

/**
 * A virtual function of a ConnectX card: served by mlx5_core, and for pass-through rather by mlx5_vfio_pci than by
 * vfio_pci.
 */
const DEVICE = 'pci:v000015B3d0000101Esv000015B3sd00000083bc02sc00i00';

const dir = mkdtempSync(join(tmpdir(), 'modalias-start-'));
const file = join(dir, 'modules.alias');
try {
  show(`modalias generate -o ${file} ${SAMPLES.join(' ')}`, ['generate', '-o', file, ...SAMPLES]);
  say(`cat ${file}`);
  process.stdout.write(readFileSync(file));
  show(`modalias lookup -m ${file} ${DEVICE}`, ['lookup', '-m', file, DEVICE]);
  show(`modalias lookup -m ${file} --prefix vfio ${DEVICE}`, ['lookup', '-m', file, '--prefix', 'vfio', DEVICE]);
} finally {
  rmSync(dir, { recursive: true });
}

function show(line: string, args: readonly string[]): void {
  say(line);
  const { status } = spawnSync(process.execPath, ['dist/start.cjs', ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${line}: exit status ${status}`);
}

function say(line: string): void {
  process.stdout.write(`\n${styleText('bold', `$ ${line}`)}\n`);
}
