/**
 * What kinds of worlds a swarm has been in, by name: a world that was never drawn proves nothing.
 */
import type { Connection, Deployment } from '../../core/words/domain';
import { endsElsewhere } from '../../core/words/end-names';
import { changeWeights } from './change';
import { divertHabit, habitWeights } from './habits';
import { pasts } from './past';
import { endWeights } from './storm-ends';
import { storyWeights } from './storm-tunnels';
import { fateNames, managedKinds } from './worlds-managed';
import { speakingKinds } from './worlds-speakers';

type Sort = readonly [name: string, isSo: (deployment: Deployment) => boolean];

const connectionsOf = ({ connections }: Deployment) => Object.values(connections);
const setsOf = (deployment: Deployment) =>
  connectionsOf(deployment).flatMap(({ routeSets }) => Object.values(routeSets));
const canariesOf = (deployment: Deployment) => connectionsOf(deployment).flatMap(({ canaries }) => canaries);
const hasDestination = (deployment: Deployment, mark: string): boolean =>
  setsOf(deployment).some(({ destinations }) => destinations.some((one) => one.includes(mark)));

/** Gateways at the two ends that stand in other orders: `frankfurt-a` to `ohio-b`. */
const isCrossed = ({ paths }: Connection): boolean =>
  Object.values(paths).some(({ gateway, far }) => far !== undefined && far.gateway.at(-1) !== gateway.at(-1));

const isAny = (sorts: readonly Sort[], deployment: Deployment): boolean => sorts.some(([, isSo]) => isSo(deployment));
const hasEnds = (deployment: Deployment): boolean => connectionsOf(deployment).some(({ ends }) => ends !== undefined);

const kinds: readonly Sort[] = [
  // Of which of the five systems (docs/SYSTEMS.md) a site holds one beside software pairs, which all hold.
  ['system S1 or S2', (site) => isAny(managedKinds, site)],
  ['system S4', (site) => isAny(speakingKinds, site)],
  ['system S5', hasEnds],
  ['four connections or more', (site) => connectionsOf(site).length >= 4],
  ['six connections', (site) => connectionsOf(site).length === 6],
  ['eight connections', (site) => connectionsOf(site).length === 8],
  ['quiet windows', (site) => connectionsOf(site).some(({ quiet }) => quiet !== undefined)],
  ['failback: manual', (site) => connectionsOf(site).some(({ policy }) => policy.failback === 'manual')],
  ['four paths', (site) => connectionsOf(site).some(({ paths }) => Object.keys(paths).length === 4)],
  [
    'five route sets or more',
    (site) => connectionsOf(site).some(({ routeSets }) => Object.keys(routeSets).length >= 5),
  ],
  ['IPv6', (site) => hasDestination(site, ':')],
  ['prefix list', (site) => hasDestination(site, 'pl-')],
  ['crossed gateways', (site) => connectionsOf(site).some((one) => isCrossed(one))],
  ['an end in another region', (site) => endsElsewhere(site).some(({ region }) => region !== site.region)],
  ['an end in another account', (site) => endsElsewhere(site).some(({ account }) => account !== undefined)],
  ['three ends', (site) => Object.keys(site.ends ?? {}).length === 3],
  ['control target', (site) => canariesOf(site).some(({ controlTarget }) => controlTarget !== undefined)],
  ...managedKinds,
  ...speakingKinds,
  [
    'http target',
    (site) => canariesOf(site).some(({ targets }) => targets.some(({ protocol }) => protocol === 'http')),
  ],
];

export const siteKinds: readonly string[] = kinds.map(([name]) => name);

export const sorts = (deployment: Deployment): string[] =>
  kinds.filter(([, isSo]) => isSo(deployment)).map(([name]) => name);

const services = ['ec2', 'ssm', 'dynamodb', 'cloudwatch', 'stepfunctions', 'sns', 'lambda'];

/** All that over many seeds must have been met. */
export const drawnWorlds: readonly string[] = [
  ...siteKinds,
  ...pasts,
  ...Object.keys(changeWeights),
  ...Object.keys(habitWeights),
  divertHabit,
  ...Object.keys(storyWeights),
  ...Object.keys(endWeights),
  ...fateNames,
  ...services.map((service) => `slow ${service}`),
  ...['version', 'policy', 'ids', 'path'].map((change) => `redeploy ${change}`),
];
