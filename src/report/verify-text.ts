import { readablePath } from '../files/raw-path.ts';
import type { Finding } from '../packaging/finding.ts';
import type { VerifyResult } from '../packaging/verify/verify.ts';

/**
 * What verify prints for people: a paragraph for each finding, a table by bus, the notes, and the sum; if `quiet`, the
 * findings only.
 */
export function formatVerifyText({ findings, summary }: VerifyResult, quiet = false): string {
  if (quiet) return findings.map((finding) => `${formatFinding(finding)}\n`).join('\n');
  const parts = [...findings.map(formatFinding), busTable(summary.buses)];
  const notes = summary.notes.map(({ rule, count, message, examples }) =>
    [`note: ${rule}: ${count}: ${message}`, ...examples.map((example) => `    ${example}`)].join('\n'),
  );
  if (notes.length > 0) parts.push(notes.join('\n'));
  const { modules, tables, rows, aliases, handWritten, builtinAliases } = summary;
  const result =
    findings.length === 0 ? 'no findings' : findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  parts.push(
    `${summary.release}: ${modules} modules, ${tables} tables, ${rows} rows, ${aliases} aliases (${handWritten} hand-written), ${builtinAliases} built-in aliases: ${result}`,
  );
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** A finding as a paragraph: severity, rule, where and what; its alias and its file below. */
export function formatFinding(finding: Finding<string>): string {
  const { rule, severity, module, table, row, alias, file, line, message } = finding;
  const where = [module, table && `table ${table}`, row !== null && `row ${row}`].filter(Boolean).join(', ');
  const lines = [`${severity}: ${rule}: ${where ? `${where}: ` : ''}${readablePath(message)}`];
  if (alias !== null) lines.push(`    ${readablePath(alias)}`);
  if (file !== null) lines.push(`    in ${file}${line === null ? '' : `, line ${line}`}`);
  return lines.join('\n');
}

const COLUMNS = ['bus', 'modules', 'tables', 'rows', 'aliases', 'handWritten'] as const;

function busTable(buses: VerifyResult['summary']['buses']): string {
  const rows = [
    ['bus', 'modules', 'tables', 'rows', 'aliases', 'hand-written'],
    ...buses.map((bus) => COLUMNS.map((c) => String(bus[c]))),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}
