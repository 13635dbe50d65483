/** The commands that look at an account, as the command line knows them; loaded when one is asked for. */
import type { Command } from 'commander';
import { common, runOn } from '../operate/options';
import type { AdoptOptions } from './adopt/adopt';
import type { DoctorOptions } from './commands';
import type { SmokeOptions } from './smoke/smoke';

/** What a command waits for its answers. */
const answerMs = 60_000;

const loadCommands = async () => require('./commands') as typeof import('./commands');

export interface ValidateOptions {
  readonly strict?: true;
  readonly json?: true;
  readonly profile?: string;
}

/** `validate --live`. A file that is refused ends with 2, and the account is asked nothing. */
export async function examineFile(file: string, options: ValidateOptions): Promise<void> {
  const { liveOf } = require('./live') as typeof import('./live');
  const { ownRights } = await loadCommands();
  const live = liveOf(file, options);
  if (live === null) process.exitCode = 2;
  else await runOn({ ...options, name: '', at: 0, timeout: answerMs, region: live.region }, live.work, ownRights);
}

export function addExamining(program: Command): void {
  common(
    program
      .command('doctor')
      .description('what stands between this account and trust in it: why it matters, what mends it; exit 1 on a FAIL')
      .option('--config <file>', 'what it declares, before it is deployed')
      .option('--only <checks>', 'these checks, by name: pins,routes')
      .option('--list', 'list the checks, one a line')
      .option('--policy', 'print the policy that whoever asks needs'),
    'doctor',
    'doctor --config switchback.yaml --profile admin',
    'doctor --only pins,security-groups --json',
    'doctor --local',
  ).action(async (options: DoctorOptions & { list?: true; policy?: true }) => {
    const commands = await loadCommands();
    if (options.list || options.policy)
      process.stdout.write(options.list ? commands.checkList() : commands.policyText('doctor'));
    else await runOn(options, commands.doctor(options), commands.ownRights);
  });
  common(
    program
      .command('adopt')
      .description('propose a switchback.yaml for a VPC that has VPN gateways already, and a letter to the partner')
      .requiredOption('--vpc <id>', 'the VPC, vpc-…')
      .option('-o, --output <dir>', 'where to', '.')
      .option('--force', 'overwrite what is there'),
    'adopt --vpc vpc-0123456789abcdef0',
    'adopt --vpc vpc-0123456789abcdef0 -o eu --profile admin',
    'adopt --vpc vpc-00000000000000001 -o /tmp/adopted --local',
  ).action(async (options: AdoptOptions) => {
    const { adopt } = require('./adopt/adopt') as typeof import('./adopt/adopt');
    await runOn(options, adopt(options), (await loadCommands()).ownRights);
  });
  common(
    program
      .command('smoke')
      .description('after a deploy, moving nothing: try what only AWS can settle, and measure this site; two minutes')
      .option('-o, --output <file>', 'where the latencies go', 'switchback-latency.json')
      .option('--tell', 'send a test notice with a number to everybody who is told of incidents')
      .option('--policy', 'print the policy that whoever asks needs'),
    'smoke',
    'smoke --profile admin -o eu-latency.json --tell',
    'smoke --local -o /tmp/latency.json',
  ).action(async (options: SmokeOptions & { policy?: true }) => {
    const commands = await loadCommands();
    const { smoke } = require('./smoke/smoke') as typeof import('./smoke/smoke');
    if (options.policy) process.stdout.write(commands.policyText('smoke'));
    else await runOn(options, smoke(options), commands.smokeRights);
  });
}
