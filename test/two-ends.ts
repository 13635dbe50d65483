/**
 * A configuration whose connection has two ends: frankfurt, where the deployment stands, and ohio, in the same region and
 * account until a test says otherwise. As a tree, fresh each time, for tests to break.
 */

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;

const zoneOf = { a: 'eu-central-1a', b: 'eu-central-1b' } as const;
type PathName = keyof typeof zoneOf;

interface EndOf {
  readonly letter: 'f' | 'o';
  readonly net: number;
  readonly other: number;
}

const frankfurt: EndOf = { letter: 'f', net: 10, other: 20 };
const ohio: EndOf = { letter: 'o', net: 20, other: 10 };

const hex = { f: '1', o: '2' } as const;
const idOf = (kind: string, { letter }: EndOf, tail: string): string =>
  `${kind}-0${tail.padStart(15, '0')}${hex[letter]}`;

const gateway = (end: string, at: EndOf, path: PathName): Tree => ({
  end,
  instance: idOf('i', at, path),
  zone: zoneOf[path],
  vpc: idOf('vpc', at, ''),
  subnet: idOf('subnet', at, path),
  interface: idOf('eni', at, path),
  privateAddress: `10.${at.net}.${path === 'a' ? 1 : 2}.10`,
  address: { allocation: idOf('eipalloc', at, path), publicIp: `203.0.113.${at.net + (path === 'a' ? 1 : 2)}` },
  launchTemplate: { id: idOf('lt', at, path), version: 3, role: 'vpn-gateway' },
});

const pathCanary = (end: string, at: EndOf, path: PathName): Tree => ({
  end,
  path,
  zone: zoneOf[path === 'a' ? 'b' : 'a'],
  subnet: idOf('subnet', at, `c${path}`),
  securityGroup: idOf('sg', at, ''),
  routeTable: idOf('rtb', at, `c${path}`),
  targets: [`10.${at.other}.${path === 'a' ? 1 : 2}.10:22`],
});

const serviceCanary = (end: string, at: EndOf): Tree => ({
  end,
  routeSet: 'all',
  zone: zoneOf.b,
  subnet: idOf('subnet', at, 'e'),
  securityGroup: idOf('sg', at, ''),
  targets: [`10.${at.other}.9.10:443`],
});

const setAt = (at: EndOf): Tree => ({
  tables: [idOf('rtb', at, '1'), idOf('rtb', at, '2')],
  destinations: [`10.${at.other}.0.0/16`],
});

export const twoEnds = (): Tree => ({
  name: 'mesh',
  region: 'eu-central-1',
  notify: 'none',
  ends: { frankfurt: {}, ohio: {} },
  gateways: {
    'f-a': gateway('frankfurt', frankfurt, 'a'),
    'f-b': gateway('frankfurt', frankfurt, 'b'),
    'o-a': gateway('ohio', ohio, 'a'),
    'o-b': gateway('ohio', ohio, 'b'),
  },
  connections: {
    mesh: {
      mode: 'repair',
      coupled: false,
      paths: {
        a: { gateways: { frankfurt: 'f-a', ohio: 'o-a' }, tunnel: 'mesh-a' },
        b: { gateways: { frankfurt: 'f-b', ohio: 'o-b' }, tunnel: { frankfurt: 'mesh-b', ohio: 'to-frankfurt-b' } },
      },
      routeSets: { all: { home: 'a', ends: { frankfurt: setAt(frankfurt), ohio: setAt(ohio) } } },
      canaries: {
        'f-path-a': pathCanary('frankfurt', frankfurt, 'a'),
        'f-path-b': pathCanary('frankfurt', frankfurt, 'b'),
        'f-all': serviceCanary('frankfurt', frankfurt),
        'o-path-a': pathCanary('ohio', ohio, 'a'),
        'o-path-b': pathCanary('ohio', ohio, 'b'),
        'o-all': serviceCanary('ohio', ohio),
      },
    },
  },
});
