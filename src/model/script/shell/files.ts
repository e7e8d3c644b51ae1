import { findDriver, groupMembers, type KernelState, possibleDrivers } from '../../../driver-core/index.ts';
import type { SysfsEntry } from '../sysfs-tree.ts';
import { sysfsEntry } from '../sysfs-view.ts';
import { type Thread, UNKNOWN_TEXT } from './thread.ts';
import { choose, factOf } from './undecided.ts';

/** What stands at a path; `unknown` where neither the kernel's state nor the script tells it. */
export type FileKind = 'directory' | 'file' | 'link' | 'absent' | 'unknown';

/** Directories that every machine with a shell has, or that the packages that the scripts belong to bring along. */
const DIRECTORIES = new Set(
  '/ /bin /dev /etc /etc/modprobe.d /etc/udev /etc/udev/rules.d /lib /lib/modules /proc /root /run /sbin /sys /tmp /usr /usr/bin /usr/lib /usr/sbin /var /var/lib /var/log /var/run /var/tmp'.split(
    ' ',
  ),
);

/** The files that a process sees: sysfs as the kernel's state has it, and what the process itself wrote. */
export class Files {
  private readonly thread: Thread;
  private readonly kernel: KernelState;
  /** How often it looked at the kernel: at a path, or at a name in a directory. */
  looks = 0;

  constructor(thread: Thread, kernel: KernelState) {
    this.thread = thread;
    this.kernel = kernel;
  }

  /** Whether the kernel has groups, which an IOMMU makes. */
  get hasGroups(): boolean {
    return this.kernel.groups.length > 0;
  }

  /** A path from the root, `.` and empty parts left out. */
  absolute(path: string): string {
    const whole = path.startsWith('/') ? path : `${this.thread.directory}/${path}`;
    const parts = whole.split('/').filter((part) => part !== '' && part !== '.');
    return `/${parts.join('/')}`;
  }

  /** The path below sysfs's root, or null for one of another file system. */
  inSysfs(path: string): string | null {
    const whole = this.absolute(path);
    return whole === '/sys' || whole.startsWith('/sys/') ? whole.slice(5) : null;
  }

  private entry(path: string, follow: boolean, start = ''): SysfsEntry & { at?: string } {
    const below = this.inSysfs(path);
    if (below === null) return { kind: 'unknown' };
    this.looks++;
    const { entry, path: at } = sysfsEntry(this.kernel, below, follow, start);
    return { ...entry, at };
  }

  kind(path: string, follow = true): FileKind {
    if (path === '') return 'absent';
    if (path.includes(UNKNOWN_TEXT)) return 'unknown';
    if (this.inSysfs(path) !== null) return this.entry(path, follow).kind;
    const whole = this.absolute(path);
    const group = /^\/dev\/vfio\/([^/]+)$/.exec(whole)?.[1];
    if (group !== undefined && group !== 'vfio' && group !== 'devices') return this.groupFile(group);
    const written = this.thread.files.get(whole);
    if (written !== undefined) return written === null ? 'absent' : whole.endsWith('/.') ? 'directory' : 'file';
    if (DIRECTORIES.has(whole) || this.thread.files.has(`${whole}/.`)) return 'directory';
    return whole === '/dev/null' || whole === '/proc/cmdline' || whole === '/proc/modules' ? 'file' : 'unknown';
  }

  /** Whether there is something at a path does not depend on who has which device, or on who acts meanwhile. */
  isLasting(path: string): boolean {
    const whole = this.absolute(path);
    if (path.includes(UNKNOWN_TEXT)) return false;
    if (this.inSysfs(path) !== null)
      return /^\/sys\/(?:class\/(?:iommu|vtconsole)|firmware|hypervisor)(?:\/|$)/.test(whole);
    return /^\/(?:etc|usr|lib|bin|sbin|boot|opt|home|root)\//.test(whole) || whole === '/dev/kvm';
  }

