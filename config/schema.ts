/**
 * The shape of `switchback.yaml`: its groups and fields, their defaults, and the descriptions editors show.
 *
 * More is accepted here than is built; `unbuilt.ts` refuses the rest by name. `switchback.schema.json` is made from
 * the strict reading (scripts/write-config-schema.ts).
 */
import * as z from 'zod';
import type { Control, Mode } from '../core/words/domain';
import { own } from '../core/words/shape';
import { isIpv4 } from './addresses';
import { drillsField } from './drill-rules';
import { accountField, acrossPathFields, acrossSetField, endField } from './ends-schema';
import { type Fields, fieldsFor, type Reading } from './fields';
import { installationFields } from './installation-schema';
import { policyField } from './policy-schema';
import { quietField, windowsField } from './quiet-schema';
import { recordField } from './record-schema';
import { drainField, neighborsField, routingField, speakerField } from './speaker-schema';

/** As it stands in the file. */
export type WrittenConfig = z.output<ReturnType<typeof authorSchema>>;
export type WrittenConnection = WrittenConfig['connections'][string];
type WrittenPath = WrittenConnection['paths'][string];
type WrittenSet = WrittenConnection['routeSets'][string];
/** Over a gateway of ours at each end. */
export type AcrossPath = Extract<WrittenPath, { gateways: unknown }>;
export type AcrossSet = Extract<WrittenSet, { ends: unknown }>;

/** With one end, as the rules see every connection: of two ends each side stands by itself (ends-rules.ts). */
export interface AuthorConnection extends Omit<WrittenConnection, 'paths' | 'routeSets'> {
  readonly paths: Readonly<Record<string, Exclude<WrittenPath, AcrossPath>>>;
  readonly routeSets: Readonly<Record<string, Exclude<WrittenSet, AcrossSet>>>;
}
export interface AuthorConfig extends Omit<WrittenConfig, 'connections'> {
  readonly connections: Readonly<Record<string, AuthorConnection>>;
}
type AuthorGateway = WrittenConfig['gateways'][string];
export type AuthorVpn = Extract<AuthorGateway, { vpn: string }>;
export type AuthorInstance = Exclude<AuthorGateway, AuthorVpn>;

type Named<G> = Readonly<Record<string, G>>;
type Gateways = Pick<WrittenConfig, 'gateways'>;

const isVpn = (gateway: AuthorGateway): gateway is AuthorVpn => 'vpn' in gateway;

/** The gateways that are instances; the others have no zone, subnet or interface of their own. */
export const instancesIn = ({ gateways }: Gateways): Named<AuthorInstance> =>
  Object.fromEntries(Object.entries(gateways).flatMap(([name, one]) => (isVpn(one) ? [] : [[name, one] as const])));

/** Undefined: there is no such gateway, or it is of the other kind. */
export function instanceIn({ gateways }: Gateways, name: string): AuthorInstance | undefined {
  const gateway = own(gateways, name);
  return gateway === undefined || isVpn(gateway) ? undefined : gateway;
}

export function vpnIn({ gateways }: Gateways, name: string): AuthorVpn | undefined {
  const gateway = own(gateways, name);
  return gateway !== undefined && isVpn(gateway) ? gateway : undefined;
}

/** Those that are Site-to-Site VPN connections of AWS. */
export const vpnsIn = ({ gateways }: Gateways): Named<AuthorVpn> =>
  Object.fromEntries(Object.entries(gateways).flatMap(([name, one]) => (isVpn(one) ? [[name, one] as const] : [])));

const pathKinds = ['instance', 'vgw', 'tgw-vpn'] as const;
const routings = ['static', 'dynamic'] as const;
const controls = ['ssm', 'api', 'none'] as const satisfies readonly Control[];
const modes = ['observe', 'divert', 'repair'] as const satisfies readonly Mode[];
const protocols = ['tcp', 'udp', 'http', 'icmp'] as const;
const pins = ['subnet', 'target'] as const;
/** A round starts at most three attempts; a fourth target is a spare. */
const targetsMax = 4;
/** An AWS connection has two; the restart of as many as this fits into its document's time. */
const tunnelsMax = 4;

