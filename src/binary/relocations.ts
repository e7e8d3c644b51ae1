import type { Elf } from './elf.ts';
import { EM_MIPS, RELOCATION, SHT_REL, SHT_RELA, SYMBOL } from './elf-format.ts';

/** A place in a section. */
export interface ElfPlace {
  readonly section: number;
  readonly offset: number;
}

/** Pointers in data, as the linker will fill them in: from their own place to their target. */
export interface Pointers {
  /** The target of the pointer at this place; undefined if there is no relocation. */
  at(place: ElfPlace): ElfPlace | undefined;
  /** Every place that holds a pointer to `target`. */
  to(target: ElfPlace): readonly ElfPlace[];
}

/**
 * The pointers of every data section whose name begins with one of `names`. Each relocation counts as a plain pointer,
 * as it is in data. Those against symbols of other modules are left out.
 */
export function readPointers(elf: Elf, names: readonly string[]): Pointers {
  const { wordSize } = elf.abi;
  const form = RELOCATION[wordSize];
  const from = new Map<string, ElfPlace>();
  const to = new Map<string, ElfPlace[]>();
  for (let index = 1; index < elf.sectionCount; index++) {
    const section = elf.sectionAt(index);
    if (section.type !== SHT_RELA && section.type !== SHT_REL) continue;
    const holder = elf.sectionAt(section.info);
    const name = elf.nameOf(holder);
    if (!names.some((prefix) => name === prefix || name.startsWith(`${prefix}.`))) continue;
    const withAddend = section.type === SHT_RELA;
    const entries = elf.bytes(section, 'relocations');
    const data = elf.bytes(holder, name);
    const symbols = elf.bytes(elf.sectionAt(section.link), 'the symbol table');
    const width = withAddend ? form.rela : form.rel;
    for (let at = 0; at + width <= entries.size; at += width) {
      const offset = entries.offset(at, 'the place of a relocation');
      const symbol = symbolNumber(elf, entries.word(at + form.info), () => entries.u32(at + form.info));
      const base = symbolPlace(symbols, SYMBOL[wordSize], symbol);
      if (!base) continue;
      if (!withAddend && offset + wordSize > data.size) continue;
      const addend = withAddend ? entries.word(at + form.addend) : data.word(offset);
      const target = { section: base.section, offset: base.offset + signed(addend, wordSize) };
      const place = { section: holder.index, offset };
      from.set(key(place), target);
      to.set(key(target), [...(to.get(key(target)) ?? []), place]);
    }
  }
  return { at: (place) => from.get(key(place)), to: (target) => to.get(key(target)) ?? [] };
}

function key({ section, offset }: ElfPlace): string {
  return `${section}:${offset}`;
}

/** ELF32_R_SYM, ELF64_R_SYM; 64-bit MIPS has the number in the first four bytes of r_info whatever the byte order. */
function symbolNumber(elf: Elf, info: bigint, first: () => number): number {
  if (elf.abi.wordSize === 4) return Number(info >> 8n);
  return elf.machine === EM_MIPS ? first() : Number(info >> 32n);
}

function symbolPlace(
  symbols: ReturnType<Elf['bytes']>,
  form: (typeof SYMBOL)[4 | 8],
  index: number,
): ElfPlace | undefined {
  const at = index * form.size;
  if (index === 0 || at + form.size > symbols.size) return undefined;
  const section = symbols.u16(at + form.section);
  if (section === 0 || section >= 0xff00) return undefined;
  return { section, offset: Number(symbols.word(at + form.value)) };
}

function signed(addend: bigint, wordSize: 4 | 8): number {
  return Number(BigInt.asIntN(wordSize * 8, addend));
}
