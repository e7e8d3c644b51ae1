import { resolve } from 'node:path';
import type { ConfigBlacklist } from '../config/modprobe-config.ts';
import { type Diagnostic, ModaliasError } from '../errors.ts';
import { statIfThere } from '../files/read-sync.ts';
import { underscored } from '../pattern/normalize.ts';
import { NEWEST_RELEASE, parseRelease, type Release } from '../release.ts';
import { Tree } from '../vfio/sysfs/tree.ts';
import type { MachineRoots } from '../vfio/sysfs/roots.ts';
import { type LoaderEntry, nextEntry } from './boot-loader.ts';
import { type CommandLine, parameters } from './command-line.ts';
import { nextCommandLine } from './next-command-line.ts';
import { readAdded } from './added/added.ts';
import { rebuiltLayers } from './added/rebuild.ts';
import type { Maker } from './added/sections.ts';
import { Files } from './files/files.ts';
import { diskLayer, imageLayer, memoryLayer } from './files/layers.ts';
import { makerOf } from './stages/initramfs-stage.ts';
import { readInitramfs } from './initramfs/read-image.ts';
import { stageConfig } from './modules/modprobe-files.ts';
import { type StageModules, stageModules } from './modules/stage-modules.ts';
import { dracutLists, isDracut } from './stages/dracut.ts';

/** What a boot is predicted from. */
export interface BootOptions {
  /** The root directory of the system. Default: /. */
  readonly root?: string | undefined;
  /** Where sysfs and proc are. Default: `sys` and `proc` of the root. */
  readonly sysfs?: string | undefined;
  readonly proc?: string | undefined;
  /** The kernel that boots. Default: that of the boot loader, else the running one. */
  readonly kernel?: string | undefined;
  /** The image that boots. Default: that of the boot loader, else the one for the kernel in /boot. */
  readonly initramfs?: string | undefined;
  /** Files as though they were installed, each `FILE` or `/DEST=FILE`; see readAdded. */
  readonly add?: readonly string[] | undefined;
}

/** One file system of the boot with its modules. */
export interface BootFiles {
  readonly files: Files;
  readonly modules: StageModules;
}

export interface BootInputs {
  readonly roots: MachineRoots;
  readonly kernel: string | null;
  readonly release: Release;
  readonly commandLine: CommandLine | null;
  readonly root: BootFiles;
  /** The modules directory on disk; null where there is none. */
  readonly directory: string | null;
  readonly initramfs: (BootFiles & { readonly file: string; readonly maker: Maker | undefined }) | null;
  /** What could not be read and may matter. */
  readonly doubts: readonly Diagnostic[];
  readonly notes: readonly Diagnostic[];
}

/** Reads everything that does not depend on the device. */
export async function readInputs(options: BootOptions = {}): Promise<BootInputs> {
  const root = rootOf(options.root ?? '/');
  const doubts: Diagnostic[] = [];
  const notes: Diagnostic[] = [];
  const found = new Set<string>();
  const unread = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    doubts.push({ code: 'unreadable', severity: 'warning', message: 'cannot be read', file: `${root}/${path}` });
  };
  const disk = diskLayer(root, unread);
  const plain = new Files([disk]);
  const roots = machineRoots(root, options, (diagnostic) => notes.push(diagnostic));
  const entry = nextEntry(plain);
  const booted = entry === null ? null : (/[^/]*?-(\d[^/]*)$/.exec(entry.kernel)?.[1] ?? null);
  const kernel = options.kernel ?? (booted !== null && modulesIn(plain, booted) ? booted : kernelOf(plain, roots));
  const next = entry !== null && (booted === null || booted === kernel) ? entry : null;
  const release = releaseOf(kernel);
  const file = options.initramfs ?? loadedImage(plain, root, next) ?? imageOf(plain, root, kernel);
  const image = file === null ? null : await readInitramfs(file, { keep: isConfiguration });
  const made = image && new Files([imageLayer(image)]);
  const maker = made === null ? undefined : makerOf(made);
  const added = readAdded(options.add ?? [], maker);
  const line = nextCommandLine(roots, next?.commandLine ?? null, added.words);
  const { commandLine } = line;
  doubts.push(...line.doubts);
  notes.push(...line.notes);
  const files = new Files([memoryLayer(added.files), disk]);
  const directory = kernel === null ? null : modulesIn(files, kernel);
  if (directory === null)
    doubts.push({
      code: 'no-modules',
      severity: 'warning',
      message: `there is no lib/modules/${kernel ?? 'RELEASE'}; expected the modules of the kernel that boots, name it with --kernel`,
      file: root || '/',
    });
  const note = (diagnostic: Diagnostic) => notes.push(diagnostic);
  const blacklist: ConfigBlacklist[] = [];
  const config = (of: Files, at: string | null) => {
    const found = stageConfig(of, at ?? 'lib/modules', commandLine, note);
    // dracut writes it to /run/modprobe.d, which the root inherits.
    if (isDracut(of)) blacklist.push(...dracutBlacklist(of, commandLine));
    return { ...found, blacklist: [...found.blacklist, ...blacklist] };
  };
  const stageOf = (of: Files, at: string | null): BootFiles => {
    return { files: of, modules: stageModules(of, at, config(of, at), note) };
  };
  if (image) doubts.push(...image.problems);
  let initramfs: BootInputs['initramfs'] = null;
  if (image && made && file !== null) {
    const system = { root: files, image: made, modules: stageOf(files, directory).modules };
    if (added.rebuilt && maker === undefined) doubts.push(notRebuilt(file));
    const rebuilt = added.rebuilt && maker !== undefined ? rebuiltLayers(system, maker) : [];
    const of = new Files([...rebuilt, imageLayer(image)]);
    const at = (kernel === null ? null : modulesIn(of, kernel)) ?? onlyModulesIn(of);
    initramfs = { file, maker, ...stageOf(of, at) };
  }
  if (file === null)
    doubts.push({
      code: 'no-initramfs',
      severity: 'warning',
      message: 'no initramfs of this kernel is found; name it with --initramfs',
      file: `${root}/boot`,
    });
  return {
    ...{ roots: { ...roots, release }, kernel, release, commandLine },
    root: stageOf(files, directory),
    directory: directory === null ? null : `${root}/${directory}`,
    ...{ initramfs, doubts, notes },
  };
}

