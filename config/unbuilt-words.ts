/**
 * What people write into a `switchback.yaml` for things that Switchback does not do: in which spellings, why it is not
 * done, and what to do instead. A table, so that every refusal by name has all three.
 *
 * A spelling is tried only where the schema knows no such field or value, so no word here can forbid what is built.
 */
import { isRecord } from '../core/words/shape';

export type UnbuiltName = keyof typeof unbuilt;

interface Unbuilt {
  readonly what: string;
  readonly why: string;
  readonly mend: string;
  /** It is done, and written somewhere else. */
  readonly isBuilt?: true;
  /** Field names, in lower case and without anything but letters and digits. */
  readonly fields?: RegExp;
  /** The field means this only with such a value. */
  readonly fieldValue?: (value: unknown) => boolean;
  /** A text, in lower case, where a word of ours is expected (`kind`, `routing`, a zone, an id). */
  readonly values?: RegExp;
}

const isNo = (value: unknown): boolean => value === false || value === null || /^(none|no|off)$/i.test(String(value));
const isElsewhere = (value: unknown): boolean =>
  typeof value === 'number' || /arn:|\d{12}|account/i.test(String(value));

const unbuilt = {
  autoScaling: {
    what: 'an Auto Scaling group',
    why: "it starts machines with new ids, and routes to those would count as somebody else's",
    mend: 'take the instance out of the group and name it here; a launchTemplate lets Switchback replace it',
    fields:
      /^(ec2)?(asg|autoscal|scalinggroup|scaleset|instance(pool|refresh)|desiredcapacity$|(min|max)(size|capacity)$)/,
    values: /^asg\b|auto-?scaling|scaling-?group/,
  },
  singlePath: {
    what: 'a connection without a standby',
    why: 'there would be nothing to switch to',
    mend: 'add a second path, or say aloud that there is none: standby: none',
    fields: /^(has)?standby$/,
    fieldValue: isNo,
  },
  coldStandby: {
    what: 'a cold standby',
    why: 'what does not run cannot be proven, and routes never move to what is not proven',
    mend: 'remove it and keep the standby running; a gateway that somebody stopped is started in mode repair',
    fields:
      /cold|pilotlight|hibernat|^(is)?(stopped|warm|running|standby|passive|dormant)(standby)?$|^power|^(auto)?start|^(desired)?(instance)?state$|ondemand/,
  },
  floatingInterface: {
    what: 'an interface or address that an HA pair moves between its machines',
    why: 'routes would point at the same place wherever it is, so there is nothing to switch, and nobody could tell which machine to repair',
    mend: 'let the pair look after itself, or stop it moving things, give each gateway its own interface and address, and let Switchback move the routes',
    fields:
      /float|virtualip|^vips?$|vrrp|carp$|keepalived|hapair|^ha$|cluster|^members?$|^(shared|moving)(interface|eni|address|ip)$/,
  },
  severalInterfaces: {
    what: 'several interfaces of one gateway',
    why: 'routes lead to one of them',
    mend: 'write the one that your route tables point at as `interface`, once, and leave the others out',
    fields:
      /^(route|network|vpn)?(interfaces|enis|nics)(ids?)?$|(interface|eni|nic)(id)?\d+$|^(second|third|inner|outer|inside|outside|trust|untrust|private|public|internal|external|data|lan|wan|m(ana)?g(e)?m(en)?t|peer|other|extra|additional|front|back)\w*(interface|eni|nic)s?(id)?$/,
  },
  severalMachines: {
    what: 'several machines under one gateway',
    why: 'a gateway is one machine: it is what is watched, repaired and routed to',
    mend: 'declare a gateway for each of them, and a path over each',
    fields: /^(instances|machines|nodes|hosts|appliances)(ids?)?$/,
  },
  byTag: {
    what: 'a gateway or network found by its tags',
    why: 'whoever may tag could take over the traffic',
    mend: 'write the id',
    fields: /^(instance|gateway|interface|subnet|vpc|table)?(tags?|filters?|lookup|selectors?)$/,
  },
  localZone: {
    what: 'a Local Zone, Wavelength Zone or Outpost',
    why: 'Lambda puts no canary there, and an Elastic IP of there cannot move to a machine elsewhere',
    mend: 'place it in an availability zone of the region itself, such as eu-central-1a',
    fields: /^(localzone|wavelength|outpost|edge|localgateway|lgw|carriergateway|cagw|(network)?bordergroup)/,
    values: /^[a-z]{2,}(-[a-z]+)+-\d-([a-z]{3,}-\d[a-z]|wl\d)|^[a-z]+\d-[a-z]{3}\d-az\d$|-wl[zx]?-?\d|^(lgw|cagw|op)-/,
  },
  otherAccount: {
    what: "another account's route tables, subnets or gateways",
    why: 'every role of ours belongs to the account we are deployed in, and touches another only by a role of that end',
    mend: 'write it of an end, ends: {ohio: {account: "210987654321", externalId: …}}, whose gateways and tables a connection names with end: and gateways:; otherwise remove it and deploy Switchback in the account that owns the route tables (shared subnets, RAM, are routed by their owner)',
    fields:
      /account(id|name|alias|number)?s?$|^(assumed?|cross|network|table|hub)?role(arn|name|toassume)?$|^owner|ownerid$|^ram|^(resource)?share|^externalid|^(aws)?profile$|^credentials/,
    values: /^arn:[^:]*:[^:]*:[^:]*:\d{12}:/,
  },
  managedVpn: {
    what: 'of a VPN connection of AWS',
    why: 'such a connection is a gateway, as an instance is',
    mend: 'declare it under gateways, e.g. vpn-a: {vpn: vpn-…, vpnGateway: vgw-…, tunnels: [203.0.113.1, 203.0.113.2]}, or with transitGateway and attachment, and name that gateway in the path',
    isBuilt: true,
    fields:
      /^(vpn(connection|gateway|attachment)?|s2s\w*|site(to|2)site\w*|vgw|virtualprivategateway|tgw\w*|transitgateway\w*|attachment|managed(vpn)?)(id|arn)?s?$/,
    values: /^(vgw|tgw|vpn|s2s)\b|^(virtual-?private|transit|managed|site-?(to|2)-?site|aws-?vpn)|^tgw-/,
  },
  otherLink: {
    what: 'Direct Connect, Client VPN, Cloud WAN and VPN concentrators',
    why: 'only VPN instances and Site-to-Site connections are watched and moved',
    mend: 'leave it out; a connection of its own kind may stand beside it',
    fields:
      /^(customergateway|cgw|directconnect\w*|dx\w*|clientvpn\w*|cloudwan|corenetwork\w*|vpnconcentrator)(id|arn)?s?$/,
    values: /^(cgw|dx|dxgw)\b|^(customer|direct|client-?vpn|vpn-?concentrator)/,
  },
  acceleration: {
    what: 'accelerated VPN connections',
    why: 'AWS never begins their rekeys, so nobody could tell whether a replaced tunnel comes back',
    mend: 'remove it; a connection without acceleration is watched and moved',
    fields: /^(enable)?accelerat\w*$/,
  },
  otherTarget: {
    what: 'routes to anything but an interface of an instance',
    why: 'only those are watched and moved',
    mend: 'write the network interface of a VPN instance',
    values: /^(nat|igw|eigw|pcx|vpce|gwlbe?|cloudwan|core-network)\b/,
  },
  learnedRoutes: {
    what: 'routes out of the VPC that a virtual private or transit gateway learns by itself (vgw, tgw)',
    why: 'which path they lead to would have to be read from the gateway, and moved at speakers that are not ours',
    mend: 'write out: {by: routes} and list the route tables, or out: {by: route-server} where gateways of ours are peers of a Route Server; either stands beside back: {by: bgp}',
    fields: /^(routeservers|peerspeakers?|managednode)$/,
  },
  otherSpeaker: {
    what: 'a BGP daemon other than FRR',
    why: 'an order to it could not be read back, and one that nobody can verify moves nobody',
    mend: 'write software: frr, or leave the speaker out and let the partner decide (back: {by: peer})',
  },
  drainByShutdown: {
    what: 'a drain by shutting the session',
    why: 'the gateway loses its own way to the partner with it, so its canary dies and the path can never prove itself well',
    mend: 'write prepend or graceful-shutdown',
  },
  drainByMed: {
    what: 'a drain by MED',
    why: 'it is compared only between paths of one neighbouring AS: measured, nothing ever moved',
    mend: 'write prepend or graceful-shutdown',
  },
  dynamicRouting: {
    what: 'dynamic routing said in this place',
    why: 'who decides over which path packets go is said of the connection, by direction, and where routers agree among themselves, writing routes would fight them',
    mend: 'for a partner who listens to BGP write routing: {back: {by: bgp}} on the connection, speaker on its gateways, neighbors and drain on its paths; otherwise remove it and use static routes',
    fields:
      /^(bgp|ospf|bfd|asn?$|(peer|local|remote|amazon)?asn$|speaker|routeserver|aspath|prepend|communit|localpref)/,
    values: /^(bgp|ospf|eigrp|is-?is|rip|route-?server|ibgp|ebgp|propagated)\b/,
  },
  otherRegion: {
    what: "a region other than the deployment's",
    why: 'ids are regional, and so is everything that watches them',
    mend: 'where both sides of a connection are ours, write it of an end, ends: {ohio: {region: us-east-2}}; otherwise remove it, or deploy a second time there',
    fields: /^(regions|ends?|(peer|remote|other|second)region)$/,
  },
  nameRecord: {
    what: 'a name in DNS that follows a gateway',
    why: 'it is one A record in a public zone of Route 53, which a replacement changes where there is no Elastic IP',
    mend: 'write it of the gateway itself, record: {zone: Z…, name: vpn-a.example.net, ttl: 60}',
    isBuilt: true,
    fields: /^(identity|(dns|a|cname)?records?|dns|(host|dns|fqdn|domain)names?|route53\w*|hostedzone\w*|fqdn)$/,
  },
  keptAddress: {
    what: 'a private address that a replacement keeps',
    why: 'the primary address of an interface never leaves it; a secondary one does',
    mend: 'write the primary address that the interface has now here, and beside it secondaryAddress, another one of its own: a replacement takes that over, and canaries and peers aim at it',
    isBuilt: true,
    values: /^(keep|kept|sticky|preserve[ds]?|static)$/,
  },
  globalTable: {
    what: 'a lease on a global table',
    why: 'a table that two regions write to is behind by a second and takes both: two would hold one connection and move it to and fro',
    mend: 'remove it: whoever decides stands at one of the ends; for the night its region fails write standbyRegion: us-east-2',
    fields: /^(leases?|global(table)?s?|replica(tion)?(region)?s?|consistency|mrec|mrsc|multiregion\w*)$/,
  },
  takeover: {
    what: 'a second deployment that takes over where the region of the first fails',
    why: 'it stands by at the other end, where the first can be fenced, and a person lets it take over',
    mend: 'write the region of that end, standbyRegion: us-east-2',
    isBuilt: true,
    fields: /^(takeover|failover(region|to)?|(standby|backup|secondary|dr)(region|brain|deployment)|brains?)$/,
  },
  severalHomes: {
    what: 'several homes of one route set (ECMP)',
    why: 'a route of a VPC leads to one target',
    mend: 'write one path as home; a second route set may be at home on the other',
    fields: /^(homes|ecmp)$/,
  },
  partition: {
    what: 'AWS in China, GovCloud, the isolated and the sovereign regions',
    why: 'the state machine names services of the partition `aws`, and nobody could try it there: it would deploy and never fail over',
    mend: 'use a region of the partition aws',
    fields: /^partition$/,
    values: /^(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-|^aws-(cn|us-gov|iso|eusc)/,
  },
  preference: {
    what: 'a path that is preferred by itself',
    why: 'which way traffic goes belongs to the routes',
    mend: 'remove it: the `home` of each route set says where its routes belong',
    fields: /^(role|priority|primary|secondary|active|prefer(red|ence)?|weight|metric|rank|order|backup|main)$/,
  },
} as const satisfies Record<string, Unbuilt>;

/** Long enough for every word above; nobody's 100 kB key is matched against them. */
const wordLengthMax = 80;

/** What an unknown field asks for; null: nothing we know. */
export function unbuiltField(field: string, value: unknown): UnbuiltName | null {
  if (field.length > wordLengthMax) return null;
  const word = field.replace(/[^a-z0-9]/gi, '').toLowerCase();
  // `kind: transit-gateway` where no kind is known: the value says what is meant.
  if (/^(kind|type)$/.test(word)) return unbuiltValue(value);
  if (word === 'role') return isElsewhere(value) ? 'otherAccount' : 'preference';
  return find(
    ({ fields, fieldValue }) => fields?.test(word) === true && (fieldValue === undefined || fieldValue(value)),
  );
}

/** What a value asks for that is none of ours: a text, or a group with a field that says it. */
export function unbuiltValue(value: unknown): UnbuiltName | null {
  if (isRecord(value)) {
    for (const [field, inner] of Object.entries(value).slice(0, wordLengthMax)) {
      const name = unbuiltField(field, inner);
      if (name !== null) return name;
    }
    return null;
  }
  if (typeof value !== 'string' || value.length > wordLengthMax) return null;
  const text = value.toLowerCase();
  return find(({ values }) => values?.test(text) === true);
}

function find(fits: (one: Unbuilt) => boolean): UnbuiltName | null {
  const names = Object.keys(unbuilt) as UnbuiltName[];
  return names.find((name) => fits(unbuilt[name])) ?? null;
}

export function unbuiltText(name: UnbuiltName): string {
  const { what, why, mend, isBuilt }: Unbuilt = unbuilt[name];
  return isBuilt === true ? `is ${what}: ${why}; ${mend}` : `is known but not built yet (${what}): ${why}; ${mend}`;
}
