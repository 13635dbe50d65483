/** Alarms that see nothing, or that have gone off. */
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, warn } from '../diagnosis';

/** An alarm as new as the stack has had no data yet. */
const settlingMs = 10 * 60_000;

export const alarms: AccountCheck = {
  name: 'alarms',
  title: 'alarms have data, and none has gone off',
  needs: 'standing',
  async look({ world, deployment }, standing) {
    const all = await standing.alarms();
    if (all.length === 0)
      return [
        fail({
          about: `${deployment.name}/`,
          found: 'there is no alarm of this deployment',
          why: 'a failure is seen by canaries alone, and nobody hears of Switchback’s own',
          mend: 'deploy again: nothing moves by it',
        }),
      ];
    const troubles = all.flatMap(
      ({ AlarmName = '', StateValue, StateReason = '', StateUpdatedTimestamp }): readonly Diagnosis[] => {
        const isNew = world.now() - (StateUpdatedTimestamp?.getTime() ?? 0) < settlingMs;
        if (StateValue === 'ALARM')
          return [
            warn({
              about: AlarmName,
              found: `is in ALARM: ${StateReason.slice(0, 120)}`,
              why: 'it tells only when it goes off: what happens next under it stays untold',
              mend: 'switchback status',
            }),
          ];
        if (StateValue !== 'INSUFFICIENT_DATA' || isNew) return [];
        return [
          warn({
            about: AlarmName,
            found: 'has no data',
            why: 'it cannot go off: what it watches is not measured',
            mend: `see what publishes it: aws cloudwatch describe-alarms --alarm-names ${AlarmName}`,
          }),
        ];
      },
    );
    return orWell(troubles, `${counted(all.length, 'alarm')} with data, none gone off`);
  },
};
