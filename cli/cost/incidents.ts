/**
 * What an incident costs beyond the idle time it takes: scenarios played in the local cloud, counted, minus the same
 * while of quiet. A replacement's own instance is not Switchback's and not in it.
 */
import { hourMs } from '../../core/words/time';
import { simulationStart } from '../../local-cloud/latency';
import { play } from '../../sim/playback';
import { quietHour } from './idle';
import { beyond, type Line, scaled } from './lines';
import { usageOf } from './usage';

/** From the mildest repair to the dearest one. */
const pricedScenarios = ['tunnel-process-dead', 'gateway-stopped', 'replacement'] as const;

export interface IncidentCost {
  readonly scenario: string;
  /** From the first second of the run to its end. */
  readonly lastedMs: number;
  readonly lines: readonly Line[];
}

export async function incidentCosts(scenarios: readonly string[] = pricedScenarios): Promise<IncidentCost[]> {
  const costs: IncidentCost[] = [];
  const quiet = new Map<string, readonly Line[]>();
  for (const name of scenarios) {
    const { cloud } = await play(name);
    const { deployment } = cloud.world;
    const key = JSON.stringify(deployment);
    const hourly = quiet.get(key) ?? (await quietHour(deployment, hourMs / 6)).hourly;
    quiet.set(key, hourly);
    const lastedMs = cloud.world.clock.now() - simulationStart;
    const lines = beyond(usageOf(cloud), scaled(withoutProbes(hourly), lastedMs / hourMs));
    costs.push({ scenario: name, lastedMs, lines: lines.filter(isOfIncidents) });
  }
  return costs;
}

const withoutProbes = (lines: readonly Line[]): Line[] => lines.filter(({ item }) => !item.startsWith('probes'));

/** Canaries probe on in an incident as ever: a run's ragged ends would look like a saving. */
const isOfIncidents = ({ item }: Line): boolean => !item.startsWith('canaries');