/** The last image of a boot loader's entry, those before it being microcode; paths may begin in /boot. */
function loadedImage(files: Files, root: string, entry: LoaderEntry | null): string | null {
  const path = entry?.initrds.at(-1);
  if (path === undefined) return null;
  const found = [path, `boot/${path}`, `boot/efi/${path}`, `efi/${path}`].map((one) => files.real(one));
  const real = found.find((one) => one !== undefined);
  return real === undefined ? null : `${root}/${real}`;
}

function notRebuilt(file: string): Diagnostic {
  const message = 'what makes this image is not known, so it is not known what it holds when it is made again';
  return { code: 'boot-unread', severity: 'warning', message, file };
}

/**
 * Where the devices are. Nothing is mounted below the root of a system that does not run: its devices are then this
 * machine's, though its kernel and command line are not.
 */
function machineRoots(root: string, options: BootOptions, note: (diagnostic: Diagnostic) => void): MachineRoots {
  const own = `${root}/sys`;
  const isEmpty = options.sysfs === undefined && root !== '' && statIfThere(`${own}/bus`) === undefined;
  if (isEmpty) {
    const message = `${own} is empty, as in a system that does not run: the devices are those of this machine, in /sys`;
    note({ code: 'boot-assumed', severity: 'note', message });
  }
  const proc = options.proc ?? `${root}/proc`;
  return { sysfs: new Tree(options.sysfs ?? (isEmpty ? '/sys' : own)), proc: new Tree(proc) };
}

/** The root directory without a slash at its end, so that of the running system is empty. */
function rootOf(given: string): string {
  const root = resolve(given);
  if (statIfThere(root)?.isDirectory()) return root.replace(/\/$/, '');
  throw new ModaliasError('no-root', 'is not a directory; expected the root directory of a system', { file: given });
}

/** The files of an image that say what it does; all else is read over. */
function isConfiguration(path: string): boolean {
  return (
    /^(?:etc|conf|scripts|hooks|run|var\/lib\/dracut)\/|^(?:init|config|buildconfig)$/.test(path) ||
    /^(?:usr\/)?(?:local\/)?lib\/(?:modprobe\.d|modules-load\.d|udev\/rules\.d|systemd\/system|dracut|initcpio)\//.test(
      path,
    ) ||
    /^(?:usr\/)?lib\/(?:initrd-release|os-release|modules\/[^/]+\/modules\.[\w.]+)$/.test(path)
  );
}

/** dracut-pre-udev.sh: rd.driver.blacklist, and rd.driver.post until the root is mounted. */
function dracutBlacklist(files: Files, commandLine: CommandLine | null): ConfigBlacklist[] {
  const given = { parameters: parameters(commandLine?.text ?? ''), commandLineFile: commandLine?.file ?? '', files };
  return ['rd.driver.blacklist', 'rd.driver.post'].flatMap((name) =>
    dracutLists(given, name).map(({ value, because: { file, line } }) => ({
      module: underscored(value),
      ...{ file: file ?? '', line: line ?? 1 },
    })),
  );
}

function kernelOf(files: Files, { proc }: MachineRoots): string | null {
  const running = proc.line('sys/kernel/osrelease')?.trim();
  if (running && modulesIn(files, running) !== null) return running;
  const installed = files.list('lib/modules').filter((name) => modulesIn(files, name) !== null);
  return installed.length === 1 ? installed[0]! : running || null;
}

function releaseOf(kernel: string | null): Release {
  try {
    return kernel === null ? NEWEST_RELEASE : parseRelease(kernel);
  } catch {
    return NEWEST_RELEASE;
  }
}

function modulesIn(files: Files, kernel: string): string | null {
  if (kernel.includes('/') || kernel === '') return null;
  const real = files.real(`lib/modules/${kernel}`) ?? files.real(`usr/lib/modules/${kernel}`);
  return real !== undefined && files.isDirectory(real) && files.exists(`${real}/modules.dep`) ? real : null;
}

function onlyModulesIn(files: Files): string | null {
  const found = files.list('lib/modules');
  return found.length === 1 ? modulesIn(files, found[0]!) : null;
}

/** Names of images that distributions use, for a kernel's release. */
const IMAGES = [
  'boot/initrd.img-%',
  'boot/initramfs-%.img',
  'boot/initrd-%',
  'boot/initrd-%.img',
  'lib/modules/%/initrd',
];

function imageOf(files: Files, root: string, kernel: string | null): string | null {
  if (kernel === null) return null;
  const found = IMAGES.map((name) => files.real(name.replace('%', kernel))).find((path) => path !== undefined);
  return found === undefined ? null : `${root}/${found}`;
}
