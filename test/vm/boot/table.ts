import type { Outcome } from './run-case.ts';

/** Where a device came to its driver: at which stage, or that it did not. */
function when({ seen, report }: Outcome, device: string): string {
  if (seen === null) return report.verdict();
  if (seen.root.get(device) !== 'vfio-pci') return `on ${seen.root.get(device) ?? 'no driver'}`;
  if (seen.initramfs.get(device) === 'vfio-pci') return 'initramfs';
  return `root, from ${seen.initramfs.get(device) ?? 'no driver'}`;
}

/** The results as a table in Markdown. */
export function bootTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes
    .filter(({ case: one }) => one.taken.length > 0)
    .map((outcome) => {
      const [card, disk] = outcome.case.taken.map((device) => when(outcome, device));
      const { case: one, report, certain } = outcome;
      const predicted = certain ? report.verdict() : `${report.verdict()}, not certain`;
      return `| ${one.format}${one.rebuilt === undefined ? '' : ', rebuilt'} | ${one.maker} | ${card} | ${disk} | ${predicted} |`;
    });
  return [
    '| format | initramfs by | network card on vfio-pci | NVMe on vfio-pci | as `vfio boot` says, twins untouched |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
