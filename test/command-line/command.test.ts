import { expect, test } from 'vitest';
import { EXIT, statusOf } from '../../src/command-line/command.ts';

type Severity = 'error' | 'warning' | 'note';

test.each<[severities: readonly Severity[], plain: number, werror: number]>([
  [[], EXIT.ok, EXIT.ok],
  [['note'], EXIT.ok, EXIT.ok],
  [['warning'], EXIT.ok, EXIT.no],
  [['note', 'warning'], EXIT.ok, EXIT.no],
  [['warning', 'error'], EXIT.unanswered, EXIT.unanswered],
  [['error'], EXIT.unanswered, EXIT.unanswered],
])(
  'statusOf: after %j it is %i, with --werror %i: warnings count there, notes never do',
  (severities, plain, werror) => {
    const diagnostics = severities.map((severity) => ({ code: 'usage' as const, severity, message: '' }));
    expect(statusOf(diagnostics, false)).toBe(plain);
    expect(statusOf(diagnostics, true)).toBe(werror);
  },
);
