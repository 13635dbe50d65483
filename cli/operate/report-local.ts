/**
 * The report of an incident that was played in the local cloud: read by the same command code as an account's, as
 * somebody who holds OperatorPolicy; and beside it what only a simulated world tells.
 */
import { simulationStart } from '../../local-cloud/latency';
import { loadScenario } from '../../sim/scenario';
import { simulate } from '../../sim/simulate';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import type { TimelineEntry } from '../../sim/timeline';
import { ensureBundles } from '../bundles';
import { Witness } from '../report/witness';
import { WronglyAsked } from './exit-codes';
import { footingOn, type LocalFooting, localFooting } from './local';
import { localSeed, usualScenario } from './open-local';
import { operate } from './operate';
import { report, type WhatWorldTells } from './report';
import type { SessionOptions } from './session';
import { sessionOn } from './session';

interface Played {
  readonly scenario: string;
  readonly seed: number;
  readonly timeline: readonly TimelineEntry[];
}

export interface Noted {
  seen(played: Played): WhatWorldTells;
  /** Writes the report of the newest incident, once the scenario is over: where it is, or why there is none. */
  write(played: Played, file: string): Promise<string>;
}

/** From before anything happens. */
export function note(cloud: SimulatedCloud): Noted {
  const witness = new Witness(cloud);
  const seen =
    ({ scenario, seed, timeline }: Played): WhatWorldTells =>
    (connection) => {
      const happened = timeline
        .filter(({ state }) => state === 'World')
        .map(({ atMs, because }) => ({ at: simulationStart + atMs, what: because }));
      return witness.seen(connection, `scenario ${scenario}, seed ${seed}`, happened);
    };
  return {
    seen,
    write: async (played, file) => {
      const footing = footingOn(cloud);
      const work = report(undefined, file, seen(played));
      try {
        const { json } = await footing.play(async () => work(await sessionOn(footing, cloud.world.deployment.name)));
        return `report: ${(json as { readonly report: string }).report}`;
      } catch (error) {
        if (error instanceof WronglyAsked) return `no report: ${error.message}`;
        throw error;
      }
    },
  };
}

interface Asked {
  readonly incident: string | undefined;
  readonly file: string | undefined;
  /** Of the scenario; otherwise up to the minute that was asked for. */
  readonly isToTheEnd: boolean;
}

export async function reportLocally(options: SessionOptions, { incident, file, isToTheEnd }: Asked): Promise<number> {
  const { local } = options;
  const scenario = local === undefined || local === true ? usualScenario : local;
  let seen: WhatWorldTells | undefined;
  const open = async (): Promise<LocalFooting> => {
    ensureBundles();
    const timeline: TimelineEntry[] = [];
    const onCloud = (cloud: SimulatedCloud): void => {
      seen = note(cloud).seen({ scenario, seed: localSeed, timeline });
    };
    const onEvent = (entry: TimelineEntry): void => void timeline.push(entry);
    const watch = { onCloud, onEvent };
    if (!isToTheEnd) return localFooting(loadScenario(scenario), options.at, localSeed, undefined, watch);
    let cloud: SimulatedCloud | undefined;
    await simulate(loadScenario(scenario), {
      seed: localSeed,
      tables: 'memory',
      onEvent,
      onCloud: (made) => {
        cloud = made;
        onCloud(made);
      },
    });
    return footingOn(cloud!);
  };
  return operate(options, open, (session) => report(incident, file, seen)(session));
}
