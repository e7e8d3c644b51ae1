#!/bin/bash
# A hook of a guest, written after those of Proxmox VE: guest-hook.sh VMID PHASE
# The mechanism is new_id, unbind, bind, as PVE::SysFSTools has it.
vmid=$1
phase=$2
devices="0000:01:00.0"
sys=/sys/bus/pci

to_vfio() {
  dev=$1
  vendor=$(cat "$sys/devices/$dev/vendor")
  device=$(cat "$sys/devices/$dev/device")
  modprobe vfio-pci
  # EEXIST is fine: the id is there already
  echo "${vendor#0x} ${device#0x}" > "$sys/drivers/vfio-pci/new_id" 2>/dev/null || true
  if [ ! -e "$sys/drivers/vfio-pci/$dev" ]; then
    if [ -e "$sys/devices/$dev/driver" ]; then
      echo "$dev" | tee "$sys/devices/$dev/driver/unbind" > /dev/null
    fi
    echo "$dev" > "$sys/drivers/vfio-pci/bind"
  fi
  [ -d "$sys/drivers/vfio-pci/$dev" ]
}

to_host() {
  dev=$1
  echo "$dev" > "$sys/drivers/vfio-pci/unbind"
  echo "$dev" > "$sys/drivers_probe"
}

case "$phase" in
  pre-start)
    for dev in $devices; do
      to_vfio "$dev" || exit 1
    done
    ;;
  post-stop)
    for dev in $devices; do
      to_host "$dev"
    done
    ;;
esac
exit 0
