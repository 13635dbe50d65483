/**
 * The command line. `validate` says what is wrong with a configuration; `simulate` runs one scenario in the local cloud;
 * `cost` says what a configuration costs, `quotas` what it takes of AWS's limits; `synth` writes a plain template; `site`
 * writes a configuration from a network stack's outputs. What asks or commands a deployment (`status`, `explain`, `pause`
 * and their sisters) is in operate/. Commands print to stdout, problems to stderr; the exit code is 0, 1 (did not end as it
 * should) or 2 (bad input), and for a deployment also those of operate/exit-codes.ts.
 *
 * Each command loads its own modules when it is asked for, by `require`: the simulator and CDK take seconds, and
 * `validate` and `--help` need neither. Each is async: in the packed command that `require` is an import of its own chunk.
 */
import { readFileSync } from 'node:fs';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { packagePath } from '../config/package-files';
import { harmlessLines } from '../core/words/malformed';
import { addExamining, examineFile, type ValidateOptions } from './doctor/program';
import { addOperating } from './operate/program';
import { problemText } from './problem';

function seedFrom(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidArgumentError('expected a whole number, 0 or more');
  return seed;
}

// Where nobody looks, nothing is coloured: `CI=1` alone would have picocolors colour what goes into a file.
if (!process.stdout.isTTY && process.env['FORCE_COLOR'] === undefined) process.env['NO_COLOR'] ??= '1';

// By its number, so that what is to be left behind tidily is: a temporary folder of the local cloud goes when we exit.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };

// Whoever reads us may have read enough: `| head`, `| grep -q`. That is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// A column of names takes half of a terminal; commander then leaves words to be broken by its edge.
const program = new Command('switchback')
  .configureHelp({ minWidthToWrap: 24 })
  .version(version)
  .description('Keeps VPN links on AWS alive without a human: diverts, repairs, fails back, and proves every step.')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

program
  .command('validate')
  .description('say what is wrong with a configuration, and what is only to be minded')
  .argument('[file]', 'the configuration', 'switchback.yaml')
  // As the other commands take it.
  .addOption(new Option('--config <file>').hideHelp())
  .option('--strict', 'end with 1 where there are warnings')
  .option('--json', 'print one JSON object instead')
  .option('--live', 'hold it against the account as well: subnets, security groups, pins, routes, source/dest check')
  .option('--profile <name>', 'with --live: as in ~/.aws/config')
  .addHelpText('after', '\nExamples:\n  switchback validate\n  switchback validate eu.yaml --live --profile admin')
  .action(async (file: string, options: ValidateOptions & { config?: string; live?: true }) => {
    const { validate } = require('./validate') as typeof import('./validate');
    if (options.live) await examineFile(options.config ?? file, options);
    else process.exitCode = validate(options.config ?? file, options);
  });

program
  .command('simulate')
  .description('run one scenario in the local cloud, from the synthesized stack')
  .argument('[scenario]', 'which scenario: a name, or a file of your own that ends in .yaml', 'gateway-stopped')
  .option('--scenario <name>', 'the same')
  .option('--site <file>', 'a configuration in place of the scenario’s own site')
  .option('--seed <n>', 'draws latencies and losses; the same seed gives the same run', seedFrom, 7)
  .option('--json', 'print one JSON object instead')
  .option('--list', 'list the scenarios, one a line')
  .option('--report <file>', 'write the report of its incident there: one HTML file')
  .option('--calibrated <file>', 'with latencies measured at a site of yours, as `switchback smoke` wrote them')
  .action(
    async (
      named: string,
      options: {
        scenario?: string;
        site?: string;
        seed: number;
        json?: true;
        list?: true;
        report?: string;
        calibrated?: string;
      },
    ) => {
      const { listScenarios, simulateScenario } = require('./simulate') as typeof import('./simulate');
      const scenario = options.scenario ?? named;
      process.exitCode = options.list ? listScenarios(options.json) : await simulateScenario({ ...options, scenario });
    },
  );

program
  .command('practice')
  .description('an incident in the local cloud to practise on: type commands, let time pass, read what people are told')
  .argument('[scenario]', 'which one: see simulate --list', 'gateway-stopped')
  .addHelpText('after', '\nExamples:\n  switchback practice\n  switchback practice partner-dead < commands.txt')
  .action(async (scenario: string) => {
    const { practise } = require('./practice') as typeof import('./practice');
    process.exitCode = await practise(scenario);
  });

program
  .command('cost')
  .description('what a configuration costs a month while nothing happens, and what an incident adds')
  .option('--config <file>', 'the configuration', 'switchback.yaml')
  .option('--json', 'print one JSON object instead')
  .action(async (options: { config: string; json?: true }) => {
    const { cost } = require('./cost') as typeof import('./cost');
    process.exitCode = await cost(options);
  });

program
  .command('quotas')
  .description('how much of what AWS allows a configuration takes; exit 1 when it does not fit')
  .option('--config <file>', 'the configuration', 'switchback.yaml')
  .option('--json', 'print one JSON object instead')
  .action(async (options: { config: string; json?: true }) => {
    const { quotas } = require('./quotas') as typeof import('./quotas');
    process.exitCode = quotas(options);
  });

program
  .command('policies')
  .description('what the account must say and no stack can: service control policy, boundary, policy of your own topic')
  .option('--config <file>', 'the configuration', 'switchback.yaml')
  .option('--json', 'print one JSON object instead')
  .action(async (options: { config: string; json?: true }) => {
    const { policies } = require('./policies') as typeof import('./policies');
    process.exitCode = policies(options);
  });

program
  .command('site')
  .description('write a switchback.yaml from the outputs of a greenfield network stack')
  .requiredOption('--outputs <file>', 'what `cdk deploy --outputs-file` wrote')
  .option('--stack <name>', 'which stack of that file, where several would do')
  .option('--out <file>', 'where to', 'switchback.yaml')
  .action(async (options: { outputs: string; stack?: string; out: string }) => {
    const { writeSite } = require('./site') as typeof import('./site');
    process.exitCode = writeSite(options);
  });

program
  .command('synth')
  .description('write a plain CloudFormation template and its assets, to deploy by hand or with Terraform')
  .option('--config <file>', 'the configuration', 'switchback.yaml')
  .requiredOption('--out <dir>', 'where to')
  .action(async (options: { config: string; out: string }) => {
    const { synth } = require('./synth') as typeof import('./synth');
    process.exitCode = await synth(options);
  });

addExamining(program);
addOperating(program);

program
  .command('completion')
  .description('the script by which a shell completes this command at Tab')
  .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
  .addHelpText(
    'after',
    '\nExamples:\n  eval "$(switchback completion bash)"\n  eval "$(switchback completion zsh)"\n  switchback completion fish | source',
  )
  .action(async (shell: 'bash' | 'zsh' | 'fish') => {
    const { printScript } = require('./completion') as typeof import('./completion');
    printScript(shell);
  });

program
  .command('complete', { hidden: true })
  .argument('[words...]')
  .allowUnknownOption()
  .action(async (words: readonly string[]) => {
    const { printOffers } = require('./completion') as typeof import('./completion');
    printOffers(program, words);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`switchback: ${harmlessLines(problemText(error))}\n`);
  process.exitCode = 2;
});
