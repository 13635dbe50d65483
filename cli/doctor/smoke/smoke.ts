/**
 * `switchback smoke`: after a deploy, what only AWS can settle, and nothing moves. Documents are started without their
 * token, the machine is asked for what nobody may have, canaries are watched. What AWS's own clocks gave away meanwhile is
 * written to a file that calibrates the simulator for this site.
 */
import { writeFileSync } from 'node:fs';
import { isFault } from '../../../adapters/errors';
import { instantText } from '../../../core/words/time';
import { callerName } from '../../operate/caller';
import { endFrom, exitCodes } from '../../operate/exit-codes';
import type { OnFooting } from '../../operate/operate';
import { type SessionOptions, sessionOn } from '../../operate/session';
import { subscriptions } from '../checks/subscriptions';
import { unknown } from '../diagnosis';
import { type Checked, examine, outcomeOf } from '../doctor';
import { patientOf } from '../patient';
import { documents } from './documents';
import { hopsFrom, type LatencyFile } from './latency-file';
import { machine } from './machine';
import { notice } from './notice';
import type { Samples, SmokeGround, SmokeStep } from './step';
import { watched } from './watched';

export interface SmokeOptions extends SessionOptions {
  /** Where the latencies go. */
  readonly output: string;
  /** Send everybody who is told of incidents a test notice. */
  readonly tell?: true;
}

const steps: readonly SmokeStep[] = [documents, machine, watched];

export const smoke =
  (options: SmokeOptions): OnFooting =>
  async (footing) => {
    const session = await sessionOn(footing, options.name);
    const { deployment, whereabouts, world } = session;
    const { elsewhere } = footing;
    const asker = callerName(await footing.callerArn());
    const ground: SmokeGround = { session, elsewhere, deployment, timeoutMs: options.timeout };
    const checked: Checked[] = [];
    const samples: Samples[] = [];
    for (const step of options.tell === true ? [...steps, notice] : steps) {
      const done = await smoked(ground, step);
      checked.push({ check: step.name, title: step.title, findings: done.findings });
      samples.push(done.samples);
    }
    checked.push(...(await examine(patientOf({ deployment, whereabouts, world, elsewhere }), [subscriptions])));
    const file: LatencyFile = {
      ...{ schema: 1, site: whereabouts.name, region: whereabouts.region, at: instantText(world.now()) },
      hops: hopsFrom(samples),
    };
    writeFileSync(options.output, `${JSON.stringify(file, null, 2)}\n`);
    const outcome = outcomeOf([whereabouts.name, whereabouts.region, `as ${asker}`, instantText(world.now())], checked);
    const measured = Object.entries(file.hops).map(
      ([name, { p50, p99, samples: count }]) => `  ${name.padEnd(14)}  p50 ${p50} ms, p99 ${p99} ms, of ${count}`,
    );
    return {
      code: outcome.code,
      lines: [
        ...outcome.lines,
        '',
        ...measured,
        `Written to ${options.output}: switchback simulate --calibrated ${options.output}`,
      ],
      json: { ...(outcome.json as object), latencies: file, file: options.output },
    };
  };

async function smoked(ground: SmokeGround, step: SmokeStep): ReturnType<SmokeStep['run']> {
  try {
    return await step.run(ground);
  } catch (error) {
    if (!isFault(error) && (error as Error).name !== 'NotModelled') throw error;
    const missed = endFrom(error).code === exitCodes.noAccess ? 'denied' : 'unanswered';
    const reading = unknown(
      '',
      `could not look: ${(error as Error).message}`,
      'switchback smoke --policy prints what allows it',
    );
    return { findings: [{ ...reading, missed }], samples: {} };
  }
}
