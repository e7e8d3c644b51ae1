import type { Tree } from '../sysfs/tree.ts';
import { type Address, parseAddress } from './addresses.ts';
import type { MountedOn } from './block-devices.ts';
import type { Mount } from './mounts.ts';

/** Something mounted that another machine holds. */
export interface RemoteDisk {
  /** `/srv is mounted by NFS`, `sda is mounted on /, over iSCSI`. */
  readonly text: string;
  readonly address: Address;
  /** The interface that it is bound to, if it is. */
  readonly through: string | null;
}

/** File systems whose server is another machine: where its address is (proc(5), fields of mountinfo). */
const NETWORK_TYPES: Readonly<Record<string, { readonly name: string; readonly from: 'addr' | 'source' }>> = {
  // fs/nfs/super.c:nfs_show_mount_options
  nfs: { name: 'NFS', from: 'addr' },
  nfs4: { name: 'NFS', from: 'addr' },
  // fs/smb/client/cifsfs.c:cifs_show_address
  cifs: { name: 'SMB', from: 'addr' },
  smb3: { name: 'SMB', from: 'addr' },
  // fs/ceph/super.c: `10.0.0.5:6789,10.0.0.6:6789:/`
  ceph: { name: 'Ceph', from: 'source' },
};

/** File systems on other machines, and mounted disks that are there. */
export function readRemoteDisks(sysfs: Tree, mounts: readonly Mount[], mounted: readonly MountedOn[]): RemoteDisk[] {
  const files = mounts.flatMap(({ type, on, source, options }): RemoteDisk[] => {
    const known = Object.hasOwn(NETWORK_TYPES, type) ? NETWORK_TYPES[type]! : undefined;
    if (!known) return [];
    const texts =
      known.from === 'addr'
        ? [...options.matchAll(/(?:^|,)addr=([^,]+)/g)].map(([, text]) => text!)
        : source.split(',').map((one) => one.replace(/:\/.*$/, '').replace(/:\d+$/, ''));
    const addresses = texts.flatMap((text) => parseAddress(text) ?? []);
    return addresses.map((address) => ({ text: `${on} is mounted by ${known.name}`, address, through: null }));
  });
  return [...files, ...mounted.flatMap((one) => [...iscsi(sysfs, one), ...fabrics(sysfs, one)])];
}

/**
 * A disk of iSCSI without a host adapter is below its session, which has the connections
 * (drivers/scsi/scsi_transport_iscsi.c:iscsi_conn_ep_attr).
 */
function iscsi(sysfs: Tree, { path, text }: MountedOn): RemoteDisk[] {
  const session = /^.*\/session\d+(?=\/)/.exec(path)?.[0];
  if (session === undefined) return [];
  return sysfs.list(session).flatMap((name) => {
    const at = `${session}/${name}/iscsi_connection/${name}`;
    const words = name.startsWith('connection')
      ? [sysfs.line(`${at}/address`), sysfs.line(`${at}/persistent_address`)]
      : [];
    const address = words.map((word) => parseAddress(word?.trim() ?? '')).find((one) => one !== undefined);
    return address ? [{ text: `${text}, over iSCSI`, address, through: null }] : [];
  });
}

/** drivers/nvme/host/fabrics.c:nvmf_get_address: `traddr=10.0.0.5,trsvcid=4420,host_iface=eth1`. */
function fabrics(sysfs: Tree, { path, text }: MountedOn): RemoteDisk[] {
  const controller = /^.*\/nvme-fabrics\/ctl\/nvme\d+(?=\/|$)/.exec(path)?.[0];
  if (controller === undefined) return [];
  const words = (sysfs.line(`${controller}/address`) ?? '').trim().split(',');
  const word = (key: string) => words.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1);
  const address = parseAddress(word('traddr') ?? '');
  const transport =
    sysfs
      .line(`${controller}/transport`)
      ?.trim()
      .replaceAll(/[^a-z]/g, '') ?? '';
  const name = transport === '' ? 'NVMe' : `NVMe/${transport.toUpperCase()}`;
  return address ? [{ text: `${text}, over ${name}`, address, through: word('host_iface') ?? null }] : [];
}
