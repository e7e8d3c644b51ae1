import type { Diagnostic } from '../errors.ts';
import type { Because } from './because.ts';
import type { StageName } from './run/stage.ts';

/** One stage of the boot for a device. */
export interface StageForecast {
  readonly stage: StageName;
  /** Modules with a driver for the device that are loaded, in order. */
  readonly loads: readonly string[];
  /** The driver at the end of the stage; null for none. */
  readonly driver: string | null;
}

/** Another end that the boot may have. */
export interface OtherEnd {
  readonly driver: string | null;
  readonly vfio: boolean;
  readonly loads: readonly string[];
  readonly because: readonly Because[];
}

export interface DeviceForecast {
  readonly device: string;
  readonly stages: readonly StageForecast[];
  /** The driver that the device ends on; the likeliest where that is not certain. */
  readonly driver: string | null;
  /** It is a VFIO driver. */
  readonly vfio: boolean;
  readonly certain: boolean;
  /** What decides, the last first. */
  readonly because: readonly Because[];
  /** Ends of other orders of the same events, and of what is not known. */
  readonly others: readonly OtherEnd[];
  /** Why it is not certain. */
  readonly doubts: readonly Diagnostic[];
}

/** Who has which device after the next boot. */
export interface BootForecast {
  readonly kernel: string | null;
  readonly commandLine: { readonly text: string; readonly file: string } | null;
  readonly initramfs: { readonly file: string; readonly maker: string } | null;
  readonly devices: readonly DeviceForecast[];
  readonly notes: readonly Diagnostic[];
}
