#!/bin/sh
# In a mount namespace of its own: what the tools of TREE say of its initramfs IMAGE, in WORK. The paths that it holds are in
# WORK/listing, its files below modprobe.d in WORK/modprobe.d.
set -eu
tree=$1 work=$2 image=$3 maker=$4
mkdir "$work/upper" "$work/overlay" "$work/root" "$work/modprobe.d"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/overlay" "$work/root"
mount -t proc proc "$work/root/proc"
inside() { env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$work/root" "$@"; }
if [ "$maker" = dracut ]; then
  # A line of ls -l for each member after the last rule.
  inside lsinitrd "$image" | sed '1,/^=*$/d' | sed -n 's/^[-bcdlps][-rwxsStT]\{9\} .*[0-9][0-9]:[0-9][0-9] //p;s/^[-bcdlps][-rwxsStT]\{9\} .* [A-Z][a-z][a-z] [ 0-9][0-9]  *[0-9]\{4\} //p' |
    sed 's/ -> .*//' > "$work/listing"
  for file in $(grep 'modprobe\.d/[^/]*$' "$work/listing"); do
    inside lsinitrd -f "$file" "$image" > "$work/modprobe.d/${file##*/}"
  done
else
  inside lsinitramfs "$image" > "$work/listing"
  inside unmkinitramfs "$image" /tmp/image
  find "$work/root/tmp/image" -path '*/modprobe.d/*' -type f -exec cp {} "$work/modprobe.d" \;
fi
