/** CDK deploys through roles and a bucket that `cdk bootstrap` makes once an account and region. */
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { attempt } from '../../../adapters/attempt';
import type { AccountCheck } from '../check';
import { fail, warn, well } from '../diagnosis';

/** The templates' manifest: requiresBootstrapStackVersion. */
const versionMin = 6;
const parameter = '/cdk-bootstrap/hnb659fds/version';

export const bootstrap: AccountCheck = {
  name: 'bootstrap',
  title: 'CDK bootstrap',
  needs: 'account',
  async look({ world, deployment, standing }) {
    const tried = { operation: 'GetParameters', on: parameter };
    const { Parameters = [] } = await attempt(world, tried, () =>
      world.aws.ssm.send(new GetParametersCommand({ Names: [parameter] })),
    );
    const version = Number(Parameters[0]?.Value ?? 0);
    if (version >= versionMin) return [well(`bootstrapped, version ${version}`)];
    const found = version === 0 ? 'this account and region is not bootstrapped' : `version ${version} is too old`;
    // What stands was deployed in another way, by a plain template say: then nothing is missing until CDK is used.
    return [
      (standing === null ? fail : warn)({
        about: deployment.region,
        found,
        why: '`cdk deploy` ends in an error before it makes anything',
        mend: `npx cdk bootstrap aws://${standing?.whereabouts.account ?? 'ACCOUNT'}/${deployment.region}, or deploy by \`switchback synth\``,
      }),
    ];
  },
};
