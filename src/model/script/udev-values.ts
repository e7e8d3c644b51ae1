/** Substitutions of udev's values: udev-rules(7), SUBSTITUTIONS; the variables are those of an event. */
const SUBSTITUTIONS: Readonly<Record<string, string>> = {
  k: '"$KERNEL"',
  kernel: '"$KERNEL"',
  p: '"$DEVPATH"',
  devpath: '"$DEVPATH"',
  b: '"$KERNEL"',
  id: '"$KERNEL"',
  S: "'/sys'",
  sys: "'/sys'",
  c: '"$RESULT"',
  result: '"$RESULT"',
};

const ONE =
  /%%|\$\$|(?:%([a-zA-Z])|\$(kernel|devpath|id|sys|result|attr|env|driver|number|major|minor|name|links|root|devnode))(?:\{([^}]*)\})?/g;

/** A value after substitutions, as one word of a shell. */
export function substituted(value: string): string {
  let word = '';
  let at = 0;
  const literal = (text: string) => (text === '' ? '' : `'${text.replaceAll("'", `'\\''`)}'`);
  for (const m of value.matchAll(ONE)) {
    word += literal(value.slice(at, m.index)) + substitution(m[0], m[1] ?? m[2] ?? '', m[3]);
    at = m.index + m[0].length;
  }
  return word + literal(value.slice(at)) || "''";
}

function substitution(whole: string, name: string, inside: string | undefined): string {
  if (whole === '%%') return "'%'";
  if (whole === '$$') return "'$'";
  if ((name === 's' || name === 'attr') && inside !== undefined) return `"$(cat "$DEVICE/${inside}")"`;
  if ((name === 'E' || name === 'env') && inside !== undefined) {
    if (inside === 'SUBSYSTEM' || inside === 'DEVPATH') return `"$${inside}"`;
    if (inside === 'PCI_SLOT_NAME') return '"$KERNEL"';
    if (inside === 'MODALIAS') return '"$(cat "$DEVICE/modalias")"';
    return `"\${ENV_${inside}}"`;
  }
  if (name === 'driver' || name === 'd') return '"$(basename "$(readlink "$DEVICE/driver")")"';
  return SUBSTITUTIONS[name] ?? `"$UDEV_${name}"`;
}

/** The words of a command as udev splits them: at blanks, quotes keep a word together (strv_split_full). */
function wordsOf(value: string): string[] {
  return [...value.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_all, single?: string, double?: string) => single ?? double ?? ''),
  );
}

/** A program of RUN or PROGRAM as a command of a shell, which udev itself does not have; null for none. */
export function commandOf(value: string): string | null {
  const words = wordsOf(value);
  return words.length === 0 ? null : words.map(substituted).join(' ');
}

/** A builtin of RUN: `kmod load` loads modules; others do nothing to the kernel's drivers, or are not read. */
export function builtinCommand(value: string): string | null {
  const [name, verb, ...modules] = wordsOf(value);
  if (name === 'kmod' && verb === 'load' && modules.length > 0)
    return `modprobe -a ${modules.map(substituted).join(' ')}`;
  return name !== undefined &&
    ['hwdb', 'path_id', 'net_id', 'input_id', 'usb_id', 'uaccess', 'blkid', 'keyboard'].includes(name)
    ? ':'
    : null;
}
