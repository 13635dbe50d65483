/**
 * The repair ladder as Systems Manager documents: the files of `runbooks/`, published under fixed names.
 *
 * A file writes `${RepairRole}`, `${StateTable}` and the like where the deployed names belong; nothing else in it changes
 * between review and run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { parse } from 'yaml';
import { packagePath } from '../config/package-files';
import { kindOf, rungSpecs } from '../core/gateways/kinds';
import type { Deployment } from '../core/words/domain';
import { attracts, instancesOf, speakersOf } from '../core/words/gateways';
import type { Rung } from '../core/words/rungs';
import { claimedElsewhere, type RepairDocument } from './ends/claimed-elsewhere';
import { identityPrefix, replaceableGateways } from './granting/arns';
import { speakerPrograms } from './speaker-programs';
import { fileOf, filesScript, gatewayNamespace } from './tunnel-metrics';

const directory = packagePath('runbooks');

/** Read once by who makes many templates, as tests do. */
const known = new Map<string, unknown>();

function parsed(file: string): unknown {
  const document: unknown = known.get(file) ?? parse(readFileSync(join(directory, `${file}.yaml`), 'utf8'));
  known.set(file, document);
  return document;
}

/** Command documents by name. */
interface SpeakerDocuments {
  readonly order: string;
  readonly read: string;
}

export interface RunbooksProps {
  readonly deployment: Deployment;
  readonly repairRoleArn: string;
  readonly tunnelDocument: string;
  /** What `replace` asks of an instance it launched. */
  readonly daemonDocument: string;
  /** What keys a tunnel anew after a move. */
  readonly rekeyDocument: string;
  /** What an order to a speaker sends, and what reads it. */
  readonly speakerDocuments: SpeakerDocuments;
  /** Where a repair claims its gateway. */
  readonly stateTable: string;
  /** Where `replace` reads whether the new path is proven. */
  readonly reportsTable: string;
  /** What `replace` moves pinning routes with; null: nothing can be replaced. */
  readonly repinFunction: string | null;
  /** At an end in another region or account: what its repairs are called, and who claims their gateways. */
  readonly elsewhere?: { readonly claimFunction: string; readonly nameOf: (rung: Rung) => string };
}

/** Rungs for kinds of gateways that are configured, `replace` only where some gateway may be replaced; orders to speakers. */
export function publishedRungs(deployment: Deployment): Rung[] {
  const ofKinds = new Set(Object.values(deployment.gateways).flatMap((gateway) => kindOf(gateway).rungs));
  const speaks = Object.keys(speakersOf(deployment)).length > 0;
  return (Object.keys(deployment.runbooks) as Rung[]).filter((rung) => {
    if (rung === 'attract') return attracts(deployment);
    if (rungSpecs[rung].isOrder) return speaks;
    return ofKinds.has(rung) && (rung !== 'replace' || replaceableGateways(deployment).length > 0);
  });
}

export class Runbooks extends Construct {
  constructor(
    scope: Construct,
    id: string,
    {
      deployment,
      repairRoleArn,
      tunnelDocument,
      daemonDocument,
      rekeyDocument,
      speakerDocuments,
      stateTable,
      reportsTable,
      repinFunction,
      elsewhere,
    }: RunbooksProps,
  ) {
    super(scope, id);
    const names = {
      RepairRole: repairRoleArn,
      TunnelDocument: tunnelDocument,
      DaemonDocument: daemonDocument,
      RekeyDocument: rekeyDocument,
      SpeakerDocument: speakerDocuments.order,
      ...speakerPrograms(),
      StateTable: stateTable,
      ReportsTable: reportsTable,
      IdentityPrefix: identityPrefix(deployment),
      TunnelState: fileOf('tunnel-state.awk'),
      MetricsFiles: filesScript(),
      GatewayNamespace: gatewayNamespace(deployment),
      DeploymentName: deployment.name,
      Region: deployment.region,
      ...(repinFunction !== null && { RepinFunction: repinFunction }),
    };
    const read = (file: string) => filled(parsed(file), names);
    // A named document cannot be replaced; a new version is also what lets a running rung keep its own.
    const published = { documentFormat: 'JSON', updateMethod: 'NewVersion' };
    const command = (id: string, name: string): void => {
      new ssm.CfnDocument(this, id, {
        ...published,
        name,
        documentType: 'Command',
        targetType: '/AWS::EC2::Instance',
        content: read(id),
      });
    };
    if (Object.keys(instancesOf(deployment)).length > 0) command('tunnel', tunnelDocument);
    if (replaceableGateways(deployment).length > 0) command('await-daemon', daemonDocument);
    if (Object.values(instancesOf(deployment)).some(({ tunnelMetrics }) => tunnelMetrics === true))
      command('install-tunnel-metrics', `${deployment.name}-install-tunnel-metrics`);
    if (attracts(deployment)) command('rekey-tunnel', rekeyDocument);
    if (Object.keys(speakersOf(deployment)).length > 0) {
      command('speaker', speakerDocuments.order);
      command('read-speaker', speakerDocuments.read);
    }
    for (const rung of publishedRungs(deployment)) {
      new ssm.CfnDocument(this, rung, {
        ...published,
        name: elsewhere?.nameOf(rung) ?? deployment.runbooks[rung],
        documentType: 'Automation',
        content:
          elsewhere === undefined
            ? read(rung)
            : claimedElsewhere(read(rung) as RepairDocument, elsewhere.claimFunction),
      });
    }
  }
}

function filled(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    const name = /^\$\{(\w+)\}$/.exec(value)?.[1];
    if (name !== undefined && names[name] === undefined)
      throw new Error(`A runbook writes ${value}, which is none of ${Object.keys(names)}`);
    // Inside a longer text only ours are: a script has variables of its own.
    return value.replace(/\$\{(\w+)\}/g, (written, known: string) => names[known] ?? written);
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, names)]));
}
