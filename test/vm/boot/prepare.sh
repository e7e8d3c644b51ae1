#!/bin/sh
# In a mount namespace of its own: TREE with what WORK/files adds, after WORK/install has run in it, as the image of a
# disk. A command that predicts the boot of WORK/root is run of TREE alone, with `--add WORK/format`, and of the result;
# sys and proc are what WORK/machine holds of them.
set -eu
tree=$1 work=$2
shift 2

# overlay NAME: TREE at WORK/root, where what is written goes to WORK/NAME
overlay() {
  mkdir -p "$work/$1" "$work/$1.work" "$work/root"
  mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/$1,workdir=$work/$1.work" "$work/root"
}

# predict FILE ARGUMENT..: 1 and 2 are answers too
predict() {
  to=$work/$1
  shift
  cp -R --preserve=mode,links "$work/machine/." "$work/root/"
  "$@" > "$to" || [ $? -le 2 ]
}

if [ -e "$work/format" ]; then
  overlay fresh
  predict added.json "$@" --add "$work/format"
  umount "$work/root"
fi
overlay upper
cp -R --preserve=mode,links "$work/files/." "$work/root/"
mount -t proc proc "$work/root/proc"
mount --bind /dev "$work/root/dev"
env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$work/root" sh -eu < "$work/install" > "$work/install.log" 2>&1 ||
  { tail -5 "$work/install.log" >&2; exit 1; }
umount "$work/root/dev" "$work/root/proc"
for file in vmlinuz initrd.img; do cp -L "$work/root/$file" "$work/$file"; done
truncate -s 1G "$work/disk"
mke2fs -q -t ext4 -O ^has_journal -E nodiscard -d "$work/root" "$work/disk"
cp "$work/cmdline" "$work/machine/proc/cmdline"
predict predicted.json "$@"
