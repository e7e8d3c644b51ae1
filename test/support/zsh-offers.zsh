# zsh-offers.zsh DIR LINE: what zsh offers when Tab is pressed after LINE, one `<word>` a line. DIR holds _modalias and the command.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "stty -echo; PROMPT=; path=(${(q)1} \$path); fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -D -u
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd \"\$@\"; return; fi
  typeset -a offered; builtin compadd -A offered \"\$@\"
  for word in \$offered; do print -r -- \"<\$word>\"; done
  builtin compadd \"\$@\"
}
finish() { print END; exit }; comppostfuncs=(finish); print READY"
while zpty -r shell line; do [[ $line == *READY* ]] && break; done
zpty -w -n shell "$2"$'\t'
while zpty -r shell line; do print -r -- "$line"; [[ $line == *END* ]] && break; done
