/** Does every canary report, and by a clock that agrees with this one? */
import { spanText } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';

/** A canary reports every second or so; a minute's silence is no hiccup. */
const silenceMsMax = 60_000;
/** Evidence from further ahead is not believed. */
const aheadMsMax = 5_000;

export const canariesReport: AccountCheck = {
  name: 'canaries',
  title: 'every canary reports',
  needs: 'standing',
  async look({ deployment, world }, standing) {
    const reports = await standing.reports();
    const now = world.now();
    const troubles = Object.values(deployment.connections).flatMap(({ canaries }) =>
      canaries.flatMap(({ id }): readonly Diagnosis[] => {
        const report = reports[id] ?? null;
        const ageMs = report === null ? Infinity : now - report.reportedAt;
        if (ageMs < -aheadMsMax)
          return [
            warn({
              about: id,
              found: `its report is from ${spanText(-ageMs)} ahead of this machine’s clock`,
              why: 'a clock is wrong, here or there: what is young cannot be told from what is stale',
              mend: 'see the check clock',
            }),
          ];
        if (ageMs <= silenceMsMax) return [];
        return [
          fail({
            about: id,
            found: report === null ? 'there is no report of it' : `its last report is ${spanText(ageMs)} old`,
            why: 'a silent canary proves nothing: its path is never diverted to',
            mend: `read its log: aws logs tail ${standing.whereabouts.logGroups[id] ?? '<its log group>'} --since 10m`,
          }),
        ];
      }),
    );
    const count = Object.keys(reports).length;
    return orWell(troubles, `${counted(count, 'canary reports', 'canaries report')}`);
  },
};
