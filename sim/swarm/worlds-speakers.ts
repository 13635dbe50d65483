/** Kinds of worlds in which a partner listens to BGP, by name. */
import type { Connection, Deployment } from '../../core/words/domain';
import { attracts, speakersOf } from '../../core/words/gateways';
import { isByBgp } from '../network/bgp';

type Sort = readonly [name: string, isSo: (deployment: Deployment) => boolean];

const listening = ({ connections }: Deployment): Connection[] => Object.values(connections).filter(isByBgp);
const neighborsOf = (deployment: Deployment) =>
  listening(deployment).flatMap(({ paths }) => Object.values(paths).flatMap(({ neighbor }) => neighbor ?? []));
/** BFD is what a partner is declared to move within seconds by. */
const isFast = ({ routing }: Connection): boolean => routing!.convergeWithinMs <= 10_000;

export const speakingKinds: readonly Sort[] = [
  ['answers drawn to the tunnel keyed last', attracts],
  ['answers by BGP', (site) => listening(site).length > 0],
  ['answers by BGP of two connections', (site) => listening(site).length > 1],
  ['BGP with BFD', (site) => listening(site).some(isFast)],
  ['BGP without BFD', (site) => listening(site).some((one) => !isFast(one))],
  ['drained by prepend', (site) => neighborsOf(site).some(({ drain }) => drain === 'prepend')],
  ['drained by graceful-shutdown', (site) => neighborsOf(site).some(({ drain }) => drain === 'graceful-shutdown')],
  [
    'a speaker that starts open',
    (site) => Object.values(speakersOf(site)).some(({ speaker }) => !speaker.startsDrained),
  ],
];
