import { type CompletedCommand, type CompletedOption, flatten, type Value } from './completion-model.ts';

/** The completion script of a shell, whole. */
export const COMPLETION_SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export type Shell = keyof typeof COMPLETION_SCRIPTS;

/** Asks for words; `line` is how the shell spells what has been typed so far. */
const words = (kind: string, line: string) => `modalias completion --words ${kind} --line ${line} 2>/dev/null`;

function bashScript(root: CompletedCommand): string {
  const all = flatten(root);
  const paths = all.flatMap((c) =>
    c.below.map((sub) => `    '${`${c.path} ${sub.name}`.trimStart()}') path='${sub.path}' ;;`),
  );
  const values = all.flatMap((c) =>
    c.options.flatMap((o) =>
      o.value ? [`    ${o.spellings.map((s) => `'${c.path}:${s}'`).join('|')}) ${bashValue(o.value)}; return ;;`] : [],
    ),
  );
  const places = all.map((c) => {
    const options = c.options.flatMap((o) => o.spellings).join(' ');
    const names = c.below.map((sub) => sub.name).join(' ');
    const value = names ? `COMPREPLY=($(compgen -W '${names}' -- "$cur"))` : c.argument ? bashValue(c.argument) : ':';
    return `    '${c.path}') if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '${options}' -- "$cur")); else ${value}; fi ;;`;
  });
  return `# bash completion for modalias; put it into /usr/share/bash-completion/completions/modalias
# A colon, as in a device address, breaks words: what stands before the last one is not to be repeated.
_modalias_words() {
  local typed=\${COMP_LINE:0:COMP_POINT}
  typed=\${typed##*[[:space:]=]}
  COMPREPLY=($(compgen -W "$1" -- "$typed"))
  if [[ $COMP_WORDBREAKS == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${typed%"\${typed##*:}"}"}"); fi
}
# Names of files are quoted by bash itself, and a folder gets its slash.
_modalias_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}
_modalias() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word
  COMPREPLY=()
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    word="$path $word"
    case "\${word# }" in
${paths.join('\n')}
    esac
  done
  case "$path:$prev" in
${values.join('\n')}
  esac
  case "$path" in
${places.join('\n')}
  esac
}
complete -o bashdefault -o default -F _modalias modalias
`;
}

/** COMPREPLY for a value; empty, so that the shell offers files, where it completes files. */
function bashValue({ kind, choices }: Value): string {
  if (choices.length) return `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur"))`;
  if (kind === 'directory') return '_modalias_files -d "$cur"';
  if (kind === 'file') return '_modalias_files -f "$cur"';
  if (kind === 'device' || kind === 'module') return `_modalias_words "$(${words(kind, '"$COMP_LINE"')})"`;
  return ':';
}

function zshScript(root: CompletedCommand): string {
  return `#compdef modalias
# zsh completion for modalias; put it as _modalias into a directory of $fpath, or source it
${flatten(root)
  .map((c) => (c.below.length ? zshParent(c) : zshLeaf(c)))
  .join('\n')}
if [[ $funcstack[1] == _modalias ]]; then
  _modalias "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _modalias modalias
fi
`;
}

const zshName = (path: string) => `_modalias${path && `_${path.replaceAll(/[ -]/g, '_')}`}`;

function zshParent(c: CompletedCommand): string {
  return `${zshName(c.path)}() {
  local context state line
  local -a commands
  commands=(
${c.below.map((sub) => `    ${quoted(`${sub.name}:${sub.summary}`)}`).join('\n')}
  )
  _arguments -C \\
${c.options.map(zshOption).join('')}    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument) case $line[1] in
${c.below.map((sub) => `      ${sub.name}) ${zshName(sub.path)} ;;`).join('\n')}
    esac ;;
  esac
}`;
}

function zshLeaf(c: CompletedCommand): string {
  const argument = c.argument ? quoted(`*:${c.argument.name}:${zshValue(c.argument)}`) : '';
  return `${zshName(c.path)}() {\n  _arguments \\\n${c.options.map(zshOption).join('')}    ${argument || "'*: :'"}\n}`;
}

function zshOption(option: CompletedOption): string {
  const { spellings, describe, value, repeats } = option;
  const text = describe.replace(/[[\]:\\]/g, '\\$&');
  return spellings
    .map((spelling) => {
      const exclusive = repeats ? '*' : `(${spellings.join(' ')})`;
      return `    ${quoted(`${exclusive}${spelling}[${text}]${value ? `:${value.name}:${zshValue(value)}` : ''}`)} \\\n`;
    })
    .join('');
}

function zshValue({ kind, choices }: Value): string {
  if (choices.length) return `(${choices.join(' ')})`;
  if (kind === 'directory') return '_files -/';
  if (kind === 'file') return '_files';
  if (kind === 'device' || kind === 'module') return `{compadd -- \${(f)"$(${words(kind, '"$BUFFER"')})"}}`;
  return ' ';
}

function fishScript(root: CompletedCommand): string {
  const lines = flatten(root).flatMap((c) => {
    const seen = c.path
      .split(' ')
      .filter(Boolean)
      .map((word) => `__fish_seen_subcommand_from ${word}`);
    const names = c.below.map((sub) => sub.name).join(' ');
    const at = seen.join('; and ');
    const next = [...seen, ...(names ? [`not __fish_seen_subcommand_from ${names}`] : [])].join('; and ');
    const condition = (text: string) => (text ? ` -n ${quoted(text)}` : '');
    return [
      ...c.below.map((sub) => `complete -c modalias -f${condition(next)} -a ${sub.name} -d ${quoted(sub.summary)}`),
      ...c.options.map((o) => `complete -c modalias${condition(c.below.length ? next : at)}${fishOption(o)}`),
      ...(c.argument ? [`complete -c modalias${condition(at)}${fishValue(c.argument)}`] : []),
    ];
  });
  return `# fish completion for modalias; put it into ~/.config/fish/completions/modalias.fish\n${lines.join('\n')}\n`;
}

function fishOption({ spellings, describe, value }: CompletedOption): string {
  const names = spellings.map((s) => (s.startsWith('--') ? ` -l ${s.slice(2)}` : ` -s ${s.slice(1)}`)).join('');
  return `${names}${value ? ` -r${fishValue(value)}` : ''} -d ${quoted(describe)}`;
}

function fishValue({ kind, choices }: Value): string {
  if (choices.length) return ` -f -a ${quoted(choices.join(' '))}`;
  if (kind === 'directory') return " -f -a '(__fish_complete_directories)'";
  if (kind === 'device' || kind === 'module')
    return ` -f -a ${quoted(`(${words(kind, '(commandline -p | string collect)')})`)}`;
  return kind === 'nothing' ? ' -f' : ' -F';
}

/** A word in single quotes, as bash, zsh and fish all read it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
