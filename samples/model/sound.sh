#!/bin/sh
# Moves one device to vfio-pci: override, unbind, bind, and the driver is read back; tried again where another took it.
set -u
dev=$1
sys=/sys/bus/pci

driver() {
  if [ -e "$sys/devices/$dev/driver" ]; then basename "$(readlink "$sys/devices/$dev/driver")"; fi
}

modprobe vfio-pci || exit 1
echo vfio-pci > "$sys/devices/$dev/driver_override" || exit 1
for try in 1 2 3; do
  now=$(driver)
  if [ "$now" = vfio-pci ]; then exit 0; fi
  if [ -n "$now" ]; then echo "$dev" > "$sys/devices/$dev/driver/unbind"; fi
  echo "$dev" > "$sys/drivers/vfio-pci/bind"
done
[ "$(driver)" = vfio-pci ]
