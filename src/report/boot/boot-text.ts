import type { Because } from '../../boot/because.ts';
import type { BootForecast, DeviceForecast } from '../../boot/forecast.ts';
import { atPlace, type Diagnostic } from '../../errors.ts';
import { fold, plain } from '../terminal.ts';

/** What will be at the next boot, device by device; `width` is that of the terminal, in characters. */
export function bootText(forecast: BootForecast, width: number): string {
  const lines = forecast.devices.flatMap((device) => deviceLines(device, width));
  return lines.map((line) => `${line}\n`).join('');
}

function deviceLines(device: DeviceForecast, width: number): string[] {
  const { driver, certain, stages, because, others, doubts } = device;
  const row = (head: string, text: string) => rowLines(head, text, width);
  const end = `${driver ?? 'no driver'}${certain ? '' : others.length > 0 ? ', or not: the order is not decided' : ', as far as is known'}`;
  return [
    ...fold(`${plain(device.device)}  ${end}`, width),
    ...stages.flatMap(({ stage, loads, driver: at }) =>
      row(stage, `${loads.length === 0 ? 'loads nothing for it' : `loads ${loads.join(', ')}`}; ${at ?? 'no driver'}`),
    ),
    ...because.flatMap((one, index) => row(index === 0 ? 'because' : '', becauseText(one))),
    ...others.flatMap((other) => [
      ...row('or', `${other.driver ?? 'no driver'}, after ${other.loads.join(', ') || 'nothing'}`),
      ...other.because.flatMap((one) => row('', becauseText(one))),
    ]),
    ...doubts.flatMap((one) => row('unknown', doubtText(one))),
  ];
}

/** A label of its own column; a place stands on a line of its own, whole, so that it can be copied. */
function rowLines(label: string, text: string, width: number): string[] {
  const indent = ' '.repeat(LABEL);
  const lines = text.split('\n').flatMap((line, index, all) => {
    const isPlace = index < all.length - 1;
    return isPlace ? [indent + plain(line)] : fold(plain(line), width, indent);
  });
  return [`  ${label}`.padEnd(LABEL) + lines[0]!.slice(LABEL), ...lines.slice(1)];
}

const LABEL = 13;

function becauseText({ file, line, rule }: Because): string {
  return file === null
    ? rule
    : `${atPlace({ file, ...(line === null ? {} : { line }) }, '').replace(/: $/, '')}\n${rule}`;
}

function doubtText({ file, line, message }: Diagnostic): string {
  return becauseText({ file: file ?? null, line: line ?? null, rule: message });
}
