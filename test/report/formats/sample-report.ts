import { CLASSES } from '../../../src/packaging/change-classes.ts';
import { MEANINGS } from '../../../src/report/diff-text.ts';
import type { Kind, Report, Result } from '../../../src/report/report.ts';

/** A result with the members given, the others plain. */
export function sampleResult(members: Partial<Result> = {}): Result {
  return {
    kind: 'lost',
    severity: 'error',
    fails: members.accepted == null,
    module: 'e1000e',
    bus: 'pci',
    pattern: 'pci:v00008086d000010D3sv*sd*bc*sc*i*',
    names: { vendor: null, device: null },
    file: null,
    line: null,
    message: 'no module serves them any more (e1000e -> none)',
    details: [['example', 'pci:v00008086d000010D3sv0sd0bc0sc0i0']],
    fingerprint: '0123456789abcdef',
    accepted: null,
    ...members,
  };
}

/** A report of these results. */
export function sampleReport(results: readonly Result[], members: Partial<Report> = {}): Report {
  return {
    command: 'diff',
    title: '6.1 -> 6.12',
    inputs: ['old', 'new'],
    kinds: [
      { id: 'lost', severity: 'error', about: 'no module serves them any more' },
      { id: 'moved', severity: 'warning', about: 'another module serves them now' },
      { id: 'gained', severity: 'note', about: 'no module served them before' },
    ],
    results,
    remarks: [],
    facts: [['modules', 3]],
    lists: [['modules gone', ['drbg']]],
    failed: results.some(({ fails }) => fails),
    hasBaseline: results.some(({ accepted }) => accepted !== null),
    text: () => 'text\n',
    document: () => ({ version: 1 }),
    ...members,
  };
}

/** Results by their number, a third of each kind. */
export function manyResults(count: number): Result[] {
  const kinds = [
    ['lost', 'error'],
    ['moved', 'warning'],
    ['gained', 'note'],
  ] as const;
  return Array.from({ length: count }, (_, i) => {
    const [kind, severity] = kinds[Math.floor((i * kinds.length) / count)]!;
    const id = i.toString(16).padStart(8, '0').toUpperCase();
    return sampleResult({
      kind,
      severity,
      bus: i % 2 === 0 ? 'pci' : 'usb',
      module: `module_${i % 50}`,
      pattern: `pci:v00008086d${id}sv*sd*bc*sc*i*`,
      names: { vendor: i % 3 === 0 ? 'Intel Corporation' : 'Realtek', device: `Device ${i}` },
      fingerprint: id.toLowerCase().padStart(16, '0'),
    });
  });
}

/**
 * A report of the shape of that between Debian's 6.1 and 6.12: all classes, 27 buses, 60 vendors, half of the results
 * of one class, and long lists of modules.
 */
export function wideReport(count: number): Report {
  const kinds = CLASSES.map((id, i): Kind => ({ id, severity: i < 3 ? 'error' : 'note', about: MEANINGS[id] }));
  const results = manyResults(count).map((result, i): Result => {
    const { id, severity, about } = i % 2 === 0 ? kinds[CLASSES.indexOf('gained')]! : kinds[i % kinds.length]!;
    const bus = `bus${Math.floor(Math.sqrt(i % 729))}`;
    const names = { vendor: i % 5 === 0 ? null : `Vendor ${i % 60} Semiconductor Corporation`, device: `Device ${i}` };
    const details = [...result.details, ['old', `module_${i}`], ['new', 'none']] as Result['details'];
    return { ...result, kind: id, severity, bus, names, details, message: `${about} (module_${i} -> none)` };
  });
  const modules = Array.from({ length: 400 }, (_, i) => `module_${i}`);
  const lists: Report['lists'] = [
    ['modules gone', modules.slice(0, 100)],
    ['modules new', modules.slice(100)],
  ];
  return sampleReport(results, { kinds, lists });
}

/** Text that would be mark-up, a command or the end of something in one format or another. */
export const HOSTILE = '</script><img src=x onerror=alert(1)>]]>"\'&|`*_@user %0A::error::\r\n\x1b[31m\0,:\u2028';
