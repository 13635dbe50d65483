/**
 * A repair's document as it stands at an end elsewhere: its first step, which claims the gateway in the table that decides,
 * asks a function of that end, since Automation's calls do not leave their region. Everything after it stays as it is.
 *
 *     claimGateway (aws:executeAwsApi)  ->  askToClaim -> isClaimed -> the rest
 *                                                     \-> claimRefused, which always fails
 */
interface Step {
  readonly name: string;
  readonly nextStep?: string;
}

export interface RepairDocument {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly mainSteps: readonly Step[];
}

export function claimedElsewhere(document: RepairDocument, claimFunction: string): RepairDocument {
  const [claim, ...rest] = document.mainSteps;
  if (claim?.name !== 'claimGateway' || claim.nextStep === undefined)
    throw new Error(`A repair begins with ${claim?.name}, not with claimGateway: it could begin unclaimed`);
  const ClaimTable = {
    type: 'String',
    description: 'The table that decides, where the deployment is.',
    allowedPattern: '^[A-Za-z0-9._:/-]{3,1024}$',
  };
  return {
    ...document,
    parameters: { ...document.parameters, ClaimTable },
    mainSteps: [...askingSteps(claimFunction, claim.nextStep), ...rest],
  };
}

const askingSteps = (claimFunction: string, nextStep: string) => [
  {
    name: 'askToClaim',
    action: 'aws:invokeLambdaFunction',
    timeoutSeconds: 20,
    maxAttempts: 2,
    onFailure: 'step:claimRefused',
    nextStep: 'isClaimed',
    inputs: {
      FunctionName: claimFunction,
      InputPayload: {
        table: '{{ ClaimTable }}',
        gateway: '{{ Gateway }}',
        repair: '{{ Repair }}',
        execution: '{{ automation:EXECUTION_ID }}',
      },
    },
  },
  {
    name: 'isClaimed',
    action: 'aws:branch',
    timeoutSeconds: 10,
    onFailure: 'Abort',
    inputs: {
      Choices: [{ NextStep: nextStep, Variable: '{{ askToClaim.Payload }}', Contains: '"claimed":true' }],
      Default: 'claimRefused',
    },
  },
  {
    name: 'claimRefused', // No state is called so: the step fails, and with it the repair, before it has touched anything.
    action: 'aws:assertAwsResourceProperty',
    timeoutSeconds: 20,
    onFailure: 'Abort',
    isEnd: true,
    inputs: {
      Service: 'ec2',
      Api: 'DescribeInstances',
      InstanceIds: ['{{ InstanceId }}'],
      PropertySelector: '$.Reservations[0].Instances[0].State.Name',
      DesiredValues: ['taken-for-this-repair'],
    },
  },
];
