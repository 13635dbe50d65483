/** The commands that look at an account with the rights of whoever asks. */
import { readConfigFile } from '../../config/read';
import { instantText } from '../../core/words/time';
import type { JsonObject } from '../../local-cloud/template/json';
import { callerName } from '../operate/caller';
import type { Outcome } from '../operate/operate';
import { bareWorld, type Footing, type SessionOptions, sessionOn } from '../operate/session';
import { tableLines } from '../operate/table';
import { checks } from './checks';
import { chosenChecks, examine, outcomeOf } from './doctor';
import { type Patient, patientOf } from './patient';
import { examiningPolicy, smokingPolicy } from './policy';

export interface DoctorOptions extends SessionOptions {
  /** A file: what it declares, before it is deployed. */
  readonly config?: string;
  /** Names of checks. */
  readonly only?: string;
}

/** For the local cloud. */
export const ownRights: JsonObject = examiningPolicy;
export const smokeRights: JsonObject = smokingPolicy;

export const policyText = (of: 'doctor' | 'smoke'): string =>
  `${JSON.stringify(of === 'doctor' ? examiningPolicy : smokingPolicy, null, 2)}\n`;

export const checkList = (): string => `${tableLines(checks.map(({ name, title }) => [name, title])).join('\n')}\n`;

export const doctor =
  (options: DoctorOptions) =>
  async (footing: Footing): Promise<Outcome> => {
    const chosen = chosenChecks(options.only);
    const patient = await admitted(footing, options);
    const asker = await footing.callerArn();
    const { name, region } = patient.deployment;
    const head = [name, region, `as ${callerName(asker)}`, instantText(footing.clock.now())];
    return outcomeOf(head, await examine(patient, chosen));
  };

async function admitted(footing: Footing, { config, name }: DoctorOptions): Promise<Patient> {
  const { elsewhere } = footing;
  if (config !== undefined)
    return patientOf({
      deployment: readConfigFile(config),
      whereabouts: null,
      world: bareWorld(footing),
      elsewhere,
    });
  const { deployment, whereabouts, world } = await sessionOn(footing, name);
  return patientOf({ deployment, whereabouts, world, elsewhere });
}
