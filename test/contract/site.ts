/**
 * What the contract suite runs against: a cloud, and in it a site with the two gateways, tables and routes of
 * `sim/sites/pair.yaml`. A test gets clients with the SDK's own `send` and does not know who answers.
 *
 * Ids differ from cloud to cloud, so tests read them from `site.deployment`.
 */
import type { Clock } from '../../adapters/attempt';
import type { Deployment } from '../../core/words/domain';
import { instanceAt } from '../../core/words/gateways';
import type { AwsClients } from '../../functions/world';
import { Template } from '../../local-cloud/template/template';
import { siteDeployment, synthesizeSite } from '../synth/synthesis';

export interface Site {
  readonly aws: AwsClients;
  readonly clock: Clock;
  readonly deployment: Deployment;
  readonly stateMachineArn: string;
  /** Id of a managed prefix list that no table refers to; part `transit`, else empty. */
  readonly prefixList: string;
  readonly topicArn: string;
  /** A public zone, example.net, with an A record vpn-a that says 198.51.100.1; part `zone`, else empty. */
  readonly zoneId: string;
  /** A role that trusts whoever calls. */
  readonly roleArn: string;
  /** Until every instance has finished what it was told to do. */
  settle(): Promise<void>;
  /** The address that the zone has for this name. */
  nameSays(name: string): Promise<string | undefined>;
  /** A line that a canary wrote to stdout, until its metrics can be read. */
  publish(line: string): Promise<void>;
  /** The alarm of gw-a's daemon that has no tunnel goes off, and can be read. */
  tunnelAlarm(): Promise<void>;
}

/** Building a site over the wire takes time: a test says which parts it uses. */
export type Part = 'gateways' | 'routes' | 'tables' | 'machine' | 'transit' | 'bucket' | 'topic' | 'role' | 'zone';

/** Which of these events match which of these patterns: `<pattern>: <event>`. */
export type MatchEvents = (
  patterns: Readonly<Record<string, object>>,
  events: Readonly<Record<string, ContractEvent>>,
) => Promise<ReadonlySet<string>>;

/** The parts of an event that PutEvents takes. */
export interface ContractEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Cloud {
  readonly name: 'fakes' | 'moto';
  open(): Promise<void>;
  /** A fresh one: no test sees what another did. What is not asked for need not be there. */
  site(...parts: readonly Part[]): Promise<Site>;
  readonly matchEvents: MatchEvents;
  close(): Promise<void>;
}

const standing = new Map<string, Promise<Site>>();

/** A site for tests that change nothing: they read, or are refused. Built once per cloud. */
export function standingSite(cloud: Cloud, ...parts: readonly Part[]): Promise<Site> {
  const key = [cloud.name, ...parts].join();
  const known = standing.get(key) ?? cloud.site(...parts);
  standing.set(key, known);
  return known;
}

export const startAt = Date.UTC(2026, 10, 20, 9);

const configured = siteDeployment('pair');
/** The site as configured, gw-a with numbers of its own; the fakes use its ids as they are. */
export const pair: Deployment = {
  ...configured,
  gateways: { ...configured.gateways, 'gw-a': { ...instanceAt(configured, 'gw-a'), tunnelMetrics: true } },
};

/** Two connections of AWS's own on a transit gateway, in place of the pair: part `transit`. */
export const transit: Deployment = siteDeployment('transit');
export const listedBlocks = ['10.30.0.0/16', '10.31.0.0/16'];

let synthesized: Template | undefined;

/** What is deployed for the site: the tables' keys, the rules' patterns. */
export function template(): Template {
  synthesized ??= new Template(synthesizeSite(pair));
  return synthesized;
}

export const stateTableName = (): string => tableWith('sk');
export const reportsTableName = (): string => tableWith('canary');

function tableWith(key: string): string {
  const found = template()
    .ofType('AWS::DynamoDB::Table')
    .find(({ properties }) => JSON.stringify(properties['KeySchema']).includes(`"${key}"`));
  if (found === undefined) throw new Error(`The template has no table with the key ${key}`);
  return found.name;
}

/** Ids nothing has, well-formed so that only their absence is at fault. */
export const absent = {
  table: 'rtb-0123456789abcdef0',
  interface: 'eni-0123456789abcdef0',
  instance: 'i-0123456789abcdef0',
  allocation: 'eipalloc-0123456789abcdef0',
  launchTemplate: 'lt-0123456789abcdef0',
  transitTable: 'tgw-rtb-0123456789abcdef0',
  attachment: 'tgw-attach-0123456789abcdef0',
  vpnConnection: 'vpn-0123456789abcdef0',
  prefixList: 'pl-0123456789abcdeff',
};

/** AWS's name of what went wrong; `accepted` when nothing did. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    return (error as Error).name;
  }
}

interface Command {
  readonly schema: readonly [number, string, string, ...unknown[]];
  readonly input: object;
}

/** Every command that got an answer: `DescribeRouteTablesCommand`. */
export const answered = new Set<string>();

/** The same client, its commands kept in `answered`. */
export function recorded(send: (command: Command) => Promise<unknown>): { send(command: Command): Promise<unknown> } {
  return {
    send: async (command) => {
      const output = await send(command);
      answered.add(`${command.schema[2]}Command`);
      return output;
    },
  };
}

export type { Command };
