import type { MachineRoots } from '../sysfs/roots.ts';
import type { Tree } from '../sysfs/tree.ts';
import { NAMESPACES } from './routes.ts';

/**
 * Gives the network interfaces that one stands on, itself first, as paths in sysfs: bridges, bonds, VLANs and so on
 * link to theirs (`lower_*`, net/core/dev.c:netdev_adjacent_sysfs_add), ports name theirs (`master`), and proc has
 * those of PPPoE. Each is visited once, as links may loop.
 */
export function interfaceReader({ sysfs, proc }: MachineRoots): (name: string) => string[] {
  let names: readonly string[] | undefined;
  let ports: Map<string, string[]> | undefined;
  const portsOf = (name: string) => {
    names ??= sysfs.list('class/net');
    ports ??= portsByMaster(sysfs, names);
    return ports.get(name) ?? [];
  };
  return (name) => {
    const seen = new Set<string>();
    const found: string[] = [];
    const left = [name];
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const path = sysfs.real(`class/net/${one}`);
      if (path === undefined || seen.has(path)) continue;
      seen.add(path);
      found.push(path);
      const lower = [...lowerOf(sysfs, path), ...portsOf(one)];
      if (lower.length > 0) left.push(...lower);
      else if (isPpp(sysfs, path)) left.push(...pppoeInterfaces(proc));
      else if (mayBeOpenVSwitch(sysfs, path)) left.push(...names!.filter((other) => other.startsWith('ovs-')));
    }
    return found;
  };
}

function lowerOf(sysfs: Tree, path: string): string[] {
  return sysfs.list(path).flatMap((entry) => (entry.startsWith('lower_') ? entry.slice('lower_'.length) : []));
}

function portsByMaster(sysfs: Tree, names: readonly string[]): Map<string, string[]> {
  const ports = new Map<string, string[]>();
  for (const name of names) {
    const master = sysfs.linkName(`class/net/${name}/master`);
    if (master !== undefined) ports.set(master, [...(ports.get(master) ?? []), name]);
  }
  return ports;
}

/** drivers/net/ppp/ppp_generic.c:ppp_type. */
function isPpp(sysfs: Tree, path: string): boolean {
  return /^DEVTYPE=ppp$/m.test(sysfs.read(`${path}/uevent`) ?? '');
}

/**
 * The interfaces with sessions of PPPoE: session, address and interface in each line (drivers/net/ppp/pppoe.c:
 * pppoe_seq_show). Which of them a ppp interface has is not shown; most machines have one.
 */
function pppoeInterfaces(proc: Tree): string[] {
  return NAMESPACES.flatMap((net) => [
    ...(proc.read(`${net}/pppoe`) ?? '').matchAll(/^[0-9A-F]{8} [0-9a-f:]{17} +(\S+)$/gm),
  ]).map(([, name]) => name!);
}

/**
 * Whether an interface may be one of Open vSwitch's own. Such an interface is a port of a datapath, and nothing in
 * sysfs says so (net/openvswitch/vport-internal_dev.c); those of cards have the datapath for a master
 * (vport-netdev.c:ovs_netdev_link). ovs-vswitchd has one datapath for all bridges, ovs-system
 * (ofproto/ofproto-dpif.c:open_dpif_backer): packets may leave by any of its ports.
 */
function mayBeOpenVSwitch(sysfs: Tree, path: string): boolean {
  if (!path.startsWith('devices/virtual/net/') || path === 'devices/virtual/net/lo') return false;
  const otherKind = ['bridge', 'bonding', 'tun_flags'].some((entry) => sysfs.exists(`${path}/${entry}`));
  return !otherKind && !/^DEVTYPE=/m.test(sysfs.read(`${path}/uevent`) ?? '');
}
