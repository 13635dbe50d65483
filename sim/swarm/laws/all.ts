/**
 * Every law of the swarm, as witnesses of one incident.
 */
import { laws } from '../../../core/decide/invariants';
import type { Law, Scene } from '../law';
import { AskedLaws } from './asked';
import { DarknessLaw } from './darkness';
import { ErrorLaws } from './errors';
import { HeardLaw } from './heard';
import { LeaseLaws } from './leases';
import { PeopleLaws } from './people';
import { QuietHomeLaws } from './quiet-home';
import { RepairLaws } from './repairs';
import { RouteWriteLaws } from './route-writes';
import { SecretsLaw } from './secrets';
import { SpeakerLaws } from './speakers';
import { SplitLaw } from './split';
import { TunnelLaws } from './tunnels';

export function allLaws(scene: Scene): Law[] {
  const writes = new RouteWriteLaws(scene);
  const repairs = new RepairLaws(scene);
  return [
    writes,
    new LeaseLaws(scene, repairs),
    repairs,
    new TunnelLaws(scene),
    new SpeakerLaws(scene),
    new DarknessLaw(scene),
    new HeardLaw(scene),
    new QuietHomeLaws(scene),
    new AskedLaws(scene),
    new SplitLaw(scene),
    new PeopleLaws(scene, writes),
    new ErrorLaws(scene),
    new SecretsLaw(scene),
  ];
}

/** Those that say when they had something to judge. */
export const judgedLaws: readonly string[] = [
  laws.heard,
  laws.finished,
  laws.homeAndHealthy,
  laws.history,
  laws.quiet,
  laws.word,
  laws.together,
  laws.oneMove,
  laws.dark,
  laws.lastAdvertised,
  laws.obeyed,
  laws.oneTunnel,
  laws.lastTunnel,
  laws.secrets,
];
