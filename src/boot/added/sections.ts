/** Programs that make an initramfs. */
export type Maker = 'initramfs-tools' | 'dracut';

/** What a format asks for with one maker only. */
export interface Section {
  readonly files: ReadonlyMap<string, string>;
  readonly rebuilds: boolean;
}

const NOTHING: Section = { files: new Map(), rebuilds: false };

/**
 * What a format says to the user of one maker: `#   MAKER: COMMAND`, or `COMMAND, after these lines in FILE:` with the
 * lines in comments that are indented further (report/persist).
 */
export function sectionFor(text: string, maker: Maker | undefined): Section {
  const lines = text.split('\n');
  const start = maker === undefined ? -1 : lines.findIndex((line) => line.startsWith(`#   ${maker}: `));
  if (start < 0) return NOTHING;
  const [, file] = /, after th(?:is line|ese lines) in (\/\S+):$/.exec(lines[start]!) ?? [];
  if (file === undefined) return { ...NOTHING, rebuilds: true };
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('#     '));
  const own = lines.slice(start + 1, end < 0 ? undefined : end).map((line) => `${line.slice('#     '.length)}\n`);
  return { files: new Map([[file, own.join('')]]), rebuilds: true };
}
