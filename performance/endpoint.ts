/**
 * An endpoint that answers the SDK as AWS would in an incident: path a of each connection is down, b is healthy, routes
 * are on a and go where they are written. So that a function measured in a process of its own does its real work, with
 * the real clients, over real sockets.
 *
 * It is no emulator: it knows the calls our functions make in that one story, and answers any other with nothing.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reportItem } from '../adapters/dynamodb/report-item';
import { emptyMemory } from '../core/store/memory';
import type { Canary, Deployment, VpnConnectionView } from '../core/words/domain';
import type { CanaryReport } from '../core/words/evidence';
import { instanceAt, viewsOf } from '../core/words/gateways';
import { limits } from '../core/words/policy';

/** Who holds the lease in the story. */
export const holder = 'arn:aws:states:eu-central-1:111122223333:execution:switchback-failover:performance';
export const token = 7;
export const incident = 'I-7F3K2M';

export interface Endpoint {
  readonly url: string;
  readonly calls: readonly string[];
  /** Nobody holds the connections: what the sweep is for. */
  release(): void;
  /** From now on this operation of a JSON service is answered with this error. */
  refuse(operation: string, error: string): void;
  close(): Promise<void>;
}

interface Call {
  readonly operation: string;
  /** A JSON service's input, or EC2's form. */
  readonly input: Record<string, unknown>;
}

export async function openEndpoint(deployment: Deployment): Promise<Endpoint> {
  const story = new Story(deployment);
  const calls: string[] = [];
  const refused = new Map<string, string>();
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const call = callOf(request, body);
      calls.push(call.operation);
      const error = refused.get(call.operation);
      if (error !== undefined) response.statusCode = 400;
      const answer =
        error === undefined ? story.answer(call) : { __type: `com.amazonaws#${error}`, message: 'Refused' };
      response.setHeader('content-type', typeof answer === 'string' ? 'text/xml' : 'application/x-amz-json-1.0');
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    release: () => story.release(),
    refuse: (operation, error) => void refused.set(operation, error),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function callOf({ headers }: IncomingMessage, body: string): Call {
  const target = headers['x-amz-target'];
  if (typeof target === 'string')
    return { operation: target.split('.').at(-1)!, input: JSON.parse(body) as Call['input'] };
  const form = Object.fromEntries(new URLSearchParams(body));
  return { operation: form['Action'] ?? 'nothing', input: form };
}

/** A class because routes and the lease change while the story goes on. */
class Story {
  private held = true;
  private readonly canaries: readonly Canary[];
  /** Table -> the interface its routes lead to. */
  private readonly routes = new Map<string, string>();
  private readonly destinations = new Map<string, readonly string[]>();
  private readonly views: readonly VpnConnectionView[];

  constructor(deployment: Deployment) {
    this.views = Object.values(viewsOf(deployment));
    const connections = Object.values(deployment.connections);
    this.canaries = connections.flatMap((connection) => connection.canaries);
    for (const { paths, routeSets } of connections) {
      for (const { home, tables, destinations } of Object.values(routeSets)) {
        const gateway = instanceAt(deployment, paths[home]!.gateway);
        for (const table of tables) {
          this.routes.set(table, gateway.routeInterfaceId);
          this.destinations.set(table, destinations);
        }
      }
    }
  }

  release(): void {
    this.held = false;
  }

  answer({ operation, input }: Call): object | string {
    switch (operation) {
      case 'GetItem':
        return { Item: this.item(input) };
      case 'UpdateItem':
        return input['ReturnValues'] === 'ALL_NEW' ? { Attributes: this.item(input) } : {};
      case 'BatchGetItem':
        return { Responses: { reports: this.canaries.map((canary) => reportItem(this.report(canary))) } };
      case 'StartExecution':
        return { executionArn: holder, startDate: Date.now() / 1_000 };
      case 'ListExecutions':
        return { executions: [{ executionArn: holder, startDate: Date.now() / 1_000 - 1 }] };
      case 'GetExecutionHistory':
        return { events: historyEvents() };
      case 'DescribeRouteTables':
        return this.tables();
      case 'ReplaceRoute':
        this.routes.set(String(input['RouteTableId']), String(input['NetworkInterfaceId']));
        return '<ReplaceRouteResponse><return>true</return></ReplaceRouteResponse>';
      case 'DescribeVpnConnections':
        return this.vpnConnections();
      default:
        return input['Action'] !== undefined ? `<${operation}Response></${operation}Response>` : {};
    }
  }

  private item({ Key: key }: Record<string, unknown>): object | undefined {
    const { S: pk } = (key as { pk: { S: string } }).pk;
    if (!pk.startsWith('connection#')) return undefined;
    const lease = { holder: { S: holder }, leaseUntil: { N: String(Date.now() + limits.leaseMs) } };
    return { signals: { N: '1' }, token: { N: String(token) }, drains: { M: {} }, ...(this.held && lease) };
  }

  private report({ id, connection, watches }: Canary): CanaryReport {
    const isDown = watches.kind === 'service' || watches.path === 'a';
    const now = Date.now();
    return {
      schema: 1,
      canary: id,
      connection,
      reportedAt: now - 500,
      since: now - 5_000,
      verdict: isDown ? 'down' : 'healthy',
      lossRatio: isDown ? 1 : 0,
      rttMs: isDown ? null : 24,
      missedInARow: isDown ? 10 : 0,
      answeredInARow: isDown ? 0 : 100,
      answeredAt: isDown ? now - 5_500 : now - 600,
      missedSince: isDown ? now - 5_000 : 0,
      gatewayProbe: watches.kind === 'service' ? 'none' : isDown ? 'down' : 'up',
      fullSize: 'unmeasured',
      runId: 'performance',
      round: 100,
      changed: false,
    };
  }

  private vpnConnections(): string {
    const items = this.views.map(({ vpnConnectionId, tunnels }) => {
      const telemetry = tunnels.map(
        (address) => `<item><outsideIpAddress>${address}</outsideIpAddress><status>UP</status></item>`,
      );
      return `<item><vpnConnectionId>${vpnConnectionId}</vpnConnectionId><state>available</state><vgwTelemetry>${telemetry.join('')}</vgwTelemetry></item>`;
    });
    return `<DescribeVpnConnectionsResponse><vpnConnectionSet>${items.join('')}</vpnConnectionSet></DescribeVpnConnectionsResponse>`;
  }

  private tables(): string {
    const items = [...this.routes].map(([table, target]) => {
      const routes = this.destinations
        .get(table)!
        .map(
          (destination) =>
            `<item><destinationCidrBlock>${destination}</destinationCidrBlock><networkInterfaceId>${target}</networkInterfaceId><origin>CreateRoute</origin><state>active</state></item>`,
        );
      return `<item><routeTableId>${table}</routeTableId><routeSet>${routes.join('')}</routeSet></item>`;
    });
    return `<DescribeRouteTablesResponse><routeTableSet>${items.join('')}</routeTableSet></DescribeRouteTablesResponse>`;
  }
}

/** One turn, which opens the incident. */
function historyEvents(): object[] {
  const timestamp = Date.now() / 1_000;
  const memory = JSON.stringify({ ...emptyMemory, incident: { id: incident, openedAt: Date.now(), because: 'down' } });
  const output = JSON.stringify({ Payload: { decision: { kind: 'hold', because: 'down' }, memory } });
  return [
    { timestamp, type: 'TaskStateEntered', id: 1, stateEnteredEventDetails: { name: 'Assess' } },
    { timestamp, type: 'TaskSucceeded', id: 2, taskSucceededEventDetails: { output } },
  ];
}
