import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellProgram } from '../../../../src/model/script/shell-program.ts';
import { runAlone, twoLikeNics } from '../machine.ts';

const BOTH = ['bash', 'dash'] as const;

/** What a text prints in this interpreter; null where it was not followed. */
function printed(text: string, shell: string): string | null {
  const script = `#!/bin/${shell}\nout=$(${text}\n)\nprintf '%s' "$out" > /sys/bus/pci/rescan\n`;
  const { events, status } = runAlone(shellProgram(script, 'x'), twoLikeNics());
  const writes = events.flatMap((event) => (event.kind === 'write' ? [event.data] : []));
  return status === null ? null : writes.join('');
}

/** What it prints in a real shell, without the newlines at the end. */
function really(text: string, shell: string): string {
  const { stdout } = spawnSync(shell, ['-c', text], { encoding: 'latin1', input: '', env: { PATH: process.env.PATH } });
  return stdout.replace(/\n+$/, '');
}

const POSIX = [
  'echo a  b "c  d"',
  'echo \'a $x\' "b" c\\ d',
  'x=1; echo "$x" ${x}2 \'$x\'',
  'x="a  b"; echo $x "$x"',
  'x=a:b:c; IFS=:; echo $x',
  'IFS=:; x=a::b; for i in $x; do echo "[$i]"; done',
  'IFS=" :"; x="a : b:c "; for i in $x; do echo "[$i]"; done',
  'x=0000:01:00.0; echo ${x#*:} ${x##*:} ${x%.*} ${x%%:*}',
  'x=/a/b/c; echo ${x##*/} "${x%/*}"',
  'unset x; echo ${x:-d} ${x-e} ${x:+f} "${x:-a b}"; x=; echo =${x:-d} =${x-e} =${x+f}',
  'echo ${y:=5} $y',
  'x=abc; echo ${#x}',
  'echo $((1+2*3)) $((7/2)) $((7%3)) $((1<<4)) $((0x10)) $((010)) $((5>3)) $((!0))',
  'i=1; i=$((i+1)); echo $i; echo $((i>1 ? 10 : 20))',
  'for i in 1 2 3; do echo $i; done',
  'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done',
  'for i in 1 2 3; do for j in a b; do [ $j = b ] && break; [ $i = 2 ] && continue 2; echo $i$j; done; done',
  'for i in 1 2; do for j in a b; do break 2; done; done; echo $i$j',
  'i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done',
  'i=0; until [ $i -ge 2 ]; do i=$((i+1)); done; echo $i',
  'if true; then echo a; else echo b; fi; if false; then echo a; elif true; then echo c; fi',
  'if false; then echo a; fi; echo $?',
  'true && echo a || echo b; false && echo a || echo b; true || echo x; echo $?',
  '! true; echo $?; ! false; echo $?',
  'case abc in a*) echo 1;; *) echo 2;; esac; case x in a|x) echo 3;; esac; case q in [a-p]) echo 4;; [!a-p]) echo 5;; esac',
  'case "a*" in "a*") echo lit;; esac; x="a*"; case abc in $x) echo pat;; esac; case abc in "$x") echo no;; *) echo yes;; esac',
  'f() { echo "$1-$#"; return 3; }; f a b; echo $?',
  'f() { x=in; }; x=out; f; echo $x; g() { local x=loc; echo $x; }; g; echo $x',
  'f() { for i in "$@"; do echo "[$i]"; done; }; f "a b" c; f',
  'f() { echo "$*"; IFS=-; echo "$*"; }; f a b c',
  'f() { shift; echo $1 $#; }; f a b c',
  'set -- a b c; echo $2 $#; shift 2; echo $1',
  '(x=1; echo $x; exit 4); echo $? $x',
  'x=$(echo a; echo b); echo "$x"; echo $x',
  'echo `echo \\`echo n\\``',
  'x=$(false); echo $?; x=$(exit 7) || echo $?',
  'echo a | cat; echo b | while read x; do echo "<$x>"; done',
  'printf "a b\\nc d\\n" | while read x y; do echo "$y $x"; done',
  'printf "a:b:c\\n" | while IFS=: read -r x y; do echo "$y"; done',
  'x=1; echo 2 | read x; echo $x',
  'cat <<E\na $((1+1)) $(echo b)\nE',
  'x=5; cat <<"E"\n$x\nE',
  'cat <<-E\n\tindented\n\tE',
  '{ echo a; echo b; } | cat; echo c',
  'echo a >/dev/null; echo b 2>&1; echo c >&2; echo d',
  'x="echo hi"; $x; eval "$x there"; eval "y=3"; echo $y',
  'set -e; f() { false; echo not; }; if f; then echo cond; fi; echo after; false; echo never',
  'set -e; false || true; echo a; (false); echo b',
  'set -e; x=$(false); echo b',
  'set -e; ! true; echo a; true && false; echo never',
  'set -e; f() { false; }; f && echo x; echo still; f; echo never',
  'trap "echo bye" EXIT; echo hi',
  'trap "echo bye" EXIT; exit 3',
  'test a = a && echo 1; test a != a || echo 2; [ -z "" ] && echo 3; [ -n "" ] || echo 4; [ ! a ] || echo 5',
  '[ 1 -eq 1 -a 2 -gt 1 ] && echo and; [ 1 -eq 2 -o 2 -gt 1 ] && echo or; [ a ] && echo one; [ ] || echo none',
  '[ "(" = "(" ] && echo paren; [ -e = -e ] && echo eq; [ ! ] && echo bang',
  'basename /a/b/c.ko .ko; basename /a/b/; dirname /a/b/c; dirname x; basename /',
  'echo a:b:c | cut -d: -f2; echo abcdef | cut -c2-4; echo a:b:c | cut -d: -f2-; echo a:b:c:d | cut -f1,3 -d:',
  'echo hello | tr a-z A-Z; echo a,b | tr , "\\n"; echo a-b | tr -d -; echo "a  b" | tr -s " "',
  'printf "b\\na\\nb\\n" | sort -u; printf "a\\na\\nb\\n" | uniq; printf "1\\n2\\n3\\n" | head -n 2; printf "1\\n2\\n3\\n" | tail -n1; printf "1\\n2\\n3\\n" | head -1',
  'printf "abc\\nabd\\nx\\n" | grep ab; printf "abc\\n" | grep -q b && echo y; printf "abc\\n" | grep -v b || echo none; printf "abc\\n" | grep -o "b."',
  'printf "x1y22\\n" | grep -oE "[0-9]+"; printf "a.b\\n" | grep -F .; printf "A\\n" | grep -i a; printf "a\\nb\\n" | grep -c .',
  'echo 0000:01:00.0 | sed "s/:/_/g"; echo abc | sed -e "s/a/x/" -e "s/b/y/"; echo 0x8086 | sed "s/^0x//"; echo ab | sed "s/\\(a\\)b/[\\1]/"; echo ab | sed -E "s/(a)(b)/\\2\\1/"',
  'echo "a b c" | awk "{print \\$2}"; echo a:b | awk -F: "{print \\$2}"; echo "a b c" | awk "{print \\$NF}"; echo "a b" | awk "{ print \\$2, \\$1 }"',
  'printf "%s %s\\n" a b c; printf "%04x %d %s%%\\n" 255 7 x; printf "%-4s|%4s|\\n" a b; printf "a\\tb\\n"; printf "%s\\n" "$(printf "x\\n\\n")"',
  'printf "%x\\n" 0x1f; printf "%b" "a\\nb"; printf "\\\\n"; printf "%%"',
  'seq 3; seq 2 4; printf "1\\n2\\n" | wc -l | tr -d " "',
  'echo "$(basename "$(dirname "/a/b/c")")"',
  'x=a; y="${x}${x:+$x}"; echo "$y"',
  'x="*"; echo "$x"; set -f; echo $x',
  'echo "a\\"b" \'c"d\' "e$"',
  'sh -c "echo in-\\$0-\\$1" zero one; x=1; sh -c "echo =\\$x"; export x; sh -c "echo =\\$x"; sh -c "exit 3"; echo $?',
  'f() { return 2; echo no; }; f; echo $?; (f); echo $?; x=$(f); echo $?',
  'while :; do break; done; echo $?; for i in; do :; done; echo $?',
  'i=0; while true; do i=$((i+1)); [ $i -gt 5 ] && break; done; echo $i',
  'echo one; { echo two; exit 5; echo no; } ; echo never',
  'command -v cat >/dev/null && echo there; type cat >/dev/null && echo too',
  'env x=3 sh -c "echo 3"; command echo a; cd /; pwd; cd /sys/bus && pwd',
  'echo a; exec 3>/dev/null; echo b >&3; exec >/dev/null; echo c',
  'v=a; case $v in a) echo A ;; b) echo B ;; esac',
  '[ -e /sys/bus/pci ] && echo pci; [ -d /sys/bus/pci/devices ] && echo dir; [ -e /sys/no ] || echo no; [ -L /sys/bus/pci/devices ] || echo nolink',
];

