/** cfn-lint, AWS's own linter of templates, where it is installed (`pip install cfn-lint`): what it calls an error. */
import { execFileSync, spawnSync } from 'node:child_process';

export const isCfnLintThere = spawnSync('cfn-lint', ['--version']).status === 0;

interface Finding {
  readonly Level: string;
  readonly Message: string;
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

/** It wants a number there; a JSONata state may compute one. */
const isJsonataTimeout = ({ Rule, Message }: Finding): boolean =>
  Rule.Id === 'E3601' && /^'\{% .* %\}' is not of type 'number' at '[^']*\/TimeoutSeconds'/.test(Message);

export function errorsOfCfnLint(templateFile: string, region: string): string[] {
  const answer = execFileSync(
    'cfn-lint',
    ['--template', templateFile, '--regions', region, '--format', 'json', '--non-zero-exit-code', 'none'],
    { encoding: 'utf8', maxBuffer: 100_000_000 },
  );
  return (JSON.parse(answer) as readonly Finding[])
    .filter((finding) => finding.Level === 'Error' && !isJsonataTimeout(finding))
    .map(({ Rule, Message, Location }) => `${Rule.Id} ${(Location.Path ?? []).join('/')}: ${Message}`);
}
