/**
 * What driverctl 0.111 does to the kernel for `set-override` and `unset-override`, in its order: the module by the
 * driver's name, unbind, override, drivers_probe. What it saves in /etc/driverctl.d is left out.
 */
export const DRIVERCTL = `
bus=pci probe=1
while [ $# -gt 0 ]; do
  case $1 in
    --noprobe) probe=0 ;;
    --nosave|-v|--verbose|--debug) ;;
    -b|--bus) bus=$2; shift ;;
    *) break ;;
  esac
  shift
done
cmd=$1 dev=$2 drv=$3
case $cmd in
  set-override) [ $# -eq 3 ] || exit 1 ;;
  unset-override) [ $# -eq 2 ] || exit 1 ;;
  list-devices|list-overrides) exit 0 ;;
  *) exit 1 ;;
esac
case $dev in
  */*) bus=\${dev%%/*} dev=\${dev#*/} ;;
esac
dir=/sys/bus/$bus/devices/$dev
[ -L "$dir" ] || exit 1
[ -f "$dir/driver_override" ] || exit 1
if [ -n "$drv" ] && [ "$drv" != none ]; then
  modprobe -q "$drv" || exit 1
fi
if [ -L "$dir/driver" ]; then
  echo "$dev" > "$dir/driver/unbind" || exit 1
fi
echo "$drv" > "$dir/driver_override"
if [ "$drv" != none ] && [ $probe -ne 0 ]; then
  echo "$dev" > "/sys/bus/$bus/drivers_probe"
  [ -L "$dir/driver" ] || exit 1
fi
`;
