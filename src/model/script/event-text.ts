import type { KernelEvent } from '../../driver-core/index.ts';

/** An event as a person would type it, or in words where nobody types it. */
export function eventText(event: KernelEvent): string {
  switch (event.kind) {
    case 'write':
      return `${quoted(event.data)} > ${event.path}`;
    case 'load':
      return [event.alone ? 'insmod' : 'modprobe', event.module, ...parameterWords(event)].join(' ');
    case 'unload':
      return `${event.alone ? 'rmmod' : 'modprobe -r'} ${event.module}`;
    case 'plug':
      return `${event.device} is plugged in`;
    case 'unplug':
      return `${event.device} is unplugged`;
    case 'asyncProbe':
      return `${event.driver ?? 'each driver that probes asynchronously'} probes ${event.device}`;
    case 'open':
      return `${event.by} opens /dev/vfio/${event.group}`;
    case 'setContainer':
      return `VFIO_GROUP_SET_CONTAINER on group ${event.group}`;
    case 'setIommu':
      return `VFIO_SET_IOMMU on group ${event.group}`;
    case 'getDevice':
      return `VFIO_GROUP_GET_DEVICE_FD of ${event.device}`;
    case 'openCdev':
      return `${event.by} opens the file of ${event.device} below /dev/vfio/devices`;
    case 'bindIommufd':
      return `VFIO_DEVICE_BIND_IOMMUFD of ${event.device}`;
    case 'closeCdev':
      return `${event.by} closes the file of ${event.device}`;
    case 'close':
      return `group ${event.group} is closed`;
  }
}

/** The parameters of a load as words of a command line. */
export function parameterWords({ ids, parameters = {} }: Extract<KernelEvent, { readonly kind: 'load' }>): string[] {
  const words = Object.entries(parameters).map(([name, value]) => (value === null ? name : `${name}=${value}`));
  return ids ? [`ids=${ids}`, ...words] : words;
}

/** What is written, as one would type it in a shell: `echo` for a line, printf for the rest. */
function quoted(data: string): string {
  const line = /^([^\n]*)\n$/.exec(data)?.[1];
  const plain = (text: string) => /^[\w:.,@%+=/-]+$/.test(text);
  if (line !== undefined && !/[\\'\p{Cc}]/u.test(line))
    return line === '' ? 'echo' : `echo ${plain(line) ? line : `'${line}'`}`;
  const escaped = data
    .slice(0, 80)
    .replaceAll(/[\\'\p{Cc}%]/gu, (c) =>
      c === '\n' ? '\\n' : c === '%' ? '%%' : c === '\\' ? '\\\\' : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
  const text = data.length > 80 ? `${escaped}..` : escaped;
  return `printf ${plain(text) ? text : `'${text}'`}`;
}
