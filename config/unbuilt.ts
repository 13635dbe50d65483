/**
 * What people ask for and the code does not do: refused by name, so that nobody believes a link is guarded when it is
 * not. The words are in `unbuilt-words.ts`; delete an entry when its feature is built.
 *
 * One cause, one complaint: what is only wrong because of something refused here is not said beside it. Whoever writes
 * `kind: vgw` shall hear that vgw is not built, not that a vgw lacks a tunnel.
 */

import { type Finding, repeated, type Step, valueAt } from './problems';
import { type AuthorConfig, instancesIn } from './schema';
import { type UnbuiltName, unbuiltField, unbuiltText, unbuiltValue } from './unbuilt-words';

export interface UnbuiltRefusal extends Finding {
  readonly name: UnbuiltName | 'control';
  /** A field beside it asks for the same thing and has said so. */
  readonly isSaid: boolean;
}

/** `shape`: what the schema found; a part of it is an author asking for what we do not have. */
export function refusals(config: AuthorConfig, tree: unknown, shape: readonly Finding[]): UnbuiltRefusal[] {
  const known = [...wholeRefusals(config), ...twiceRefusals(config)];
  const asked = shape.flatMap((finding) => askedFor(finding, tree));
  const all = [...known, ...asked.filter(({ at }) => !known.some((k) => isSame(k.at, at)))];
  const isSaid = (r: UnbuiltRefusal, i: number): boolean =>
    all.slice(0, i).some((first) => first.name === r.name && isSame(groupOf(first.at), groupOf(r.at)));
  return all.map((r, i) => ({ ...r, isSaid: isSaid(r, i) }));
}

function refusal(at: readonly Step[], name: UnbuiltName): UnbuiltRefusal {
  return { at, kind: 'not-built', name, message: unbuiltText(name), isSaid: false };
}

function askedFor(finding: Finding, tree: unknown): UnbuiltRefusal[] {
  const value = valueAt(tree, finding.at);
  const field = finding.at.findLast((step) => typeof step === 'string') ?? '';
  const name = finding.unknown === true ? unbuiltField(field, value) : valueRefused(field, value);
  return name === null ? [] : [refusal(finding.at, name)];
}

/** Fields whose text is the author's own idea: no word in them asks for anything. */
const ownNames: ReadonlySet<string> = new Set([
  'name',
  'tunnel',
  'gateway',
  'path',
  'routeSet',
  'mode',
  'page',
  'home',
  'topic',
  'permissionsBoundary',
  'networkManagerRegion',
  'table',
]);

function valueRefused(field: string, value: unknown): UnbuiltName | null {
  if (!Array.isArray(value)) return typeof value === 'string' && ownNames.has(field) ? null : unbuiltValue(value);
  if (field === 'instance') return 'severalMachines';
  if (field === 'interface') return 'severalInterfaces';
  return field === 'home' ? 'severalHomes' : null;
}

/** What the schema knows, and nothing behind it does. */
function wholeRefusals(config: AuthorConfig): UnbuiltRefusal[] {
  const region = unbuiltValue(config.region) === 'partition' ? [refusal(['region'], 'partition')] : [];
  const gateways = Object.entries(instancesIn(config)).flatMap(([name, { control }]): UnbuiltRefusal[] => {
    if (control !== 'api') return [];
    const message = 'is known but not built yet (control api): use ssm, or none (the ladder then starts at reboot)';
    return [{ at: ['gateways', name, 'control'], kind: 'not-built', name: 'control', message, isSaid: false }];
  });
  const speakers = Object.entries(instancesIn(config)).flatMap(([name, { speaker }]) =>
    speaker === undefined || speaker.software === 'frr'
      ? []
      : [refusal(['gateways', name, 'speaker', 'software'], 'otherSpeaker')],
  );
  const connections = Object.entries(config.connections).flatMap(([name, { paths, routeSets, routing }]) => {
    const under = ['connections', name];
    return [
      ...(routing?.out?.by === 'vgw' || routing?.out?.by === 'tgw'
        ? [refusal([...under, 'routing', 'out', 'by'], 'learnedRoutes')]
        : []),
      ...Object.entries(paths).flatMap(([path, { drain }]) =>
        drain === 'shutdown' || drain === 'med'
          ? [refusal([...under, 'paths', path, 'drain'], drain === 'med' ? 'drainByMed' : 'drainByShutdown')]
          : [],
      ),
      ...Object.entries(paths).flatMap(([path, { kind, routing }]) => [
        ...(kind === 'instance' ? [] : [refusal([...under, 'paths', path, 'kind'], 'managedVpn')]),
        ...(routing === 'static' ? [] : [refusal([...under, 'paths', path, 'routing'], 'dynamicRouting')]),
      ]),
      ...Object.entries(routeSets).flatMap(([set, { region: of = '' }]) =>
        of === '' || of === config.region ? [] : [refusal([...under, 'routeSets', set, 'region'], 'otherRegion')],
      ),
    ];
  });
  return [...region, ...gateways, ...speakers, ...connections];
}

