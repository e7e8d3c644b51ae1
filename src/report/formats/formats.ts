import type { Report } from '../report.ts';
import { withoutControls } from '../terminal.ts';
import { githubCommands, githubSummary } from './github.ts';
import { htmlPage } from './html.ts';
import { junitXml } from './junit.ts';
import { markdown } from './markdown.ts';
import { sarifLog } from './sarif.ts';

/** Where a report is written from, for formats that depend on it. */
export interface FormatOptions {
  /** Columns of a terminal. */
  readonly width: number;
  /** The folder whose files a report may point to: a repository's, where CI runs. */
  readonly folder: string;
}

/** A way to write a report. */
export interface ReportFormat {
  /** What it is for, in a few words. */
  readonly about: string;
  readonly write: (report: Report, options: FormatOptions) => string;
  /** What is appended to the file that the environment names for summaries of a CI step. */
  readonly stepSummary?: (report: Report) => string;
}

/** Every format, by the name that --format takes. */
export const REPORT_FORMATS = {
  text: { about: 'for people', write: (report, { width }) => withoutControls(report.text(width)) },
  json: { about: 'one JSON document', write: (report) => `${JSON.stringify(report.document())}\n` },
  markdown: { about: 'for comments and summaries, at most 65,536 characters', write: markdown },
  html: { about: 'one page that needs no network', write: htmlPage },
  junit: { about: 'test results for CI', write: junitXml },
  sarif: { about: 'findings in files of a repository', write: (report, { folder }) => sarifLog(report, folder) },
  github: {
    about: 'annotations of GitHub Actions',
    write: (report, { folder }) => githubCommands(report, folder),
    stepSummary: githubSummary,
  },
} as const satisfies Readonly<Record<string, ReportFormat>>;

/** The name of a format. */
export type ReportFormatName = keyof typeof REPORT_FORMATS;
