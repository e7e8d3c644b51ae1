import { EXIT } from '../command-line/command.ts';
import { print, printDiagnostics } from '../command-line/output.ts';
import { ModaliasError } from '../errors.ts';
import { readLines } from '../files/lines.ts';
import { inFile } from '../files/read.ts';
import { statOf } from '../files/read-sync.ts';
import type { JsonKeys } from '../inventory/json-devices.ts';
import { readMentions } from '../inventory/read-mentions.ts';
import { Unread } from '../inventory/unread.ts';
import type { CoverageKernel } from '../packaging/coverage/kernel.ts';
import { lineAnswerer } from '../report/coverage/coverage-lines.ts';

/** Prints the answer to each line as it arrives; what could not be read is counted in a warning at the end. */
export async function streamCoverage(
  inventories: readonly string[],
  kernels: readonly CoverageKernel[],
  json: JsonKeys | undefined,
  failing: (kind: string) => boolean,
): Promise<number> {
  const answer = lineAnswerer(kernels, failing, json);
  let failed = false;
  for (const path of inventories) {
    const unread = new Unread();
    let number = 0;
    for await (const lines of linesOf(path)) {
      let text = '';
      for (const line of lines) {
        number++;
        const one = attempt(() => answer(line), path, number);
        text += one.text;
        failed ||= one.fails;
        if (one.problem) unread.add(number, one.problem.message);
      }
      await print(text, 'latin1');
    }
    printDiagnostics(unread.diagnostics(inFile(path)));
  }
  return failed ? EXIT.no : EXIT.ok;
}

/** The lines of an inventory; of a sysfs root and of a directory its modaliases. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  if (path === '-' || !statOf(path).isDirectory()) return yield* readLines(path);
  const modaliases: string[] = [];
  printDiagnostics(await readMentions(path, { onDevice: ({ modalias }) => modaliases.push(modalias) }));
  yield modaliases;
}

function attempt<T>(task: () => T, path: string, line: number): T {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof ModaliasError) || error.code !== 'unread-line') throw error;
    throw new ModaliasError(error.code, error.message, { ...inFile(path), line });
  }
}
