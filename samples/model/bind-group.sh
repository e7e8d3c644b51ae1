#!/bin/bash
# Moves a device with its whole IOMMU group to vfio-pci, written after vfio-pci-bind.sh:
#   bind-group.sh 0000:01:00.0   or   bind-group.sh 10de:1b80
# The mechanism is override, unbind, drivers_probe; no step is read back.

BDF_REGEX="^([[:xdigit:]]{4}:)?[[:xdigit:]]{2}:[[:xdigit:]]{2}\.[[:xdigit:]]$"
ID_REGEX="^[[:xdigit:]]{4}:[[:xdigit:]]{4}$"

if [[ $# -eq 0 ]]; then
  echo "usage: $0 Domain:Bus:Device.Function | Vendor:Device" 1>&2
  exit 1
fi

unset VD BDF
for arg in "$@"; do
  if [[ $arg =~ $ID_REGEX ]]; then
    VD=$arg
  elif [[ $arg =~ $BDF_REGEX ]]; then
    BDF=$arg
    if [[ ! $BDF =~ ^[[:xdigit:]]{4}: ]]; then
      BDF="0000:$BDF"
    fi
  fi
done

if [[ -z $BDF ]]; then
  for dev in /sys/bus/pci/devices/*; do
    id="$(cat "$dev/vendor"):$(cat "$dev/device")"
    if [[ ${id//0x/} == "$VD" ]]; then
      BDF=$(basename "$dev")
      break
    fi
  done
fi

TARGET_DEV_SYSFS_PATH="/sys/bus/pci/devices/$BDF"
if [[ ! -d $TARGET_DEV_SYSFS_PATH ]]; then
  echo "there is no device $BDF" 1>&2
  exit 1
fi
if [[ ! -d "$TARGET_DEV_SYSFS_PATH/iommu_group/devices" ]]; then
  echo "no IOMMU group" 1>&2
  exit 1
fi

unset dev_sysfs_paths
for dsp in "$TARGET_DEV_SYSFS_PATH/iommu_group/devices/"*; do
  dbdf=${dsp##*/}
  if [[ $(cat "$dsp/class") == 0x0604* ]]; then
    echo "$dbdf is a bridge" 1>&2
  else
    dev_sysfs_paths+=("$dsp")
  fi
done

modprobe -i vfio-pci || exit 1

for dsp in "${dev_sysfs_paths[@]}"; do
  dpath="$dsp/driver"
  dbdf=${dsp##*/}
  if [[ -d $dpath ]]; then
    curr_driver=$(readlink "$dpath")
    curr_driver=${curr_driver##*/}
    if [[ "$curr_driver" == "vfio-pci" ]]; then
      echo "$dbdf has vfio-pci"
      continue
    fi
  fi
  echo "vfio-pci" > "$dsp/driver_override"
  if [[ -d $dpath ]]; then
    echo "$dbdf" > "$dpath/unbind"
  fi
  echo "$dbdf" > /sys/bus/pci/drivers_probe
  echo "$dbdf is bound"
done
