/** `switchback validate --live`: a file that can be deployed, held against the account that it would be deployed in. */
import type { Deployment } from '../../core/words/domain';
import { callerName } from '../operate/caller';
import { exitCodes } from '../operate/exit-codes';
import type { OnFooting } from '../operate/operate';
import { bareWorld, type SessionOptions } from '../operate/session';
import { acceptedText, type FileReading, readForLive } from '../validate';
import { checks } from './checks';
import { examine, outcomeOf } from './doctor';
import { patientOf } from './patient';

/** Null: the file is refused, and that has been said. */
export function liveOf(file: string, options: Pick<SessionOptions, 'json'> & { strict?: true }) {
  const reading = readForLive(file, options);
  return reading === null
    ? null
    : {
        region: reading.deployment!.region,
        work: validateLive(file, reading.deployment!, reading, options.strict === true),
      };
}

const validateLive =
  (file: string, deployment: Deployment, reading: FileReading, isStrict: boolean): OnFooting =>
  async (footing) => {
    const { elsewhere, callerArn } = footing;
    const asker = callerName(await callerArn()); // Whoever has not signed in is told so, once.
    const patient = patientOf({ deployment, whereabouts: null, world: bareWorld(footing), elsewhere });
    const chosen = checks.filter(({ needs }) => needs === 'configuration');
    const checked = await examine(patient, chosen);
    const { code, lines, json } = outcomeOf([deployment.name, deployment.region, `as ${asker}`], checked);
    const levels = checked.flatMap(({ findings }) => findings.map(({ level }) => level));
    const isMinded = levels.includes('WARN') || reading.remarks.some(({ level }) => level === 'warning');
    return {
      code: code === exitCodes.well && isStrict && isMinded ? exitCodes.notWell : code,
      lines: [acceptedText(file, reading), ...lines],
      json: { file, ok: true, problems: [], remarks: reading.remarks, live: json },
    };
  };
