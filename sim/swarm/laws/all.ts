/**
 * Every law of the swarm, as witnesses of one incident.
 */
import type { Law, Scene } from '../law';
import { DarknessLaw } from './darkness';
import { ErrorLaws } from './errors';
import { LeaseLaws } from './leases';
import { PeopleLaws } from './people';
import { RepairLaws } from './repairs';
import { RouteWriteLaws } from './route-writes';

export function allLaws(scene: Scene): Law[] {
  const writes = new RouteWriteLaws(scene);
  return [
    writes,
    new LeaseLaws(scene),
    new RepairLaws(scene),
    new DarknessLaw(scene),
    new PeopleLaws(scene, writes),
    new ErrorLaws(scene),
  ];
}
