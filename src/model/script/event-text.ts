import type { KernelEvent } from '../../driver-core/index.ts';

/** An event as a person would type it, or in words where nobody types it. */
export function eventText(event: KernelEvent): string {
  switch (event.kind) {
    case 'write':
      return `${quoted(event.data)} > ${event.path}`;
    case 'load':
      return `modprobe ${event.module}${event.ids ? ` ids=${event.ids}` : ''}`;
    case 'unload':
      return `modprobe -r ${event.module}`;
    case 'plug':
      return `${event.device} is plugged in`;
    case 'unplug':
      return `${event.device} is unplugged`;
    case 'open':
      return `${event.by} opens /dev/vfio/${event.group}`;
    case 'setContainer':
      return `VFIO_GROUP_SET_CONTAINER on group ${event.group}`;
    case 'setIommu':
      return `VFIO_SET_IOMMU on group ${event.group}`;
    case 'getDevice':
      return `VFIO_GROUP_GET_DEVICE_FD of ${event.device}`;
    case 'close':
      return `group ${event.group} is closed`;
  }
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
