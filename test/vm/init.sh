#!/bin/busybox sh
# First process of the guest: mounts, then the agent that does what the host asks for over the second serial port.
/bin/busybox --install -s /bin
export PATH=/sbin:/bin HOME=/ NODE_NO_WARNINGS=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /run /tmp /etc/modprobe.d
mount -t tmpfs tmpfs /run
chmod 755 /
stty -F /dev/ttyS1 raw -echo
node /agent.mjs
poweroff -f