  /** The file of a group: there while a VFIO driver has one of its devices (drivers/vfio/group.c:vfio_create_group). */
  private groupFile(id: string): FileKind {
    this.looks++;
    const bound = groupMembers(this.kernel, id.replace(/^noiommu-/, '')).map((device) =>
      possibleDrivers(device.driver).map(
        (name) => name !== null && findDriver(this.kernel, device.bus, name)?.vfio === true,
      ),
    );
    if (bound.some((possible) => possible.every(Boolean))) return 'file';
    return bound.some((possible) => possible.includes(true)) ? 'unknown' : 'absent';
  }

  /** What reading a file gives, null where there is none. */
  text(path: string): string | null {
    if (this.inSysfs(path) !== null && !path.includes(UNKNOWN_TEXT)) {
      const entry = this.entry(path, true);
      if (entry.kind === 'file' && entry.text === null && entry.at?.endsWith('/boot_vga'))
        return `${factOf(
          this.thread,
          ['0', '1'].map((text) => `/sys/${entry.at} reads ${text}`),
        )}\n`;
      if (entry.kind === 'file') return entry.text ?? UNKNOWN_TEXT;
      return entry.kind === 'unknown' ? UNKNOWN_TEXT : null;
    }
    const whole = this.absolute(path);
    if (whole === '/dev/null') return '';
    const written = this.thread.files.get(whole);
    if (written !== undefined) return written;
    return this.isThere(path, whole) ? UNKNOWN_TEXT : null;
  }

  /** Whether a file outside sysfs that is read is there. */
  private isThere(path: string, whole: string): boolean {
    if (path.includes(UNKNOWN_TEXT) || /^\/(?:proc|dev)\//.test(whole)) return true;
    if (this.thread.facts.get(`${whole} is not a file`) === 1) return true;
    const answers = [`${whole} is not there`, `${whole} is there`];
    return (this.isLasting(path) ? factOf(this.thread, answers) : choose(this.thread, whole, answers)) === 1;
  }

  /** Names of a directory's entries that begin so, sorted as in the C locale; null where they are not known. */
  names(path: string, start = ''): readonly string[] | null {
    if (path.includes(UNKNOWN_TEXT)) return null;
    if (this.inSysfs(path) !== null) {
      const entry = this.entry(path, true, start);
      if (entry.kind === 'directory') {
        this.looks += entry.names?.length ?? 0;
        return entry.names?.toSorted() ?? null;
      }
      return entry.kind === 'unknown' ? null : [];
    }
    return null;
  }

  /** The path that a path leads to, all links followed, where only its last part may be missing; null where more is. */
  nearlyReal(path: string): string | null {
    const found = this.real(path);
    const at = this.absolute(path).lastIndexOf('/');
    if (found !== null || at < 1) return found;
    const parent = this.absolute(path).slice(0, at);
    const above = this.real(parent);
    return above === null || this.kind(parent) !== 'directory' ? null : `${above}${this.absolute(path).slice(at)}`;
  }

  /** The path that a path leads to, all links followed; null where there is nothing. */
  real(path: string): string | null {
    if (path.includes(UNKNOWN_TEXT)) return UNKNOWN_TEXT;
    const whole = this.absolute(path);
    if (this.inSysfs(path) === null) return /\/\.\.(\/|$)/.test(whole) ? UNKNOWN_TEXT : whole;
    const entry = this.entry(path, true);
    if (entry.kind === 'unknown') return UNKNOWN_TEXT;
    return entry.kind === 'absent' ? null : `/sys/${entry.at}`.replace(/\/$/, '');
  }

  /** The text of a symbolic link as sysfs has it, relative to where it stands; null where there is none. */
  link(path: string): string | null {
    if (path.includes(UNKNOWN_TEXT)) return UNKNOWN_TEXT;
    if (this.inSysfs(path) === null) return UNKNOWN_TEXT;
    const entry = this.entry(path, false);
    if (entry.kind === 'unknown') return UNKNOWN_TEXT;
    if (entry.kind !== 'link') return null;
    const depth = entry.at!.split('/').length - 1;
    return '../'.repeat(depth) + entry.target;
  }
}
