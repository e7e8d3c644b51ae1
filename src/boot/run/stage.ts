import type { Diagnostic } from '../../errors.ts';
import type { PciIds } from '../../vfio/sysfs/pci-ids.ts';
import type { Tree } from '../../vfio/sysfs/tree.ts';
import type { Parameter } from '../command-line.ts';
import type { Files } from '../files/files.ts';
import type { StageModules } from '../modules/stage-modules.ts';
import type { Subject } from './explore.ts';

export type StageName = 'kernel' | 'initramfs' | 'root';

/** One stage of a boot: what is at hand in it. */
export interface Stage {
  readonly name: StageName;
  readonly files: Files;
  readonly modules: StageModules;
  /** The machine: attributes of its devices, except for what the boot changes. */
  readonly sysfs: Tree;
  readonly parameters: readonly Parameter[];
  readonly commandLine: string | null;
  /** The file that the kernel's command line is written in. */
  readonly commandLineFile: string;
  readonly subject: Subject;
  /** Modules with a driver that may take the subject; others are not loaded in the model. */
  readonly relevant: ReadonlySet<string>;
  /** The VFIO driver that `modalias vfio bind` would choose; null if there is none. */
  readonly vfio: { readonly module: string; readonly driver: string } | null;
  /** The ids of a PCI function of the machine. */
  readonly idsOf: (name: string) => PciIds | null;
  /** What cannot be understood and may matter: the answer is not certain then. */
  readonly doubt: (diagnostic: Diagnostic) => void;
  /** What is worth knowing, and decides nothing by itself. */
  readonly note: (diagnostic: Diagnostic) => void;
}
