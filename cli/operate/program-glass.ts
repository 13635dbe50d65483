/** The commands that look on and practise, and those for the hour in which nothing else does: drill, rehearse, unlock, stop. */
import type { Command } from 'commander';
import type { Confirming } from './confirm';
import { asking, common, run } from './options';
import type { StopOptions } from './stop';
import type { TakeoverOptions } from './takeover';
import type { AskOptions } from './verbs';
import type { WatchOptions } from './watch';

const loadVerbs = async () => require('./verbs') as typeof import('./verbs');
const loadWatch = async () => require('./watch') as typeof import('./watch');
const loadUnlock = async () => require('./unlock') as typeof import('./unlock');
const loadTakeover = async () => require('./takeover') as typeof import('./takeover');
const loadStop = async () => require('./stop') as typeof import('./stop');

export function addGlass(program: Command): void {
  common(
    program
      .command('watch')
      .description('status again and again: drawn anew in its place, or a line for each change where it is piped'),
    'watch',
    'watch paris --every 10s',
    'watch --local gateway-stopped --at 2 --for 20m | cat',
  )
    .argument('[connection]')
    .option('--every <span>', 'how often it looks', '5s')
    .option('--for <span>', 'for how long; absent: until you interrupt it, or 55m of the local cloud')
    .action(async (connection: string | undefined, options: WatchOptions) =>
      run(options, (await loadWatch()).watch(connection, options)),
    );
  asking(
    program
      .command('rehearse')
      .description('rehearse the second tunnel of a single VPN connection, as `rehearsal` in switchback.yaml says'),
    'rehearse partner',
    'rehearse partner --as ana',
  )
    .argument('<connection>')
    .action(async (connection: string, options: AskOptions) =>
      run(options, (await loadVerbs()).rehearse(connection, options)),
    );
  asking(
    program
      .command('drill')
      .description('take users to the standby for five minutes and home again; refused unless everything is healthy'),
    'drill paris --measure',
    'drill paris --set office',
  )
    .argument('<connection>')
    .option('--set <routeSet>', 'only this route set')
    .option('--measure', 'wait for its end, and say for how long users were in the dark; exit 1 where it was aborted')
    .action(async (connection: string, options: AskOptions & { measure?: true }) =>
      run(options, (await loadVerbs()).drill(connection, options)),
    );
  common(
    program
      .command('unlock')
      .description(
        'take over the lease of a run that has ended, now instead of when it runs out; refused while it may write',
      ),
    'unlock paris',
    'unlock paris --yes --json',
  )
    .argument('<connection>')
    .option('--yes', 'ask nothing')
    .action(async (connection: string, options: Confirming) =>
      run(options, (await loadUnlock()).unlock(connection, options)),
    );
  common(
    program
      .command('stop')
      .description(
        'break the glass: switch off everything that starts runs, and stop what runs; needs BreakGlassPolicy',
      ),
    'stop --break-glass --reason "it moves what it must not"',
    'stop --undo',
  )
    .option('--break-glass', 'so that nobody types it by mistake')
    .option('--undo', 'switch it all on again')
    .option('--reason <text>', 'why, kept with the runs that are stopped')
    .option('--yes', 'ask nothing')
    .action(async (options: StopOptions) => run(options, (await loadStop()).stop(options)));
  common(
    program
      .command('takeover')
      .description(
        'of a standby: fence the deployment whose region has failed, and decide in its place; needs TakeoverPolicy and BreakGlassPolicy',
      ),
    'takeover --name mesh-standby --region us-east-2 --from eu-central-1 --dry-run',
    'takeover --name mesh-standby --region us-east-2 --undo',
  )
    .option('--from <region>', 'the region that has failed, so that it is meant')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--undo', 'stop, and let the other in again')
    .option('--yes', 'ask nothing')
    .action(async (options: TakeoverOptions) => run(options, (await loadTakeover()).takeover(options)));
}
