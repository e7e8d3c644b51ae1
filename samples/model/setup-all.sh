#!/usr/bin/env bash
# Moves every NVMe disk of PCI_ALLOWED, or all, to vfio-pci and back, written after SPDK's setup.sh:
#   setup-all.sh [config|reset]
# The mechanism is unbind, override, drivers_probe.
set -e
shopt -s nullglob extglob

mode=${1:-config}
sysfs=/sys/bus/pci
PCI_ALLOWED="${PCI_ALLOWED:-}"
DRIVER_OVERRIDE="${DRIVER_OVERRIDE:-}"

declare -A nvme_d drivers_d
declare -a disks=()

function pci_dev_echo() {
  local bdf=$1
  shift
  echo "$bdf (${drivers_d["$bdf"]}): $*"
}

function pci_can_use() {
  local i
  if [[ -z $PCI_ALLOWED ]]; then
    return 0
  fi
  for i in $PCI_ALLOWED; do
    if [[ $i == "$1" ]]; then
      return 0
    fi
  done
  return 1
}

function cache_pci_bus() {
  local dev bdf class
  for dev in "$sysfs/devices/"*; do
    bdf=${dev##*/}
    class=$(< "$dev/class")
    [[ $class == 0x0108* ]] || continue
    pci_can_use "$bdf" || continue
    nvme_d["$bdf"]=1
    drivers_d["$bdf"]=no
    if [[ -e $dev/driver ]]; then
      drivers_d["$bdf"]=$(basename "$(readlink -f "$dev/driver")")
    fi
    disks+=("$bdf")
  done
}

function linux_bind_driver() {
  local bdf=$1 driver_name=$2 old_driver_name=${drivers_d["$1"]}
  if [[ $driver_name == "$old_driver_name" ]]; then
    pci_dev_echo "$bdf" "Already using the $old_driver_name driver"
    return 0
  fi
  if [[ $old_driver_name != no ]]; then
    echo "$bdf" > "$sysfs/devices/$bdf/driver/unbind"
  fi
  pci_dev_echo "$bdf" "$old_driver_name -> $driver_name"
  if [[ $driver_name == none ]]; then
    return 0
  fi
  echo "$driver_name" > "$sysfs/devices/$bdf/driver_override"
  echo "$bdf" > "$sysfs/drivers_probe"
  if [[ $driver_name == uio_pci_generic ]]; then
    echo "" > "$sysfs/devices/$bdf/driver_override"
  fi
}

function linux_unbind_driver() {
  local bdf=$1
  if [[ -e $sysfs/devices/$bdf/driver ]]; then
    echo "$bdf" > "$sysfs/devices/$bdf/driver/unbind"
  fi
  echo "" > "$sysfs/devices/$bdf/driver_override"
}

function configure() {
  local bdf driver_name=${DRIVER_OVERRIDE:-vfio-pci}
  modprobe "$driver_name"
  for bdf in "${disks[@]}"; do
    linux_bind_driver "$bdf" "$driver_name"
  done
  echo 1 > "$sysfs/rescan"
}

function reset() {
  local bdf
  for bdf in "${disks[@]}"; do
    linux_unbind_driver "$bdf"
    echo "$bdf" > "$sysfs/drivers_probe"
  done
  echo 1 > "$sysfs/rescan"
}

cache_pci_bus
case "$mode" in
  config) configure ;;
  reset) reset ;;
  *)
    echo "usage: $0 [config|reset]" >&2
    exit 1
    ;;
esac
