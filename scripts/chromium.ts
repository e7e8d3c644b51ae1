import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** The Chromium to drive: $CHROMIUM, or the system's. */
const program = process.env.CHROMIUM ?? 'chromium';

/** Where it is; undefined if it is not installed. */
export const chromiumPath: string | undefined =
  spawnSync('which', [program], { encoding: 'utf8' }).stdout?.trim() || undefined;

/** What to do where it is not. */
export const INSTALL_CHROMIUM = 'no Chromium: apt-get install chromium, or name one in $CHROMIUM';

/** Starts it without a window; its sandbox needs another user than root. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}
