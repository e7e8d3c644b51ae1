/** What a kernel was seen to do: one line of a transcript of the experiment, in the words of the model. */
export type Line =
  | {
      readonly kind: 'device';
      readonly name: string;
      readonly driver: string | null;
      readonly group: string;
      readonly modalias: string;
    }
  | { readonly kind: 'write'; readonly path: string; readonly data: string; readonly result: string }
  | { readonly kind: 'load' | 'unload'; readonly module: string; readonly result: string }
  /** driver_override of the first card, as od shows it. */
  | { readonly kind: 'override'; readonly shown: string }
  | { readonly kind: 'overrideLength'; readonly bytes: number }
  | { readonly kind: 'drivers'; readonly drivers: readonly (readonly [card: string, driver: string | null])[] }
  | { readonly kind: 'autoprobe'; readonly on: boolean }
  | { readonly kind: 'devNodes'; readonly groups: readonly string[] }
  | { readonly kind: 'open'; readonly group: string; readonly device: string; readonly held: boolean }
  | { readonly kind: 'status'; readonly flags: number }
  | { readonly kind: 'call'; readonly call: 'setContainer' | 'setIommu' | 'getDevice'; readonly result: string }
  | { readonly kind: 'groupType'; readonly type: string }
  | { readonly kind: 'section'; readonly text: string }
  | { readonly kind: 'other'; readonly text: string };

const ERRNO: { readonly [text: string]: string } = { 'Operation not permitted': 'EPERM', ok: 'ok' };

/** `\n` and `\0` as the guest's tool took them, `@rep:N` for N times x. */
export function unescapeData(text: string): string {
  const repeated = /^@rep:(\d+)$/.exec(text);
  return repeated ? 'x'.repeat(Number(repeated[1])) : text.replaceAll('\\n', '\n').replaceAll('\\0', '\0');
}

const bound = (name: string) => (name === 'none' ? null : name);

type Rule = readonly [RegExp, (m: RegExpExecArray) => Line];
const RULES: readonly Rule[] = [
  [
    /^(\S+:\S+) 0x\w{4} 0x\w{4} cls=\S+ grp=(\d+) drv=(\S+)\s+(pci:\S+)$/,
    (m) => ({ kind: 'device', name: m[1]!, group: m[2]!, driver: bound(m[3]!), modalias: m[4]! }),
  ],
  [
    /^write \/sys\/(\S+) <- "(.*)" \((\d+) bytes\) -> (?:errno )?(\w+)$/,
    (m) => {
      const data = unescapeData(m[2]!);
      if (data.length !== Number(m[3])) throw new Error(`${m[0]}: ${data.length} bytes read back`);
      return { kind: 'write', path: m[1]!, data, result: m[4]! };
    },
  ],
  [/^(load|unload) (\S+) -> (\w+)$/, (m) => ({ kind: m[1] as 'load' | 'unload', module: m[2]!, result: m[3]! })],
  [
    /^0000000(.*)$/,
    (m) => {
      const cells = m[1]!.match(/.{4}/g) ?? [];
      return { kind: 'override', shown: cells.map((c) => (c === '  \\n' ? '\n' : c.at(-1)!)).join('') };
    },
  ],
  [/^(\d{4})$/, (m) => ({ kind: 'overrideLength', bytes: Number(m[1]) })],
  [/^([01])$/, (m) => ({ kind: 'autoprobe', on: m[1] === '1' })],
  [/^(\d+) +vfio$/, (m) => ({ kind: 'devNodes', groups: [m[1]!] })],
  [
    /^open \/dev\/vfio\/(\d+), container, device ([^\s,]+)(, hold \d+ s)?$/,
    (m) => ({ kind: 'open', group: m[1]!, device: m[2]!, held: m[3] !== undefined }),
  ],
  [/^status r=0 flags=(\d+) viable=\d$/, (m) => ({ kind: 'status', flags: Number(m[1]) })],
  [/^set_container r=-?\d (.*)$/, (m) => ({ kind: 'call', call: 'setContainer', result: ERRNO[m[1]!]! })],
  [/^set_iommu r=-?\d (.*)$/, (m) => ({ kind: 'call', call: 'setIommu', result: ERRNO[m[1]!]! })],
  [/^get_device_fd \S+ -> \d+ (.*)$/, (m) => ({ kind: 'call', call: 'getDevice', result: ERRNO[m[1]!]! })],
  [/^(DMA|DMA-FQ|identity)$/, (m) => ({ kind: 'groupType', type: m[1]! })],
  [/^(none|e1000e|vfio-pci)$/, (m) => ({ kind: 'drivers', drivers: [['A', bound(m[1]!)]] })],
  [/^(B) none:(\w+);/, (m) => ({ kind: 'drivers', drivers: [[m[1]!, bound(m[2]!)]] })],
  [
    /^([AB]) (?:after|probe order).*?(?:: |-> )([\w-]+)(?: \(.*\))?$/,
    (m) => ({ kind: 'drivers', drivers: [[m[1]!, bound(m[2]!)]] }),
  ],
  [
    /^[A-D]:[\w-]+(?: [A-D]:[\w-]+)*$/,
    (m) => ({
      kind: 'drivers',
      drivers: m[0].split(' ').map((pair) => [pair[0]!, bound(pair.slice(2))] as const),
    }),
  ],
  [
    /^(?:\S+:\S+\.\d )+ (?:\S+:\S+\.\d:\S+ ?)+$/,
    (m) => ({
      kind: 'drivers',
      drivers: [...m[0].matchAll(/(\w{4}:\w\w:\w\w\.\d):([\w-]+)/g)].map((p) => [p[1]!, bound(p[2]!)] as const),
    }),
  ],
  [/^(?:===|---) .*$/, (m) => ({ kind: 'section', text: m[0] })],
  [/^unbind took \d+s$/, (m) => ({ kind: 'section', text: m[0] })],
];

/** The transcript's lines in order; what says nothing that the model answers is `other`. */
export function parseTranscript(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      for (const [pattern, make] of RULES) {
        const m = pattern.exec(line);
        if (m) return make(m);
      }
      return { kind: 'other', text: line };
    });
}
