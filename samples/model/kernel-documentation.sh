#!/bin/sh
# The example of Documentation/driver-api/vfio.rst, with its device as a variable: new_id, after unbind.
dev=${1:-0000:01:00.0}
readlink /sys/bus/pci/devices/$dev/iommu_group
modprobe vfio-pci
set -- $(lspci -n -s $dev)
id=$3
echo $dev > /sys/bus/pci/devices/$dev/driver/unbind
echo ${id%:*} ${id#*:} > /sys/bus/pci/drivers/vfio-pci/new_id
ls -l /sys/bus/pci/devices/$dev/iommu_group/devices
