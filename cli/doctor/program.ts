/** The commands that look at an account, as the command line knows them; loaded when one is asked for. */
import type { Command } from 'commander';
import { common, runOn } from '../operate/options';
import type { DoctorOptions } from './commands';

const loadCommands = async () => require('./commands') as typeof import('./commands');

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
      process.stdout.write(options.list ? commands.checkList() : commands.policyText());
    else await runOn(options, commands.doctor(options), commands.ownRights);
  });
}
