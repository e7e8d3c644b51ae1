/**
 * A machine as `modalias vfio record` writes it: enough of sysfs and proc to make a root of it again, and what sysfs
 * does not show but the model asks (id tables, what can be loaded), where that is known.
 */
export interface MachineDescription {
  readonly version: 1;
  readonly name: string;
  /** Kernel release, as uname -r prints it. */
  readonly release: string;
  readonly cmdline?: string | undefined;
  readonly devices: readonly DeviceDescription[];
  /** Registered drivers by bus: the driver's name and its module's (null where built in). */
  readonly drivers: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly groups?: Readonly<Record<string, GroupDescription>> | undefined;
  /** Loaded modules with their parameters. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Modules with registered drivers that are part of the kernel: nobody loads or unloads them. */
  readonly builtIn?: readonly string[] | undefined;
  /** Modules that are there and not loaded: what each registers, and what must be loaded before. */
  readonly loadable?: Readonly<Record<string, LoadableModule>> | undefined;
  /**
   * The modules that the kernel's own files name for a modalias, where `builtIn` is listed those that are built in
   * too; a modalias that is not listed was not looked up.
   */
  readonly aliases?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Id tables that are known, by bus and driver, loadable ones included. */
  readonly ids?: Readonly<Record<string, Readonly<Record<string, readonly IdRow[]>>>> | undefined;
  /** Other files of sysfs and proc by path, with what they hold. */
  readonly sysfs?: Readonly<Record<string, string>> | undefined;
  readonly proc?: Readonly<Record<string, string>> | undefined;
  /** Links of sysfs and proc by path, with their texts. */
  readonly sysfsLinks?: Readonly<Record<string, string>> | undefined;
  readonly procLinks?: Readonly<Record<string, string>> | undefined;
}

export interface DeviceDescription {
  /** Below /sys/devices. */
  readonly path: string;
  /** `pci`, `platform`, ...; a name with a slash is a class, such as `class/net`. */
  readonly bus: string;
  readonly driver?: string | undefined;
  readonly group?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export interface GroupDescription {
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  readonly reserved?: readonly string[] | undefined;
}

export interface LoadableModule {
  readonly drivers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly depends?: readonly string[] | undefined;
}

/** A row of an id table: numbers as text with 0x; what is left out is any, `driver_data` is 0. */
export interface IdRow {
  readonly vendor?: string | undefined;
  readonly device?: string | undefined;
  readonly subvendor?: string | undefined;
  readonly subdevice?: string | undefined;
  readonly class?: string | undefined;
  readonly class_mask?: string | undefined;
  readonly driver_data?: string | undefined;
  readonly override_only?: string | undefined;
}