export function authorSchema(reading: Reading) {
  const f = fieldsFor(reading);
  return f.group({
    name: f
      .kept(
        z
          .string()
          .regex(
            /^(?!aws|amazon|ssm)[a-z][a-z0-9-]{0,30}$/,
            'is no name: use a to z, 0 to 9 and -, begin with a letter (not aws, amazon or ssm), at most 31 characters',
          )
          .default('switchback'),
        'switchback',
      )
      .describe('Prefix of every resource name.'),
    region: f.region.describe('Where all of it stands, e.g. eu-central-1.'),
    account: accountField(f).describe(
      'Its AWS account. Wanted where an end is in another, whose role must know whom to trust.',
    ),
    ends: f
      .maybe(f.named(endField(f), 'end'))
      .describe(
        'Places between which both sides of a connection are ours. Leave out where a partner is at the far end.',
      ),
    standbyRegion: f
      .maybe(f.region)
      .describe(
        "The other end's region: a second deployment stands by there, and takes over when a person says so. Leave out: none does.",
      ),
    ...installationFields(f),
    gateways: f
      .named(f.either('vpn', vpnField(f), instanceField(f), "vpn: where it is one of AWS's own"), 'gateway')
      .describe('Our side: VPN instances, and Site-to-Site VPN connections of AWS.'),
    connections: f.named(connectionField(f), 'connection').describe('One per remote network.'),
  });
}

function vpnField(f: Fields) {
  return f.group({
    vpn: f.ec2Id('vpn', 'VPN connection id').describe('The Site-to-Site VPN connection, vpn-….'),
    attachment: f
      .maybe(f.ec2Id('tgw-attach', 'transit gateway attachment id'))
      .describe('On a transit gateway: its attachment, tgw-attach-…, which routes in a tgw-rtb-… table name.'),
    transitGateway: f
      .maybe(f.ec2Id('tgw', 'transit gateway id'))
      .describe('The transit gateway it ends on, tgw-…. Either this and `attachment`, or `vpnGateway`.'),
    vpnGateway: f
      .maybe(f.ec2Id('vgw', 'virtual private gateway id'))
      .describe('The virtual private gateway it ends on, vgw-….'),
    tunnels: f
      .list(f.ipv4, 'outside address of a tunnel')
      .describe("AWS's two outside addresses; a tunnel that is replaced keeps its own."),
    initiatedBy: f
      .choice(['peer', 'aws'], 'peer')
      .describe('Who starts IKE after a tunnel was replaced: aws only where its startup action is start.'),
    peerInitiates: f
      .flag(false)
      .describe("Set true when the partner's device is known to bring a tunnel up by itself."),
    maintenance: f
      .choice(['apply', 'window', 'never'], 'never')
      .describe('Endpoint maintenance that AWS announces: apply it at once, in a window, or only tell of it.'),
    window: windowsField(f).describe('With maintenance: window, when it may be applied; users are moved ahead of it.'),
  });
}

function instanceField(f: Fields) {
  const address = f.group({
    allocation: f
      .ec2Id('eipalloc', 'Elastic IP allocation id')
      .describe('Its id, eipalloc-…: a replacement takes it over.'),
    publicIp: f.ipv4.describe('The address itself.'),
  });
  const launchTemplate = f.group({
    id: f.ec2Id('lt', 'launch template id').describe('Its id, lt-….'),
    version: f
      .whole(1, 1_000_000, 'must be a number, e.g. 3, not $Latest: one version is rehearsed')
      .describe('The version that has been rehearsed.'),
    role: f
      .text(
        /^[\w+=,.@/-]{1,512}$/,
        "is no role name: write the name of the IAM role in the template's instance profile",
      )
      .describe("The IAM role in the template's instance profile; a repair may pass this one and no other."),
  });
  const seenBy = f.group({
    vpn: f
      .ec2Id('vpn', 'VPN connection id')
      .describe("The Site-to-Site VPN connection at the tunnels' far end, vpn-…."),
    region: f.region.describe('Where it is; a region that is silent keeps nobody waiting.'),
    tunnels: f.list(f.ipv4, 'outside address of a tunnel').describe("AWS's outside addresses of its two tunnels."),
  });
  return f.group({
    end: f
      .maybe(f.reference)
      .describe('A name from `ends`: where it stands. Wanted on gateways of connections with two ends.'),
    instance: f.ec2Id('i', 'instance id').describe('The VPN instance, i-….'),
    zone: f.zone.describe('Its availability zone. Gateways of one connection belong in different ones.'),
    vpc: f.ec2Id('vpc', 'VPC id').describe('Its VPC; one for all gateways of a connection.'),
    subnet: f.ec2Id('subnet', 'subnet id').describe('The subnet of its interface.'),
    interface: f.ec2Id('eni', 'network interface id').describe('The network interface that routes point at.'),
    privateAddress: f.ipv4.describe('Its private address; canaries probe it to tell our gateway from the peer.'),
    secondaryAddress: f
      .maybe(f.ipv4)
      .describe(
        'A secondary private address of its interface that others aim at, if any: a replacement takes it over.',
      ),
    probePort: f.port.default(22).describe('TCP port of that probe. A refusal counts as alive.'),
    address: f.maybe(address).describe('The Elastic IP the peer knows. Leave out when it knows none.'),
    record: f
      .maybe(recordField(f))
      .describe('The name in DNS that peers know it by, if any: a replacement keeps it right.'),
    control: f
      .choice(controls, 'ssm', ['ssm', 'none'])
      .describe('How repairs reach the software: ssm, or none (the ladder then starts at reboot).'),
    launchTemplate: f
      .maybe(launchTemplate)
      .describe('Needed to replace the instance. Leave out: that rung is never used.'),
    seenBy: f
      .maybe(seenBy)
      .describe(
        'Its tunnels end on a VPN connection of AWS: how AWS sees them there is looked at, told, and never acted on.',
      ),
    speaker: speakerField(f),
    scheduledEvents: f
      .choice(['drain', 'tell'], 'drain')
      .describe(
        'What AWS schedules for it (reboot, stop, retirement, work on its host): users leave its paths ahead of it, or it is only told of.',
      ),
    tunnelMetrics: f
      .flag(false)
      .describe(
        'true: it publishes how many of its tunnels are up as its own daemon sees them (greenfield: tunnelMetrics of the stack; otherwise the document install-tunnel-metrics), and two alarms watch that. Some 1.84 USD a month.',
      ),
  });
}

