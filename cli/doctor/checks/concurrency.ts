/** How many functions of the account may run at once: canaries run all the time, and a new account may run ten. */
import { attempt } from '../../../adapters/attempt';
import type { Deployment } from '../../../core/words/domain';
import { isRecord } from '../../../core/words/shape';
import type { AccountCheck } from '../check';
import { fail, unknown, warn, well } from '../diagnosis';

/** A minute's run of a canary outlives it, so two overlap; of a turn, one may still run out. */
const perPlace = 2;
const perConnection = 2;
/** Below it nothing can be reserved for the failover: Lambda keeps so many for functions that reserve nothing. */
const unreservedMin = 100;

export const concurrency: AccountCheck = {
  name: 'lambda-concurrency',
  title: 'Lambda lets enough run at once',
  needs: 'account',
  async look({ world, elsewhere, deployment }) {
    const tried = { operation: 'GetAccountSettings', on: 'Lambda' };
    const answer = await attempt(world, tried, () =>
      elsewhere.ask({ service: 'lambda', operation: 'GetAccountSettings', input: {} }),
    );
    const limits = isRecord(answer) && isRecord(answer['AccountLimit']) ? answer['AccountLimit'] : {};
    const free = limits['UnreservedConcurrentExecutions'];
    if (typeof free !== 'number') return [unknown('Lambda', 'it did not say how many may run', 'ask again')];
    const needed = neededBy(deployment);
    const mend = `aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000`;
    const found = `${free} may run at once beside what is reserved`;
    if (free < needed)
      return [
        fail({
          about: 'Lambda',
          found: `${found}, and ${needed} are needed`,
          why: 'canaries are throttled and fall silent, or a rescue waits for its turn',
          mend,
        }),
      ];
    const isSafe = deployment.installation?.reserveConcurrency === true || free >= unreservedMin;
    if (isSafe) return [well(`${found}; ${needed} are needed`)];
    return [
      warn({
        about: 'Lambda',
        found: `${found}; ${needed} are needed`,
        why: 'somebody else’s function can use them up, and throttle a rescue',
        mend,
      }),
    ];
  },
};

function neededBy({ connections }: Deployment): number {
  const all = Object.values(connections);
  const spots = new Set(all.flatMap(({ canaries }) => canaries.map((one) => `${one.subnetId} ${one.securityGroupId}`)));
  return perPlace * spots.size + perConnection * all.length;
}
