import type { Because } from '../../boot/because.ts';
import type { BootForecast, DeviceForecast } from '../../boot/forecast.ts';
import type { Diagnostic } from '../../errors.ts';

/** The JSON document of `vfio boot`, version 1: each member is listed, so that none is added by accident. */
export function bootDocument({ kernel, commandLine, initramfs, devices, notes }: BootForecast) {
  return {
    version: 1,
    kernel,
    commandLine: commandLine && { text: commandLine.text, file: commandLine.file },
    initramfs: initramfs && { file: initramfs.file, maker: initramfs.maker },
    devices: devices.map(deviceMember),
    notes: notes.map(diagnosticMember),
  };
}

function deviceMember({ device, stages, driver, vfio, certain, because, others, doubts }: DeviceForecast) {
  return {
    device,
    stages: stages.map(({ stage, loads, driver: at }) => ({ stage, loads: [...loads], driver: at })),
    ...{ driver, vfio, certain },
    because: because.map(becauseMember),
    others: others.map((one) => ({
      driver: one.driver,
      vfio: one.vfio,
      loads: [...one.loads],
      because: one.because.map(becauseMember),
    })),
    doubts: doubts.map(diagnosticMember),
  };
}

function becauseMember({ file, line, rule }: Because) {
  return { file, line, rule };
}

function diagnosticMember({ code, message, file, line }: Diagnostic) {
  return { code, message, file: file ?? null, line: line ?? null };
}
