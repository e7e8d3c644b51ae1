import type { Abi } from '../../src/binary/abi.ts';

/** A machine as relocatable objects name it. */
export interface ElfMachine {
  /** e_machine (EM_*). */
  readonly machine: number;
  readonly abi: Abi;
  /** The relocation that stores a whole pointer (R_X86_64_64 and its like). */
  readonly pointerRelocation: number;
  /** Whether the compiler writes addends beside the relocation (RELA) or into the section's bytes (REL). */
  readonly rela: boolean;
}

const abi = (littleEndian: boolean, wordSize: 4 | 8, maxAlign: Abi['maxAlign'] = 8): Abi => ({
  littleEndian,
  wordSize,
  maxAlign,
});

/** Debian's architectures: machine, C data layout and relocations. */
export const elfMachines = {
  amd64: { machine: 62, abi: abi(true, 8), pointerRelocation: 1, rela: true },
  arm64: { machine: 183, abi: abi(true, 8), pointerRelocation: 257, rela: true },
  ppc64el: { machine: 21, abi: abi(true, 8), pointerRelocation: 38, rela: true },
  riscv64: { machine: 243, abi: abi(true, 8), pointerRelocation: 2, rela: true },
  loong64: { machine: 258, abi: abi(true, 8), pointerRelocation: 2, rela: true },
  mips64el: { machine: 8, abi: abi(true, 8), pointerRelocation: 18, rela: true },
  s390x: { machine: 22, abi: abi(false, 8), pointerRelocation: 22, rela: true },
  ppc64: { machine: 21, abi: abi(false, 8), pointerRelocation: 38, rela: true },
  armhf: { machine: 40, abi: abi(true, 4), pointerRelocation: 2, rela: false },
  i386: { machine: 3, abi: abi(true, 4, 4), pointerRelocation: 1, rela: false },
  mipsel: { machine: 8, abi: abi(true, 4), pointerRelocation: 2, rela: false },
  mips: { machine: 8, abi: abi(false, 4), pointerRelocation: 2, rela: false },
  powerpc: { machine: 20, abi: abi(false, 4), pointerRelocation: 1, rela: true },
  m68k: { machine: 4, abi: abi(false, 4, 2), pointerRelocation: 1, rela: true },
} as const satisfies Record<string, ElfMachine>;

export type ElfMachineName = keyof typeof elfMachines;
