import { standardError } from './output.ts';

/** A bar on standard error for long work; nothing at all where standard error is not a terminal. */
export interface Progress {
  advance(by?: number): void;
  /** Clears the bar until the next update, as something is about to be printed. */
  clear(): void;
  /** Clears the bar. Calling it again does nothing. */
  finish(): void;
}

const SILENT: Progress = { advance() {}, clear() {}, finish() {} };
/** Milliseconds between two drawings. */
const INTERVAL = 100;
const BAR = 24;

/** Starts a bar over `total` pieces of work; `label` names the work. */
export function startProgress(label: string, total: number, stream: NodeJS.WriteStream = standardError()): Progress {
  if (!stream.isTTY || total === 0) return SILENT;
  const start = performance.now();
  let done = 0;
  let drawn = 0;
  let open = true;
  return {
    advance(by = 1) {
      done += by;
      const now = performance.now();
      if (!open || now - drawn < INTERVAL) return;
      drawn = now;
      stream.write(`\r\x1b[K${progressLine(label, done, total, (now - start) / 1000, stream.columns)}`);
    },
    clear() {
      if (open && drawn > 0) stream.write('\r\x1b[K');
    },
    finish() {
      if (open && drawn > 0) stream.write('\r\x1b[K');
      open = false;
    },
  };
}

/**
 * One line of at most `columns - 1` characters: label, bar, how much of how many, pieces a second, time left. Where all
 * of it does not fit, the bar goes first, then the rate.
 */
export function progressLine(label: string, done: number, total: number, seconds: number, columns = 80): string {
  const filled = Math.round((BAR * Math.min(done, total)) / total);
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? `, ${duration((total - done) / rate)} left` : '';
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] `;
  const count = `${done}/${total}`;
  const rest = `, ${Math.round(rate)}/s${left}`;
  const room = Math.max(0, columns - 1);
  const lines = [`${label} ${bar}${count}${rest}`, `${label} ${count}${rest}`, `${label} ${count}${left}`, count];
  return lines.find((line) => line.length <= room) ?? count.slice(0, room);
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
