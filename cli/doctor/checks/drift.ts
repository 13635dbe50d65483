/** Is the stack as its template says? CloudFormation looks only when it is asked to, and that takes a right to start it. */
import { attempt } from '../../../adapters/attempt';
import { dayMs, instantText } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { unknown, warn, well } from '../diagnosis';
import type { Patient } from '../patient';

const lookMsMax = 30 * dayMs;

export const drift: AccountCheck = {
  name: 'drift',
  title: 'the stack is as its template says',
  needs: 'standing',
  async look(patient, { whereabouts: { stateTable } }) {
    // The state table is in the stack, unless it was handed on from an earlier one.
    const resources = await ask(patient, 'DescribeStackResources', { PhysicalResourceId: stateTable });
    const stack = textIn(resources, 'StackName');
    if (stack === null) return [unknown('', `no stack holds ${stateTable}`, 'look at the stack by hand')];
    const described = await ask(patient, 'DescribeStacks', { StackName: stack });
    const status = textIn(described, 'StackDriftStatus') ?? 'NOT_CHECKED';
    const checkedAt = Date.parse(textIn(described, 'LastCheckTimestamp') ?? '');
    const mend = `aws cloudformation detect-stack-drift --stack-name ${stack}`;
    const isOld = Number.isNaN(checkedAt) || patient.world.now() - checkedAt > lookMsMax;
    if (status === 'DRIFTED')
      return [
        warn({
          about: stack,
          found: `has drifted, as of ${Number.isNaN(checkedAt) ? 'some day' : instantText(checkedAt)}`,
          why: 'somebody changed by hand what the template says: a role, an alarm or a timeout may not be what was tested',
          mend: `aws cloudformation describe-stack-resource-drifts --stack-name ${stack} --stack-resource-drift-status-filters MODIFIED DELETED`,
        }),
      ];
    if (status !== 'IN_SYNC' || isOld)
      return [
        unknown(
          stack,
          status === 'IN_SYNC'
            ? `was looked at last at ${instantText(checkedAt)}`
            : 'was never compared with its template',
          `${mend}; then ask again`,
        ),
      ];
    return [well(`${stack} was as its template says at ${instantText(checkedAt)}`)];
  },
};

async function ask(
  { world, elsewhere }: Patient,
  operation: string,
  input: Readonly<Record<string, string>>,
): Promise<string> {
  const tried = { operation, on: Object.values(input).join(' ') };
  return String(await attempt(world, tried, () => elsewhere.ask({ service: 'cloudformation', operation, input })));
}

const textIn = (xml: string, element: string): string | null =>
  new RegExp(`<${element}>([^<]+)</${element}>`).exec(xml)?.[1] ?? null;
