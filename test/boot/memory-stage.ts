import { parameters } from '../../src/boot/command-line.ts';
import { Files } from '../../src/boot/files/files.ts';
import { memoryLayer } from '../../src/boot/files/layers.ts';
import { stageConfig } from '../../src/boot/modules/modprobe-files.ts';
import { type StageModules, stageModules } from '../../src/boot/modules/stage-modules.ts';
import type { Stage } from '../../src/boot/run/stage.ts';
import type { Doing } from '../../src/boot/run/task.ts';
import { Tree } from '../../src/vfio/sysfs/tree.ts';

export const MODULES = 'lib/modules/6.12.1';

/** Files of a root that is nowhere on disk, by path; each is called by its path. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  const files = Object.entries(texts).map(([path, text]) => [path, { bytes: Buffer.from(text), label: path }] as const);
  return new Files([memoryLayer(new Map(files))]);
}

/** Modules by their dependencies, which depmod lists the nearest first, under lines of modprobe.d. */
export function memoryModules(depends: Readonly<Record<string, readonly string[]>>, config = ''): StageModules {
  const path = (name: string) => `kernel/${name}.ko`;
  const dep = Object.entries(depends).map(
    ([name, needs]) => `${path(name)}:${needs.map((one) => ` ${path(one)}`).join('')}\n`,
  );
  const files = memoryFiles({
    ...Object.fromEntries(Object.keys(depends).map((name) => [`${MODULES}/${path(name)}`, ''])),
    [`${MODULES}/modules.dep`]: dep.join(''),
    [`${MODULES}/modules.alias`]: '',
    'etc/modprobe.d/a.conf': config,
  });
  return stageModules(
    files,
    MODULES,
    stageConfig(files, MODULES, null, () => {}),
    () => {},
  );
}

/** A stage of the real root about the card 0000:01:00.0, with these modules that matter and files besides. */
export function memoryStage(
  modules: StageModules,
  texts: Readonly<Record<string, string>> = {},
  commandLine = '',
): Stage {
  return {
    name: 'root',
    files: memoryFiles(texts),
    modules,
    // A folder that has nothing of a sysfs.
    sysfs: new Tree('samples'),
    parameters: parameters(commandLine),
    commandLine,
    commandLineFile: 'cmdline',
    subject: { bus: 'pci', name: '0000:01:00.0' },
    relevant: new Set(modules.names()),
    vfio: null,
    idsOf: () => null,
    doubt: () => {},
    note: () => {},
  };
}

/** What is done, as one would say it: `load NAME ids=IDS`. */
export function said(doings: readonly Doing[]): string[] {
  return doings.map(({ event }) => {
    if (typeof event === 'function') return 'depends';
    if (event.kind === 'load') return `load ${event.module}${event.ids === undefined ? '' : ` ids=${event.ids}`}`;
    return event.kind === 'unload' ? `unload ${event.module}` : event.kind;
  });
}
