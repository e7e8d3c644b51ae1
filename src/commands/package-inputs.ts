import type { Options } from 'yargs';
import { type Progress, startProgress } from '../command-line/progress.ts';

/** The option of commands that take packages. */
export const RELEASE_OPTION: Options = {
  type: 'string',
  defaultDescription: 'RELEASE',
  describe: 'Kernel to read from packages that hold several',
};

const MIB = 1024 * 1024;

interface PackageProgress {
  /** Takes how many bytes of packages were read, and of how many. */
  readonly onRead: (bytes: number, total: number) => void;
  readonly finish: () => void;
}

/** A bar over the bytes of packages; it is cleared when all are read, and drawn on terminals only. */
export function packageProgress(stream: NodeJS.WriteStream = process.stderr): PackageProgress {
  let progress: Progress | undefined;
  let shown = 0;
  const finish = () => {
    progress?.finish();
    progress = undefined;
    shown = 0;
  };
  const onRead = (bytes: number, total: number) => {
    progress ??= startProgress('reading packages (MiB)', Math.ceil(total / MIB), stream);
    const whole = Math.floor(bytes / MIB);
    if (whole > shown) progress.advance(whole - shown);
    shown = Math.max(shown, whole);
    if (bytes >= total) finish();
  };
  return { onRead, finish };
}

/** Runs `task` with such a bar. */
export function withPackageProgress<T>(task: (onRead: PackageProgress['onRead']) => Promise<T>): Promise<T> {
  const { onRead, finish } = packageProgress();
  return task(onRead).finally(finish);
}
