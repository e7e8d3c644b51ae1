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
  const row = (head: string, text: string) => fold(`${head.padEnd(10)}  ${plain(text)}`, width, ' '.repeat(12));
  const end = `${driver ?? 'no driver'}${certain ? '' : others.length > 0 ? ', or not: the order is not decided' : ', as far as is known'}`;
  return [
    ...fold(`${plain(device.device)}  ${end}`, width),
    ...stages.flatMap(({ stage, loads, driver: at }) =>
      row(
        `  ${stage}`,
        `${loads.length === 0 ? 'loads nothing for it' : `loads ${loads.join(', ')}`}; ${at ?? 'no driver'}`,
      ),
    ),
    ...because.flatMap((one, index) => row(index === 0 ? '  because' : '', becauseText(one))),
    ...others.flatMap((other) => [
      ...row('  or', `${other.driver ?? 'no driver'}, after ${other.loads.join(', ') || 'nothing'}`),
      ...other.because.flatMap((one) => row('', becauseText(one))),
    ]),
    ...doubts.flatMap((one: Diagnostic) => row('  unknown', atPlace(one, one.message))),
  ];
}

function becauseText({ file, line, rule }: Because): string {
  return atPlace({ ...(file === null ? {} : { file }), ...(line === null ? {} : { line }) }, rule);
}
