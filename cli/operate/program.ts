/**
 * The commands that operate a deployment, as the command line knows them. What they do is loaded when one is asked for:
 * help needs neither AWS's clients nor the simulator.
 */
import type { Command } from 'commander';
import type { HistoryOptions } from './explain-run';
import { asking, common, lasting, run } from './options';
import { addGlass } from './program-glass';
import type { SessionOptions } from './session';
import type { AskOptions } from './verbs';

const loadVerbs = async () => require('./verbs') as typeof import('./verbs');
const loadStatus = async () => require('./status') as typeof import('./status');
const loadPlan = async () => require('./plan') as typeof import('./plan');
const loadReport = async () => require('./report') as typeof import('./report');
const loadRuns = async () => require('./explain-run') as typeof import('./explain-run');
const loadOrders = async () => require('./standing-orders') as typeof import('./standing-orders');

const exits = `Exit: 0 well, 1 not well, 2 wrongly asked, 3 refused, 4 no access, 5 unreachable
Examples: --help after a command.`;

export function addOperating(program: Command): void {
  common(
    program
      .command('status')
      .description('how each connection stands, what comes next, what is asked of you; exit 1 when not well'),
    'status',
    'status paris --json',
    'status --local gateway-stopped --at 3',
  )
    .argument('[connection]')
    .action(async (connection: string | undefined, options: SessionOptions) =>
      run(options, (await loadStatus()).status(connection)),
    );
  common(
    program.command('plan').description('what would be done about a connection now, and which routes it would write'),
    'plan paris',
  )
    .argument('<connection>')
    .action(async (connection: string, options: SessionOptions) => run(options, (await loadPlan()).plan(connection)));
  addRuns(program);
  addReport(program);
  addMaintenance(program.command('maintenance').description('take a path out and give it back; list what is out'));
  addPauses(program);
  asking(
    program.command('ack').description('say that you know: reminders stop, used-up budgets are lifted'),
    'ack paris',
    'ack --all --as ana',
  )
    .argument('[connection]')
    .option('--all', 'every connection')
    .action(async (connection: string | undefined, options: AskOptions) =>
      run(options, (await loadVerbs()).acknowledge(connection, options)),
    );
  addMoves(program);
  addGlass(program);
  program.addHelpText('after', `\n${exits}`);
}

function addMoves(program: Command): void {
  lasting(
    asking(
      program
        .command('divert')
        .description('take users to another path that is proven healthy, for a day unless you say; back by failback'),
      'divert paris --to b --reason "router swap" --for 4h',
      'divert paris office --to b --reason "router swap" --until 2026-01-05T06:00:00Z',
    ),
  )
    .argument('<connection>')
    .argument('[routeSet]', 'only this one; absent: every route set of the connection')
    .requiredOption('--to <path>', 'the path')
    .action(async (connection: string, routeSet: string | undefined, options: AskOptions & { to: string }) =>
      run(options, (await loadVerbs()).divert(connection, routeSet, options)),
    );
  asking(
    program
      .command('failback')
      .description('let users go home now: lifts the soak, a window, a budget; home must be healthy'),
    'failback paris',
    'failback paris --set office',
  )
    .argument('<connection>')
    .option('--set <routeSet>', 'only this route set')
    .action(async (connection: string, options: AskOptions) =>
      run(options, (await loadVerbs()).failback(connection, options)),
    );
}

interface ExplainOptions extends SessionOptions {
  readonly scenario?: string;
  readonly seed: number;
  readonly history?: string;
}

