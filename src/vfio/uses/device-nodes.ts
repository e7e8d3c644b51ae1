import type { Device } from '../sysfs/device.ts';
import { driverService } from './driver-nodes.ts';
import type { NodeOwners, OpenProcess } from './holders.ts';
import type { Use, UseContext, UseKind } from './use.ts';

/** Processes that have files of the devices open, and services that keep such files open. */
export const deviceNodes: UseKind = (context) => {
  const services = context.targets.flatMap((device) => serviceOf(context, device));
  const held = holdersOf(context.processes, context.nodes);
  // What a service holds need not be said of each of its files.
  return [
    ...held.filter(({ device, text }) => !services.some((one) => one.device === device && namesProcess(text, one))),
    ...services,
  ];
};

/** Its open files may be hidden, its name is not. */
function serviceOf({ roots }: UseContext, device: Device): Use[] {
  const service = driverService(device);
  if (!service) return [];
  const pid = roots.proc
    .list('')
    .find((name) => /^\d+$/.test(name) && roots.proc.line(`${name}/comm`) === service.comm);
  if (pid === undefined) return [];
  const text = `process ${pid} (${service.comm}) keeps it open: systemctl stop ${service.unit}`;
  return [{ device: device.name, kind: 'process', text }];
}

/** Whether a text begins with the process that a service's does: `process 90 (nvidia-persiste)`. */
function namesProcess(text: string, service: Use): boolean {
  return text.startsWith(service.text.slice(0, service.text.indexOf(')') + 1));
}

/** Processes that have one of the files open. */
export function holdersOf(processes: readonly OpenProcess[], nodes: NodeOwners): Use[] {
  return processes.flatMap(({ text, files }) =>
    [...new Map(files.map(({ file, number }) => [file, number ?? file]))].flatMap(([file, node]) =>
      (nodes.get(node) ?? []).map((device): Use => ({ device, kind: 'process', text: `${text} has ${file} open` })),
    ),
  );
}
