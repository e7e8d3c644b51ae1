import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInitramfs } from '../../../src/boot/initramfs/read-image.ts';
import { Report } from '../report.ts';
import type { System } from './debian.ts';

const here = new URL('.', import.meta.url).pathname;

/**
 * Compares how `vfio boot` reads the initramfs that a system's maker has made with what lsinitramfs and unmkinitramfs,
 * or lsinitrd, say of it: the same paths, and the same files of modprobe.d. Nothing is booted.
 */
export async function compareImage({ maker, tree, release }: System, work: string): Promise<Report> {
  const report = new Report(`the image of ${maker}`);
  mkdirSync(work, { recursive: true });
  const image = `/boot/initrd.img-${release}`;
  const script = ['sh', join(here, 'images.sh'), tree, work, image, maker];
  const { status, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', ...script], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${maker} cannot list ${image}: ${stderr}`);
  const isConfig = (path: string) => /\/modprobe\.d\/[^/]+$/.test(path);
  const { entries, problems } = await readInitramfs(join(tree, image), { keep: isConfig });
  report.equal('problems', problems, []);
  const listed = readFileSync(join(work, 'listing'), 'utf8').split('\n');
  const paths = new Set(listed.map((path) => path.replace(/^\.\//, '')).filter((path) => path !== '' && path !== '.'));
  report.ok('it lists more than a few paths', paths.size > 300, paths.size);
  report.equal('paths', [...entries.keys()].sort(), [...paths].sort());
  const files = [...entries].flatMap(([path, entry]): [string, string][] =>
    isConfig(path) && entry.kind === 'file' ? [[path.replace(/.*\//, ''), entry.bytes!.toString('latin1')]] : [],
  );
  const extracted = readdirSync(join(work, 'modprobe.d')).map((name): [string, string] => [
    name,
    readFileSync(join(work, 'modprobe.d', name), 'latin1'),
  ]);
  report.ok('it has files of modprobe.d', extracted.length > 0, extracted.length);
  report.equal('modprobe.d', files.sort(), extracted.sort());
  return report;
}
