#!/bin/sh
# In a mount namespace of its own: TREE with what WORK/files adds, after WORK/install has run in it, as the image of a
# disk; then a command that looks at the same root, where sys and proc are what WORK/machine holds of them.
set -eu
tree=$1 work=$2
shift 2
mkdir "$work/upper" "$work/overlay" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/overlay" "$work/root"
cp -R --preserve=mode,links "$work/files/." "$work/root/"
mount -t proc proc "$work/root/proc"
mount --bind /dev "$work/root/dev"
env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$work/root" sh -eu < "$work/install" > "$work/install.log" 2>&1 ||
  { tail -5 "$work/install.log" >&2; exit 1; }
umount "$work/root/dev" "$work/root/proc"
for file in vmlinuz initrd.img; do cp -L "$work/root/$file" "$work/$file"; done
truncate -s 1G "$work/disk"
mke2fs -q -t ext4 -O ^has_journal -E nodiscard -d "$work/root" "$work/disk"
cp -R --preserve=mode,links "$work/machine/." "$work/root/"
exec "$@"
