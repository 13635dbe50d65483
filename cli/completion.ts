/**
 * What a shell offers at Tab: commands, options, and the names of what is deployed as the last command of this machine
 * found it (known-names.ts). Nothing is asked of AWS, and nothing that stands on the line is run: the scripts hand each
 * word over as a word of its own, without `eval`, and need nothing but the shell.
 *
 *     eval "$(switchback completion bash)"     or zsh;     switchback completion fish | source
 */
import { readdirSync } from 'node:fs';
import type { Argument, Command, Option } from 'commander';
import { packagePath } from '../config/package-files';
import { harmless } from '../core/words/malformed';
import { type KnownNames, knownDeployments, knownNames } from './known-names';

/** The shell is to offer files. */
const files = ':files';

interface Offer {
  readonly word: string;
  readonly about: string;
}

type Shell = 'bash' | 'zsh' | 'fish';

const scripts: Readonly<Record<Shell, string>> = {
  bash: `_switchback() {
  local word about
  COMPREPLY=()
  while IFS=$'\\t' read -r word about; do
    if [ "$word" = '${files}' ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
    else
      COMPREPLY+=("$word")
    fi
  done < <(switchback complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _switchback switchback
`,
  zsh: `#compdef switchback
_switchback() {
  local -a offers
  local line
  while IFS= read -r line; do
    if [[ $line == ${files} ]]; then _files; else offers+=("\${\${line//:/\\\\:}/$'\\t'/:}"); fi
  done < <(switchback complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#offers} )) && _describe 'switchback' offers
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _switchback switchback
`,
  fish: `function __switchback_offers
  for line in (switchback complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
    if test "$line" = '${files}'
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c switchback -f -a '(__switchback_offers)'
`,
};

export function printScript(shell: Shell): void {
  process.stdout.write(scripts[shell]);
}

/** One offer a line, a tab before what it is about. */
export function printOffers(program: Command, words: readonly string[]): void {
  const lines = offersFor(program, words).map(({ word, about }) => (about === '' ? word : `${word}\t${about}`));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Where on the line the cursor is. */
interface Place {
  readonly command: Command;
  /** Those that are no option, no option's value and no command. */
  readonly args: readonly string[];
  readonly given: ReadonlySet<string>;
  /** The option whose value comes next; null: none does. */
  readonly awaited: Option | null;
  readonly names: KnownNames;
}

function offersFor(program: Command, words: readonly string[]): Offer[] {
  // bash takes `--name=acme` apart.
  const whole = words.filter((word, i) => word !== '=' || i === words.length - 1);
  const begun = whole.at(-1) === '=' ? '' : (whole.at(-1) ?? '');
  const place = placeOf(program, whole.slice(0, -1));
  const all = place.awaited === null ? [] : valuesOf(place.awaited.attributeName(), place);
  if (place.awaited !== null && (place.awaited.required || (all.length > 0 && !begun.startsWith('-'))))
    return fitting(all, begun);
  return fitting(begun.startsWith('-') ? optionsOf(place) : argumentsOf(place), begun);
}

const fitting = (offers: readonly Offer[], begun: string): Offer[] =>
  offers.filter(({ word }) => word === files || word.startsWith(begun));

function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let awaited: Option | null = null;
  let deployment = 'switchback';
  const args: string[] = [];
  const given = new Set<string>();
  for (const word of words) {
    if (awaited !== null && !word.startsWith('-')) {
      if (awaited.long === '--name') deployment = word;
      awaited = null;
    } else if (word.startsWith('-')) {
      const [flag = '', value] = word.split('=');
      const option = command.options.find(({ long, short }) => long === flag || short === flag);
      given.add(option?.long ?? flag);
      if (flag === '--name' && value !== undefined) deployment = value;
      awaited = value === undefined && (option?.required || option?.optional) ? (option ?? null) : null;
    } else {
      const sub: Command | undefined =
        args.length === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (sub === undefined) args.push(word);
      else command = sub;
    }
  }
  return { command, args, given, awaited, names: knownNames(deployment) };
}

const optionsOf = ({ command, given }: Place): Offer[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) =>
      long == null || given.has(long) ? [] : [{ word: long, about: oneLine(description) }],
    );

function argumentsOf(place: Place): Offer[] {
  const { command, args } = place;
  const commands = args.length > 0 ? [] : command.createHelp().visibleCommands(command);
  const argument: Argument | undefined = command.registeredArguments[args.length];
  return [
    ...commands.map((one) => ({ word: one.name(), about: oneLine(one.description()) })),
    ...(argument?.argChoices ?? []).map(bare),
    ...(argument === undefined || argument.argChoices !== undefined ? [] : valuesOf(argument.name(), place)),
  ];
}

/** By the name that an argument or an option has. */
function valuesOf(what: string, { args, names }: Place): Offer[] {
  const connection = args[0] === undefined ? undefined : names.connections[args[0]];
  const those = connection === undefined ? Object.values(names.connections) : [connection];
  switch (what) {
    case 'connection':
      return Object.keys(names.connections).map(bare);
    case 'path':
    case 'to':
      return unique(those.flatMap(({ paths }) => paths));
    case 'routeSet':
    case 'set':
      return unique(those.flatMap(({ routeSets }) => routeSets));
    case 'gateway':
      return names.gateways.map(bare);
    case 'name':
      return knownDeployments().map(bare);
    case 'scenario':
    case 'local':
      return scenarios().map(bare);
    default:
      return /^(file|config|output|out|outputs|history|report|calibrated|site|record)$/.test(what) ? [bare(files)] : [];
  }
}

const bare = (word: string): Offer => ({ word, about: '' });
const unique = (words: readonly string[]): Offer[] => [...new Set(words)].map(bare);
const oneLine = (text: string): string => harmless(text);

/** By the names of their files: the simulator stays where it is. */
const scenarios = (): string[] =>
  readdirSync(packagePath('sim/scenarios'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length));
