import { readFileSync } from 'node:fs';
import { type Check, cli } from './check.ts';

const PAGE = 'docs/kernel-findings.md';

/** What lint finds is what the page says that was compared with the sources; of other releases only that it runs. */
export const lint: Check = {
  name: 'lint',
  async run(kernel) {
    const { status, stdout, stderr } = cli(['lint', '--config', 'none', '--json', kernel.indexed]);
    if (status > 1 || stderr !== '') return { failures: [`exit ${status}: ${stderr.slice(0, 300)}`], figure: '' };
    const { findings, summary } = JSON.parse(stdout.toString()) as {
      findings: { rule: string }[];
      summary: { modules: number };
    };
    const counts = new Map<string, number>();
    for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    const listed = listedFor(kernel.release, readFileSync(PAGE, 'utf8'));
    const rules = listed ? [...new Set([...listed.keys(), ...counts.keys()])] : [];
    const failures = rules.flatMap((rule) => {
      const [have, says] = [counts.get(rule) ?? 0, listed!.get(rule) ?? 0];
      return have === says ? [] : [`${rule}: ${have} findings, ${says} in ${PAGE}`];
    });
    const figure = `${summary.modules} modules, ${findings.length} findings${listed ? ', each known' : ''}`;
    return { failures, figure };
  },
};

/** Findings by rule in the column of a release, which stand in the order in which the page names the releases. */
function listedFor(release: string, page: string): ReadonlyMap<string, number> | undefined {
  const named = [...page.slice(0, page.indexOf('|')).matchAll(/\d+\.\d+\.\d+[\w+.-]*/g)].map(([text]) => text);
  const column = named.indexOf(release);
  if (column === -1) return undefined;
  const rows = page.matchAll(/^\| `([\w-]+)` \(\w+\) \|((?: \d+ \|)+)/gm);
  return new Map([...rows].map(([, rule, cells]) => [rule!, Number(cells!.split('|')[column])]));
}
