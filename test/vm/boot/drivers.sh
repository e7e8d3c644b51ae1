#!/bin/sh
# drivers.sh initramfs|root: every PCI device with its driver, to the host. At the start of the second stage it is what
# the first has left; at the end everything that udev and systemd do has been done.
exec > /dev/ttyS1
# quiet: every event of udev is handled, and no job of systemd but this one is left
quiet() {
  udevadm settle --timeout=300 || echo 'failed udevadm settle: what follows is not the end'
  while [ "$(systemctl list-jobs --no-legend | wc -l)" -gt 1 ]; do sleep 0.5; done
}
if [ "$1" = root ]; then
  quiet
  # the unit that the last event asks for may not have been a job yet
  sleep 3
  quiet
fi
for device in /sys/bus/pci/devices/*; do
  driver=
  [ -L "$device/driver" ] && driver=$(basename "$(readlink "$device/driver")")
  echo "$1 ${device##*/} $driver"
done
if [ "$1" = root ]; then
  systemctl list-units --failed --no-legend --plain | while read -r unit _; do
    echo "failed $unit"
    journalctl --no-pager --quiet -o cat -u "$unit" | tail -12 | sed 's/^/journal /'
  done
  echo "uptime $(cut -d' ' -f1 /proc/uptime)"
  echo end
  systemctl poweroff --force --force
fi
