/** Whether zones and the region agree; and who is wrong where they do not. */
import { regionOf } from './ends-sides';
import { type AuthorConfig, instancesIn } from './schema';

/** Of gateways and canaries; what the schema has refused is not among them. */
export function zonesOf(config: AuthorConfig): string[] {
  const canaries = Object.values(config.connections).flatMap((connection) => Object.values(connection.canaries));
  return [...Object.values(instancesIn(config)), ...canaries].map(({ zone }) => zone).filter((zone) => zone !== '');
}

export function isElsewhere(zone: string, config: AuthorConfig, end?: string): boolean {
  const region = regionOf(config, end);
  return zone !== '' && region !== '' && zone.slice(0, -1) !== region;
}

/** Every zone is in one region, and that is another. */
export function isRegionAlone(config: AuthorConfig): boolean {
  if (config.ends !== undefined) return false; // Each end says where it is.
  const zones = zonesOf(config);
  const regions = new Set(zones.map((zone) => zone.slice(0, -1)));
  return zones.length > 2 && regions.size === 1 && isElsewhere(zones[0] ?? '', config);
}
