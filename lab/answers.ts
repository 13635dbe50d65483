/**
 * Where the cloud's routes are static and the site hears by BGP how to answer: a speaker on each gateway, one on each
 * remote gateway, and the site's own router, which picks the way back.
 *
 *     vpc ── gateway a (64601) ══ remote a (65001) ══ site (65010)
 *        └── gateway b (64602) ══ remote b (65002) ═══╝
 *
 * Both gateways announce the VPC, the standby with its AS twice: preference is set by who sends, so that it can be changed
 * there. The subnet of a path's canary is announced by that path's gateway alone: answers to it come back the way they
 * were asked, whatever the way of users' answers. A site that prefers home by local-preference looks at no AS path.
 */
import type { LabPlan } from './plan';
import { remoteOf, serverNetwork, transit, vpcNetwork } from './plan';
import type { Router } from './routers';

export interface Speaking {
  readonly path: string;
  /** The gateway's namespace. */
  readonly host: string;
}

export interface AnswersOptions {
  /** The site prefers home by local-preference. */
  readonly ignoresPrepend?: boolean;
}

const firstCloudAs = 64_601;
const firstRemoteAs = 65_001;
const siteAs = 65_010;

export const speakerAs = (index: number): number => firstCloudAs + index;

/** The first of `paths` is home. */
export function answeringRouters(
  plan: LabPlan,
  paths: readonly Speaking[],
  { ignoresPrepend = false }: AnswersOptions = {},
): Router[] {
  const site: Router = {
    host: 'site',
    as: siteAs,
    networks: [serverNetwork],
    neighbours: paths.map(({ path }, i) => ({
      address: remoteOf(plan, path).inside,
      as: firstRemoteAs + i,
      isPreferred: ignoresPrepend && i === 0,
    })),
  };
  const ends = paths.flatMap(({ path, host }, i): Router[] => {
    const remote = remoteOf(plan, path);
    const { ours, theirs } = transit(remote.mark);
    return [
      {
        host,
        as: speakerAs(i),
        networks: [vpcNetwork, ...pinnedSubnets(plan, path)],
        neighbours: [{ address: theirs, as: firstRemoteAs + i, prepends: i === 0 ? 0 : 1 }],
      },
      {
        host: remote.name,
        as: firstRemoteAs + i,
        networks: [],
        neighbours: [
          { address: ours, as: speakerAs(i) },
          { address: remote.insideRouter, as: siteAs },
        ],
      },
    ];
  });
  return [site, ...ends];
}

const pinnedSubnets = ({ connection, hosts }: LabPlan, path: string): string[] =>
  connection.canaries
    .filter(({ watches }) => watches.kind === 'path' && watches.path === path)
    .map(({ subnetId }) => hosts.find((host) => host.subnetId === subnetId)!.subnet);
