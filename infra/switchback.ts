/**
 * Switchback as a construct: put it into any CDK app and hand it a `Deployment` (config/read.ts makes one).
 *
 *     new Switchback(this, 'Vpn', { deployment: readConfigFile('switchback.yaml') });
 *
 * It creates no gateway, no subnet and no route table; those are yours. Physical names are fixed only where people or
 * patterns use them: the state machine, the documents, the alarms.
 */
import { CfnOutput, Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { nobodyTold } from '../config/installation-schema';
import { packagePath } from '../config/package-files';
import type { Deployment } from '../core/words/domain';
import { speakersOf, viewsOf } from '../core/words/gateways';
import { isStandby } from '../core/words/standby';
import { scheduledDrills } from '../core/words/whereabouts';
import { Archive } from './archive';
import { Canaries } from './canaries';
import { failoverDefinition } from './definition';
import { Drills } from './drills';
import { addClaimers } from './ends/end-repairs';
import { addWakers } from './ends/end-sense';
import { standingHere } from './ends/standing';
import { holdToQuotas } from './fit';
import { FunctionAssets } from './function-assets';
import { Functions } from './functions';
import { replaceableGateways } from './granting/arns';
import { boundRoles } from './granting/boundary';
import { Operators } from './granting/operators';
import { RepairRole } from './granting/repair-role';
import { placeRoles } from './granting/role-path';
import { executionArns, FailoverMachine, machineArn } from './machine';
import { Alarms } from './observing/alarms';
import { Dashboard } from './observing/dashboard';
import { FleetDashboard } from './observing/fleet-dashboard';
import { Herald } from './observing/herald';
import { type NotifyProps, noticeTopic } from './observing/notices';
import { SelfAlarms } from './observing/self-alarms';
import { TunnelCountAlarms } from './observing/tunnel-alarms';
import { Undelivered } from './observing/undelivered';
import { printRemarks } from './remarks';
import { Repin } from './repin';
import { Runbooks } from './runbooks';
import { Signals } from './signals';
import { Signpost } from './signpost';
import { StandingBy, takeoverRights } from './standing-by';
import { Tables } from './tables';
import { Watch } from './watch';

export interface SwitchbackProps {
  readonly deployment: Deployment;
  /**
   * Who is told, in place of what the configuration says.
   * @default - the configuration's `notify`
   */
  readonly notify?: NotifyProps;
  /**
   * Made to be played in the local cloud, not deployed: modes that act are let through with nobody to tell.
   * @default false
   */
  readonly rehearsal?: boolean;
  /**
   * Where the bundles are, one folder per function.
   * @default - those of the package: dist/functions, as `npm run build` leaves them
   */
  readonly functionsDirectory?: string;
  /**
   * The state machine's definition, its parts and numbers left open (infra/definition.ts).
   * @default - statemachines/failover.asl.json
   */
  readonly definitionFile?: string;
}

/** A configuration that acts and tells nobody; its message says what to write. */
export class NobodyTold extends Error {
  override readonly name = 'NobodyTold';
}

export class Switchback extends Construct {
  readonly machine: sfn.StateMachine;
  readonly tables: Tables;
  readonly topic: sns.ITopic;
  readonly operators: Operators;

  constructor(scope: Construct, id: string, props: SwitchbackProps) {
    super(scope, id);
    const { deployment: whole } = props;
    const deployment = standingHere(whole);
    this.refuseOtherRegion(deployment);
    if (props.notify === undefined && props.rehearsal !== true) this.refuseDeafness(whole);
    if (props.rehearsal !== true) printRemarks(this, whole);
    boundRoles(this, deployment);
    placeRoles(this, deployment);
    const assets = new FunctionAssets(props.functionsDirectory ?? packagePath('dist/functions'), whole);
    // No rung's document ends like this: `x-restart` and `x` would else both have an `x-restart-tunnel`.
    const tunnelDocument = `${deployment.name}-on-gateway`;
    const daemonDocument = `${deployment.name}-on-launch`;
    const rekeyDocument = `${deployment.name}-on-move`;
    const speakerDocuments = { order: `${deployment.name}-on-speaker`, read: `${deployment.name}-of-speaker` };

    this.topic = noticeTopic(this, deployment, props.notify);
    this.tables = new Tables(this, 'Tables', deployment);
    const { queue: undelivered, forRules } = new Undelivered(this, 'Undelivered');
    const functions = new Functions(this, 'Functions', {
      deployment: whole,
      here: deployment,
      assets,
      tables: this.tables,
      undelivered,
      stateMachineArn: machineArn(this, deployment),
      executionArns: executionArns(this, deployment),
      reserveConcurrency: deployment.installation?.reserveConcurrency ?? false,
    });
    new Canaries(this, 'Canaries', { deployment, assets, reports: this.tables.reports, undelivered: forRules });
    const isWatching = Object.keys({ ...viewsOf(deployment), ...speakersOf(deployment) }).length > 0;
    const watch = isWatching
      ? new Watch(this, 'Watch', {
          deployment,
          assets,
          tables: this.tables,
          undelivered: forRules,
          speakerDocument: speakerDocuments.read,
        })
      : null;
    const archive = deployment.installation?.archive;
    if (archive !== undefined) new Archive(this, 'Archive', { deployment, archive, assets, undelivered: forRules });
    const { state, reports } = this.tables;
    const repin =
      replaceableGateways(deployment).length === 0 ? null : new Repin(this, 'Repin', { deployment, assets });
    const repinFunction = repin?.functionArn ?? null;
    const repair = new RepairRole(this, 'Repair', {
      deployment,
      tunnelDocument,
      daemonDocument,
      rekeyDocument,
      speakerDocument: speakerDocuments.order,
      claims: state,
      reports,
      repinFunction,
    });
    const repairRoleArn = repair.role.roleArn;
    new Runbooks(this, 'Runbooks', {
      deployment,
      repairRoleArn,
      tunnelDocument,
      daemonDocument,
      rekeyDocument,
      speakerDocuments,
      stateTable: state.tableName,
      reportsTable: reports.tableName,
      repinFunction,
    });
    const failover = new FailoverMachine(this, 'Failover', {
      deployment,
      definition: failoverDefinition(props.definitionFile),
      tables: this.tables,
      functions,
      repairRole: repair.role,
      topic: this.topic,
    });
    this.machine = failover.machine;
    if (isStandby(deployment)) new StandingBy(this, 'StandingBy', this.machine.role);
    const { rules } = new Signals(this, 'Signals', {
      deployment,
      functions,
      machine: this.machine,
      undelivered: forRules,
    });
    const drills =
      scheduledDrills(deployment).length === 0
        ? null
        : new Drills(this, 'Drills', { deployment, machine: this.machine, undelivered: forRules });
    const alarms = new Alarms(this, 'Alarms', deployment);
    const tunnelAlarms = new TunnelCountAlarms(this, 'TunnelAlarms', deployment);
    const herald = new Herald(this, 'Herald', { deployment, assets, tables: this.tables, topic: this.topic });
    const selfAlarms = new SelfAlarms(this, 'SelfAlarms', {
      deployment,
      machine: this.machine,
      sweep: functions.sweep.function,
      watch: watch?.function ?? null,
      reports: this.tables.reports,
      undelivered: { queue: undelivered },
      herald,
      topic: this.topic,
    });
    new Dashboard(this, 'Dashboard', {
      deployment,
      sweepLogs: functions.sweep.logs,
      assessLogs: functions.assess.logs,
      watchLogs: watch?.logs ?? null,
      alarms: [...alarms.all, ...tunnelAlarms.all, ...selfAlarms.all],
      machine: this.machine,
    });
    if (Object.keys(deployment.connections).length > 1) {
      const { assess, sweep } = functions;
      new FleetDashboard(this, 'Fleet', { deployment, sweepLogs: sweep.logs, assessLogs: assess.logs });
    }
    const logGroups = {
      machine: failover.logs,
      assess: functions.assess.logs,
      apply: functions.apply.logs,
      sense: functions.sense.logs,
      sweep: functions.sweep.logs,
      ...(watch !== null && { watch: watch.logs }),
    };
    addWakers(this, whole, this.machine.stateMachineArn);
    addClaimers(this, whole, state);
    new Signpost(this, 'Signpost', {
      deployment: whole,
      tables: this.tables,
      topic: this.topic,
      logGroups,
      starters: rules,
      reportsStream: functions.reportsStream,
      writer: functions.apply.function,
      machineRole: this.machine.role,
    });
    this.operators = new Operators(this, 'Operators', {
      deployment: whole,
      tables: this.tables,
      logGroups: Object.values(logGroups),
      undelivered,
      starters: rules,
      drills,
      reportsStream: functions.reportsStream,
      takeover: takeoverRights(deployment, this.machine.role, this.tables),
    });
    assets.discard();
    // A topic of somebody's stays where it is.
    const { notify, ...own } = props;
    const told = notify === undefined ? {} : { notify: { emails: notify.emails ?? [] } };
    holdToQuotas(this, whole, (stack, some) => {
      new Switchback(stack, id, { ...own, ...told, rehearsal: true, deployment: some });
    });

    new CfnOutput(this, 'StateMachineArn', { value: this.machine.stateMachineArn });
    new CfnOutput(this, 'OperatorPolicy', { value: arnsOf(this.operators.policies) });
    new CfnOutput(this, 'BreakGlassPolicy', { value: arnsOf(this.operators.breakGlass) });
    if (this.operators.takeover.length > 0)
      new CfnOutput(this, 'TakeoverPolicy', { value: arnsOf(this.operators.takeover) });
    new CfnOutput(this, 'Starters', { value: rules.map(({ ruleName }) => ruleName).join(' ') });
    new CfnOutput(this, 'ReportsStream', { value: functions.reportsStream.eventSourceMappingId });
    new CfnOutput(this, 'StateTable', { value: this.tables.state.tableName });
    new CfnOutput(this, 'ReportsTable', { value: this.tables.reports.tableName });
  }

  private refuseDeafness(deployment: Deployment): void {
    const problem = nobodyTold(deployment);
    if (problem !== null) throw new NobodyTold(problem);
  }

  /** Ids are regional: deployed elsewhere, every one of them would be somebody else's or nobody's. */
  private refuseOtherRegion({ region }: Deployment): void {
    const actual = Stack.of(this).region;
    if (Token.isUnresolved(actual) || actual === region) return;
    throw new Error(`The configuration is for ${region}, the stack for ${actual}: deploy it there, or correct region`);
  }
}

const arnsOf = (policies: readonly iam.IManagedPolicy[]): string =>
  policies.map(({ managedPolicyArn }) => managedPolicyArn).join(' ');