function connectionField(f: Fields) {
  const targets = targetsField(f);
  return f.group({
    mode: f.choice(modes, 'observe').describe('observe: decide and tell. divert: move routes too. repair: everything.'),
    coupled: f.flag(true).describe('Set false when a drill has proven that each canary is answered over its own path.'),
    standby: f
      .maybe(z.enum(['none'], 'is no standby: write none, or remove it and add a second path'))
      .describe('none: a single path, said aloud. It is watched, told of and repaired, and no route moves.'),
    routing: routingField(f),
    paths: f
      .named(f.either('gateways', acrossPathField(f), pathField(f), 'gateways: where both ends are ours'), 'path')
      .describe('Two to four ways across, each over its own gateway; one with standby: none.'),
    routeSets: f
      .named(f.either('ends', acrossSetField(f), routeSetField(f), 'ends: where both ends are ours'), 'route set')
      .describe('Routes that move together.'),
    targets: targets.describe('Targets of the canaries that name none of their own.'),
    controlTarget: f
      .maybe(targetField(f))
      .describe(
        'Answers without the VPN, e.g. port 53 of the VPC resolver: while it is silent, a canary is cut off itself.',
      ),
    canaries: f.named(canaryField(f, targets), 'canary').describe('One per path and per route set, at least.'),
    quiet: quietField(f),
    rehearsal: rehearsalField(f),
    drills: drillsField(f),
    policy: policyField(f),
  });
}

function tunnelField(f: Fields) {
  const mend =
    'is no tunnel name: write the name of the connection in swanctl.conf or ipsec.conf (letters, digits, . _ -)';
  const name = f.text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, mend);
  const several = z
    .array(name)
    .min(1, 'is empty: write the name of a tunnel, or leave it out')
    .max(tunnelsMax, `has more than ${tunnelsMax} tunnels: tunnels that carry other traffic are another path`);
  return z.union([several, name], { error: mend }); // Read leniently, a name takes whatever it is given.
}

/** Of the second tunnel of a single VPN connection: that it passes anything shows only when the first is taken away. */
function rehearsalField(f: Fields) {
  const fields = f.group({
    by: f
      .choice(['peer', 'aws'], 'peer')
      .describe('Who takes the tunnel in use away: the partner, undone in seconds, or AWS, which nothing undoes.'),
    everyDays: f
      .whole(1, 400, 'is no number of days: write 1 to 400, such as 90', 90)
      .default(90)
      .describe('How often.'),
    window: windowsField(f).describe('When. Without it, only when a person asks for it.'),
    unattended: f.flag(false).describe('by: aws: true lets the schedule open it, without a person who has asked.'),
  });
  return f
    .maybe(fields)
    .describe('Rehearses the second tunnel of a VPN connection of AWS, where there is no other path.');
}

function acrossPathField(f: Fields) {
  return f.group(acrossPathFields(f, tunnelField(f)));
}