/** One interface or address under two gateways: a pair that moves it, or a slip of the pen. Either way it is one. */
function twiceRefusals(config: AuthorConfig): UnbuiltRefusal[] {
  const gateways = instancesIn(config);
  const twice = (
    field: readonly Step[],
    what: string,
    of: (gateway: (typeof gateways)[string]) => string | undefined,
  ): UnbuiltRefusal[] =>
    repeated(
      'not-built',
      Object.entries(gateways).map(([name, gateway]) => ({ at: ['gateways', name, ...field], key: of(gateway) ?? '' })),
      (first) => `is ${what} of ${first[1]} too, and ${unbuiltText('floatingInterface')}`,
    ).map((finding) => ({ ...finding, name: 'floatingInterface', isSaid: false }));
  return [
    ...twice(['interface'], 'the interface', (g) => g.interface),
    ...twice(['address', 'allocation'], 'the Elastic IP', (g) => g.address?.allocation),
  ];
}

/** Is this only wrong because of something that was refused? */
export function isExplained(finding: Finding, refused: readonly UnbuiltRefusal[], tree: unknown): boolean {
  return refused.some((r) => explains(r, finding, tree));
}

function explains(r: UnbuiltRefusal, { at, about, isShape, unknown }: Finding, tree: unknown): boolean {
  if (isWithin(at, r.at)) return true;
  const group = groupOf(r.at);
  const isMissing = unknown !== true && isAbsent(valueAt(tree, at));
  if (r.name === 'singlePath') return isSame(at, [...group, 'paths']);
  if (isSame(r.at, ['region'])) return isAbout(about, r.at);
  if (!isThing(group)) {
    if (r.name !== 'managedVpn' && r.name !== 'autoScaling') return false;
    // Said of the whole connection: it need not have paths, nor what hangs on paths.
    if (group.length > 0 && about?.some((place) => isWithin(place, group)) === true) return true;
    return isWithin(at, group) && at.length > group.length && (isMissing || (group.length > 0 && isShape !== true));
  }
  // Another kind of thing has other fields, and wants none of ours.
  if (r.name === 'managedVpn') {
    if (isWithin(at, group)) return true;
    if (group[0] === 'connections' && isMissing && isSame(at, ['gateways'])) return true;
    if (group[0] === 'gateways' && isMissing && isPathOver(at, group[1], tree)) return true;
  }
  if (isAbout(about, group)) return true;
  return isWithin(at, group) && at.length > group.length && (isShape !== true || isMissing);
}

const isAbout = (about: Finding['about'], group: readonly Step[]): boolean =>
  about?.some((place) => isSame(place, group)) === true;

/** A gateway, path, route set or canary, and not what holds them. */
const isThing = (group: readonly Step[]): boolean => group[0] === 'gateways' || group.length === 4;

const isPathOver = (at: readonly Step[], gateway: Step | undefined, tree: unknown): boolean =>
  at[2] === 'paths' && valueAt(tree, [...at.slice(0, 4), 'gateway']) === gateway;

const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

/** The gateway, path, route set, canary or connection that a place is in; empty: the file itself. */
function groupOf(at: readonly Step[]): readonly Step[] {
  if (at[0] === 'gateways' && at.length > 2) return at.slice(0, 2);
  if (at[0] !== 'connections' || at.length < 3) return [];
  const isNamed = at[2] === 'paths' || at[2] === 'routeSets' || at[2] === 'canaries';
  return at.slice(0, isNamed && at.length > 4 ? 4 : 2);
}

const isWithin = (at: readonly Step[], place: readonly Step[]): boolean => place.every((step, i) => at[i] === step);
const isSame = (a: readonly Step[], b: readonly Step[]): boolean => a.length === b.length && isWithin(a, b);
