import { expect, test } from 'vitest';
import type { Position } from '../../../../src/model/script/program.ts';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import { twoLikeNics } from '../machine.ts';

/** The ways in which a text may go on: `yes` where it rescans, `no` where it does not, `unread`. */
function waysOf(text: string, shell = 'bash'): readonly string[] {
  const program = shellProgram(`#!/bin/${shell}\nyes() { echo 1 > /sys/bus/pci/rescan; }\n${text}\nexit 0`, 'x');
  const open: Position[] = [program.start];
  const found = new Set<string>();
  const seen = new Set<string>();
  for (let at = open.pop(); at; at = open.pop()) {
    if (seen.has(at.key)) continue;
    seen.add(at.key);
    const next = program.next(at, twoLikeNics());
    if (next.kind === 'choice') open.push(...next.ways.map(({ then }) => then));
    else if (next.kind === 'read') open.push(next.then);
    else found.add(next.kind === 'event' ? 'yes' : next.kind === 'end' ? 'no' : 'unread');
  }
  return [...found].sort();
}

test.each([
  'cat /etc/foo > /dev/null || yes',
  'x=$(cat /run/foo) || yes',
  'set -e; x=$(cat /etc/foo); yes',
  'while read -r y; do :; done < /etc/foo || yes',
  'awk "{print}" /etc/foo || yes',
  'hash foo || yes',
  'lsusb -d 1:2 || yes',
  'id qemu || yes',
  'chown qemu /dev/vfio/1 || yes',
  'mkdir /run/lock/x || yes',
  'rm /run/x || yes',
  'rmdir /run/x || yes',
  'x=$(dirname "$(hostname)"); [ "$x" = . ] || yes',
  'x=$(basename abc "$(hostname)"); [ "$x" = abc ] || yes',
  'x=$(echo abc | tr -d "$(hostname)"); [ "$x" = abc ] || yes',
  'x=$(echo abc | sed "s/$(hostname)//"); [ "$x" = abc ] || yes',
  'x=$(echo abc | awk "/$(hostname)/"); [ -z "$x" ] || yes',
  'for x in $(find /sys/bus/pci -maxdepth 1 -name "*$(hostname)"); do yes; done',
  'lsusb | { read -r; [ -z "$REPLY" ] || yes; }',
  'if [ -e /etc/x ] && [ ! -w /etc/x ]; then yes; fi',
  'if [ -e /home/x ] && [ ! -p /home/x ]; then yes; fi',
  'systemctl is-active x; [ $? -eq 3 ] && yes',
  'systemctl is-active x; case $? in 3) yes;; esac',
])('shellProgram: what is not known may be so or not: %s', (text) => {
  expect(waysOf(text)).toEqual(['no', 'yes']);
});

test.each([
  'trap yes EXIT; exec true',
  ['[ "$', '{#FOO}" = 0 ] || yes'].join(''),
  'mkdir -p /run/x || yes',
  'rm -f /run/x || yes',
  'touch /run/x; mkdir /run/x || exit; yes',
])('shellProgram: never goes there: %s', (text) => {
  expect(waysOf(text)).toEqual(['no']);
});

test.each([
  'n=$(nproc); (( n > 4 ? (i = 1) : (i = 2) )); yes',
  'x=$(echo abcdef | head -c3); yes',
  'x=$(echo a | grep -n a); yes',
  'x=$(printf "a\\na\\n" | uniq -c); yes',
  'x=$(echo a:b | cut -d: --complement -f1); yes',
  'x=$(echo a b | xargs -L1 echo); yes',
])('shellProgram: what is not read is not guessed: %s', (text) => {
  expect(waysOf(text)).toEqual(['unread']);
});