const BASH = [
  'echo -e "a\\nb"; echo -n x; echo -E "a\\n"; echo "a\\nb"',
  'x=(a b "c d"); echo ${#x[@]} ${x[1]} "${x[@]}"; for i in "${x[@]}"; do echo "[$i]"; done; x+=(e); echo ${x[3]}; echo "${x[*]}"',
  'declare -A m; m[a]=1; m[b]=2; echo ${m[a]} ${#m[@]}; m=([q]=7 ["r"]="8 9"); echo ${m[q]} ${m[r]}',
  'x=a-b-c; echo ${x//-/_} ${x/-/_} ${x/#a/X} ${x/%c/Y}; echo ${x:2} ${x:0:1} ${x: -1}',
  'x=abc; echo ${x^^} ${x^}; y=ABC; echo ${y,,}',
  '[[ abc == a* ]] && echo 1; [[ abc == "a*" ]] || echo 2; [[ -n x && -z "" ]] && echo 3; [[ a < b ]] && echo 4; [[ ! a = b ]] && echo 5; [[ ( a = a || b = c ) ]] && echo 6',
  '[[ 0000:01:00.0 =~ ^[0-9a-f]{4}:([0-9a-f]{2}):[0-9a-f]{2}\\.[0-7]$ ]] && echo "${BASH_REMATCH[1]}"',
  '((i=3)); ((i++)); echo $i; ((i > 3)) && echo gt; for ((j=0;j<3;j++)); do echo $j; done; echo $((i += 2))',
  'echo {a,b}c {1..3} x{1,2}y',
  'x=y; y=z; echo ${!x}; f() { echo ${@:2}; echo "${@: -1}"; }; f a b c',
  'while read -r l; do echo "<$l>"; done < <(echo a; echo b); x=1; while read -r l; do x=2; done <<< "q"; echo $x',
  'set -o pipefail; false | true; echo $?; set +o pipefail; false | true; echo $?',
  "echo $'a\\tb'; printf '%s\\n' $'x\\ny'",
  'cat <<< "here"; read a b <<< "1 2"; echo $b$a',
  'a=(1 2 3 4); echo ${a[@]:1:2}; unset x; echo ${x[@]}; echo ${#a}',
  'case ab in a) echo 1;& ab) echo 2;& c) echo 3;; d) echo 4;; esac',
  'function f { echo "fn $1"; }; f x',
  'shopt -s nullglob; for i in /sys/bus/pci/nope*; do echo $i; done; echo end',
  'x=5; x+=6; echo $x; echo "$(< /sys/bus/pci/no)" 2>/dev/null; echo e &>/dev/null; echo f',
  'declare x=3; f() { declare x=4; echo $x; }; f; echo $x; readonly z=1; echo $z',
];

const cases = [
  ...POSIX.flatMap((text) => BOTH.map((shell) => ({ shell, text }))),
  ...BASH.map((text) => ({ shell: 'bash', text })),
];

test.each(cases)('shellProgram: prints what $shell prints: $text', ({ shell, text }) => {
  expect(printed(text, shell)).toBe(really(text, shell));
});