function pathField(f: Fields) {
  return f.group({
    gateway: f.reference.describe('A name from `gateways`.'),
    tunnel: f
      .maybe(tunnelField(f))
      .describe(
        "The tunnel's name in the gateway's own configuration (strongSwan: connection and child, Libreswan: connection). A list where several carry the same traffic, as the two of an AWS connection do: only those that are dead are restarted. Leave out on a NAT instance: there is no tunnel to restart.",
      ),
    kind: f
      .choice(pathKinds, 'instance', ['instance'])
      .describe('No longer needed: what carries a path is what its gateway is.'),
    neighbors: neighborsField(f),
    drain: drainField(f),
    routing: f
      .choice(routings, 'static', ['static'])
      .describe('No longer needed: who routes is said of the connection, by direction.'),
  });
}

function routeSetField(f: Fields) {
  return f.group({
    home: f.reference.describe('The path these routes belong on when all is well.'),
    tables: f
      .list(f.tableId, 'route table')
      .describe('The most important first. Of VPCs (rtb-…), or of a transit gateway (tgw-rtb-…).'),
    destinations: f.list(f.destination, 'destination').describe('CIDR blocks or prefix lists behind the VPN.'),
    propagated: f
      .flag(false)
      .describe('At home AWS propagates these routes: a static one lies over them while users are away.'),
    region: f.maybe(f.region).describe("The deployment's own, where it is written at all."),
  });
}

function canaryField(f: Fields, targets: ReturnType<typeof targetsField>) {
  return f.group({
    end: f
      .maybe(f.reference)
      .describe('A name from `ends`: where it stands, and what it sees from there. Only in connections with two ends.'),
    path: f.maybe(z.string()).describe('The path to probe: pinned, never diverted. Either this or `routeSet`.'),
    routeSet: f.maybe(z.string()).describe('The route set to follow: what users feel. Either this or `path`.'),
    zone: f.zone.describe("Not the zone of the path's gateway, whose outage would silence the witness too."),
    subnet: f
      .ec2Id('subnet', 'subnet id')
      .describe('Where it stands. A service canary: a subnet whose routes move with the set.'),
    securityGroup: f
      .ec2Id('sg', 'security group id')
      .describe('Must let it out to its targets and to the gateway, and to DynamoDB.'),
    pin: f
      .maybe(z.enum(pins))
      .describe('How a path canary is held to its path: `target` (default, any subnet) or `subnet` (its own).'),
    routeTable: f
      .maybe(f.tableId)
      .describe(
        "Path canaries: the table whose routes lead to the path's gateway: a host route (/32) per target, or, with pin: subnet, the route sets' destinations.",
      ),
    targets: targets.describe("Addresses that answer over the connection. Default: the connection's `targets`."),
    controlTarget: f.maybe(targetField(f)).describe("Default: the connection's `controlTarget`."),
  });
}

function targetField(f: Fields) {
  const shortMend = 'is no target: write an IPv4 address and a port, e.g. 172.16.0.10:443';
  const short = z
    .string()
    .regex(/^\d+\.\d+\.\d+\.\d+:\d+$/, shortMend)
    .transform((pair) => {
      const [address = '', port = ''] = pair.split(':');
      return {
        address,
        port: Number(port),
        protocol: 'tcp' as (typeof protocols)[number],
        page: undefined as string | undefined,
        refusedIsUp: true,
      };
    })
    .refine(({ address, port }) => isIpv4(address) && port >= 1 && port <= 65_535, shortMend);
  const long = f.group({
    address: f.ipv4.describe('An IPv4 address that answers over the connection and by no other way.'),
    port: f.port.describe('TCP or UDP port.'),
    protocol: f
      .choice(protocols, 'tcp')
      .describe(
        'tcp: a connection. udp: an echo of the same bytes. http: a request without TLS, and whatever is answered.',
      ),
    page: f
      .maybe(
        f.text(
          /^\/[!-~]{0,200}$/,
          'is no page: write a path on the server, e.g. /health (no spaces, at most 200 more)',
        ),
      )
      .describe(
        'http: what is asked for. Default: /. One of 1,400 bytes or more also proves that large packets return.',
      ),
    refusedIsUp: f
      .flag(true)
      .describe('A refused connection proves the round trip. Set false where our own gateway may refuse instead.'),
  });
  return z.union([short, long], {
    error: 'must be address:port, e.g. 172.16.0.10:443, or a group of address, port, protocol, page, refusedIsUp',
  });
}

function targetsField(f: Fields) {
  return f.maybe(
    z
      .array(targetField(f))
      .min(1, 'is empty: add at least one target')
      .max(targetsMax, `has more than ${targetsMax} targets: remove some`),
  );
}
