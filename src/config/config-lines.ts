/** A line of a configuration file after joining, with the number of its last physical line. */
export interface ConfigLine {
  readonly text: string;
  readonly line: number;
}

/**
 * The lines of a depmod.d or modprobe.d file (latin1) as kmod reads them: a backslash before a newline joins two lines,
 * before any other character it disappears and that character stays, so that `\\` is one backslash. A NUL byte ends its
 * line early. Empty lines and comments (`#` in the first column) are left out. kmod shared/util.c:freadline_wrapped.
 */
export function configLines(text: string): ConfigLine[] {
  const lines: ConfigLine[] = [];
  let line = 0;
  let content = '';
  const finish = () => {
    const nul = content.indexOf('\0');
    const visible = nul === -1 ? content : content.slice(0, nul);
    if (visible !== '' && visible[0] !== '#') lines.push({ text: visible, line });
    content = '';
  };
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\n') {
      line++;
      finish();
    } else if (text[i] !== '\\') content += text[i];
    else if (text[++i] === '\n') line++;
    else content += text[i] ?? '';
  }
  line++;
  finish();
  return lines;
}

/** The words of a line: kmod splits at spaces and tabs only, so that a carriage return is part of its word. */
export function configWords(text: string): string[] {
  return text.split(/[ \t]+/).filter((word) => word !== '');
}
