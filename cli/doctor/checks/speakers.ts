/**
 * Does each speaker say to each neighbour what the configuration counts on? By what `watch` read of it a minute ago: what
 * nobody has read lately is unknown, and a path that is not known to be advertised keeps every other from being drained.
 */
import { readingKeptMs } from '../../../core/gateways/speaker';
import type { Connection, Deployment } from '../../../core/words/domain';
import type { NeighborFacts, SpeakerReport } from '../../../core/words/evidence';
import { type SpeakingGateway, speakersOf } from '../../../core/words/gateways';
import { own } from '../../../core/words/shape';
import { type Instant, spanText } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';

type Reports = Readonly<Record<string, SpeakerReport | null>>;

export const speakersCheck: AccountCheck = {
  name: 'speakers',
  title: 'what gateways advertise by BGP',
  needs: 'standing',
  async look({ deployment, world }, standing) {
    const speakers = Object.entries(speakersOf(deployment));
    const reports = await standing.speakers();
    const troubles = [
      ...speakers.flatMap(([name, speaking]) => ofSpeaker(name, speaking, reports[name] ?? null, world.now())),
      ...Object.values(deployment.connections).flatMap((one) => ofConnection(one, reports)),
    ];
    return orWell(troubles, wellText(deployment, speakers.length));
  },
};

function wellText({ connections }: Deployment, count: number): string {
  const slow = Object.values(connections).filter(({ routing }) => (routing?.convergeWithinMs ?? 0) > quickMs);
  const said = slow.map(
    ({ name, routing }) => `answers of ${name} leave a dead machine within ${spanText(routing!.convergeWithinMs)}`,
  );
  return [
    count === 0 ? 'no gateway speaks BGP' : `${counted(count, 'speaker says', 'speakers say')} what is counted on`,
    ...said,
  ].join('; ');
}

/** With BFD a partner is quicker than this. */
const quickMs = 10_000;

function ofSpeaker(
  name: string,
  { speaker, neighbors, inside }: SpeakingGateway,
  report: SpeakerReport | null,
  now: Instant,
): Diagnosis[] {
  const because = report?.unmeasured?.because;
  const isOld = report === null || now - report.reportedAt > readingKeptMs || because !== undefined;
  if (!isOld)
    return neighbors.flatMap((address) =>
      inside.includes(address)
        ? ofEndpoint(name, address, own(report.neighbors, address))
        : ofNeighbor(name, address, own(report.neighbors, address)),
    );
  const when = report === null ? 'has never been read' : `was last read ${spanText(now - report.reportedAt)} ago`;
  return [
    fail({
      about: name,
      found: `what it advertises ${when}${because === undefined ? '' : `: ${because}`}`,
      why: 'no other path of its connections is drained while nobody knows what this one advertises',
      mend: `${asked({ gateway: name }, 'show bgp summary')}; it must run BGP as AS ${speaker.as} with ${neighbors.join(' and ')}, and Systems Manager must reach it (check agent)`,
    }),
  ];
}

function ofNeighbor(gateway: string, address: string, said: NeighborFacts | undefined): Diagnosis[] {
  const session: Session = { about: `${gateway} to ${address}`, gateway, address };
  if (said === undefined)
    return unnamed(session, {
      what: 'neighbour',
      field: 'across',
      why: 'answers over this path can be neither drawn nor drained',
    });
  return [...shut(session, said), ...leaking(session, said), ...uncounted(session, said)];
}

/** Of a Route Server: what is told to it leads users, and none of their packets come from there. */
function ofEndpoint(gateway: string, address: string, said: NeighborFacts | undefined): Diagnosis[] {
  const session: Session = { about: `${gateway} to ${address}`, gateway, address };
  if (said === undefined)
    return unnamed(session, {
      what: 'endpoint',
      field: 'inside',
      why: 'the Route Server can be told nothing there, and leads nobody over this path',
    });
  if (said.session === 'down')
    return [
      warn({
        about: session.about,
        found: 'the BGP session with this endpoint of the Route Server is down',
        why: 'with the last one gone the Route Server leads nobody over this path',
        mend: `aws ec2 describe-route-server-peers must show this gateway's address as a peer of that endpoint, with the same AS numbers; ${asked(session, `show bgp neighbors ${address}`)}`,
      }),
    ];
  return leaking(session, said);
}

const unnamed = (
  session: Session,
  of: { readonly what: string; readonly field: string; readonly why: string },
): Diagnosis[] => [
  fail({
    about: session.about,
    found: 'its FRR names no such neighbour',
    why: of.why,
    mend: `write the ${of.what}’s address as FRR has it (neighbors.${of.field}), or add it there: ${asked(session, 'show bgp summary')}`,
  }),
];

interface Session {
  readonly about: string;
  readonly gateway: string;
  readonly address: string;
}

const asked = ({ gateway }: Pick<Session, 'gateway'>, what: string): string =>
  `on ${gateway}, as root: vtysh -c '${what}'`;
const advertised = (session: Session): string =>
  asked(session, `show bgp ipv4 unicast neighbors ${session.address} advertised-routes`);

/** Nothing can be drawn over it. A path that is drained by hand shuts its session and is meant to. */
function shut(session: Session, { session: state, advertises }: NeighborFacts): Diagnosis[] {
  const { about, address } = session;
  if (state === 'down' && advertises !== 'drained')
    return [
      warn({
        about,
        found: 'the BGP session is down',
        why: 'the partner answers over its other sessions alone: users moved to this path would wait for BGP, or stay dark',
        mend: `see that the tunnel is up, and that both ends agree on AS numbers and password: ${asked(session, `show bgp neighbors ${address}`)}`,
      }),
    ];
  if (advertises !== 'silent') return [];
  return [
    fail({
      about,
      found: 'the session is up, and no network is advertised over it',
      why: 'no answer can come back over this path: users moved there would be dark',
      mend: `see its network statements, and its outgoing route-map, which may deny all: ${advertised(session)}`,
    }),
  ];
}

function leaking(session: Session, { advertises }: NeighborFacts): Diagnosis[] {
  if (advertises !== 'partly') return [];
  return [
    warn({
      about: session.about,
      found: 'some of its networks are drained, and some are not',
      why: 'a drain is never seen to be done, so nobody is told to go ahead; default-originate passes no route-map',
      mend: `advertise them by network statements: ${advertised(session)}`,
    }),
  ];
}

function uncounted({ about }: Session, { session, receivedPerSecond }: NeighborFacts): Diagnosis[] {
  if (session === 'down' || receivedPerSecond !== null) return [];
  return [
    warn({
      about,
      found: 'packets that come in by its tunnel cannot be counted',
      why: 'nobody can see that a drained path has run empty, nor that the partner does not follow: no "go" is ever said',
      mend: 'give the tunnel an interface of its own (xfrm or vti, route-based IPsec)',
    }),
  ];
}

/** Each may be drained for a reason of its own; all of them never are. */
function ofConnection({ name, paths }: Connection, reports: Reports): Diagnosis[] {
  const said = Object.values(paths).flatMap(({ gateway, neighbor }) =>
    neighbor === undefined ? [] : [own(reports[gateway]?.neighbors ?? {}, neighbor.across)],
  );
  if (said.length === 0 || said.some((one) => one?.advertises !== 'drained')) return [];
  return [
    fail({
      about: name,
      found: 'each of its paths is advertised drained',
      why: 'the partner is told to prefer none, and which one it takes is chance: often not the one that packets leave by',
      mend: `switchback status ${name} says which path is wanted; if nothing changes within two minutes, take the boot configuration's SWITCHBACK route-map off that path's neighbour`,
    }),
  ];
}