function addRuns(program: Command): void {
  common(
    program
      .command('explain')
      .description('tell an incident as sentences: signal, evidence, decision, act, what people were told, outcome'),
    'explain',
    'explain I-7F3K2M --json',
    'explain asked-pause-paris-1767571260524',
    'explain --history history.json',
    'explain --scenario gateway-stopped',
  )
    .argument('[incident]', 'its id, or the name or ARN of one execution; absent: the newest incident')
    .option('--scenario <name>', 'simulate this scenario and explain it')
    .option('--seed <n>', 'with --scenario', Number, 7)
    .option('--history <file>', 'the answer of `aws stepfunctions get-execution-history` as a JSON file')
    .action(async (what: string | undefined, options: ExplainOptions) => {
      if (options.scenario === undefined && options.history === undefined)
        return run(options, (await loadRuns()).explainRun(what));
      const { explain } = require('../explain') as typeof import('../explain');
      process.exitCode = await explain(options);
    });
  common(
    program.command('history').description('which executions there were, newest first'),
    'history',
    'history --since 30d --json',
    'history --incidents --since 400d',
  )
    .option('--since <span>', 'how far back: 12h, 30d; Step Functions keeps ninety days', '1d')
    .option('--incidents', 'incidents instead, also those that only the archive still has')
    .action(async (options: HistoryOptions) => run(options, (await loadRuns()).history(options)));
}

interface ReportOptions extends SessionOptions {
  readonly output?: string;
}

function addReport(program: Command): void {
  const command = program
    .command('report')
    .description('write one incident as one HTML file: what happened when, why, who was told, what it cost')
    .argument('[incident]', 'its id, or an execution of it by name or ARN; absent: the newest')
    .option('-o, --output <file>', 'where to; absent: into the current folder, under the incident’s name');
  common(command, 'report', 'report I-7F3K2M -o night.html', 'report --local planned-maintenance').action(
    async (incident: string | undefined, options: ReportOptions) => {
      const { report } = await loadReport();
      if (options.local === undefined) return run(options, report(incident, options.output));
      const isToTheEnd = command.getOptionValueSource('at') === 'default';
      const { reportLocally } = require('./report-local') as typeof import('./report-local');
      process.exitCode = await reportLocally(options, { incident, file: options.output, isToTheEnd });
    },
  );
}

function addMaintenance(maintenance: Command): void {
  lasting(
    asking(
      maintenance
        .command('start')
        .description('drain a path, or every path over a gateway; refused where users would be left without'),
      'maintenance start paris a --for 2h --reason "new kernel"',
      'maintenance start --gateway gw-a --until 2026-01-05T06:00:00Z --reason "new kernel"',
    ),
  )
    .argument('[connection]')
    .argument('[path]')
    .option('--gateway <gateway>', 'every path over it, of every connection')
    .option('--soft', 'still usable as a last resort')
    .option('--force', 'even where no other path is proven healthy')
    .action(async (connection: string | undefined, path: string | undefined, options: AskOptions) =>
      run(options, (await loadVerbs()).startMaintenance(connection, path, options)),
    );
  asking(
    maintenance.command('finish').description('give it back'),
    'maintenance finish paris a',
    'maintenance finish --gateway gw-a',
  )
    .argument('[connection]')
    .argument('[path]')
    .option('--gateway <gateway>', 'every path over it')
    .action(async (connection: string | undefined, path: string | undefined, options: AskOptions) =>
      run(options, (await loadVerbs()).finishMaintenance(connection, path, options)),
    );
  common(
    maintenance.command('list').description('what is drained, until when, and who asked'),
    'maintenance list',
  ).action(async (options: SessionOptions) => run(options, (await loadOrders()).listMaintenance));
}

function addPauses(program: Command): void {
  lasting(
    asking(
      program.command('pause').description('stop everything for a while: nothing starts until it is lifted'),
      'pause paris --for 1h --reason "partner works on it"',
      'pause --all --for 30m --reason "routes change by hand"',
    ),
  )
    .argument('[connection]')
    .option('--all', 'every connection')
    .action(async (connection: string | undefined, options: AskOptions) =>
      run(options, (await loadVerbs()).pause(connection, options)),
    );
  asking(program.command('resume').description('lift a pause'), 'resume paris', 'resume --all')
    .argument('[connection]')
    .option('--all', 'every connection')
    .action(async (connection: string | undefined, options: AskOptions) =>
      run(options, (await loadVerbs()).resume(connection, options)),
    );
  common(
    program.command('pauses').description('what is paused, until when, and who asked'),
    'pauses',
    'pauses --json',
  ).action(async (options: SessionOptions) => run(options, (await loadOrders()).listPauses));
}
