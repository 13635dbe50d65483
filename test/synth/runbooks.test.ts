/** The documents as they are deployed: no value without a pattern, no step without a limit, no way without an end. */
import type { Deployment } from '../../core/words/domain';
import { instanceAt, instancesOf } from '../../core/words/gateways';
import { limits, presets } from '../../core/words/policy';
import type { Rung } from '../../core/words/rungs';
import { secondMs } from '../../core/words/time';
import type { Synthesis } from '../../infra/assembly';
import { actions } from '../../local-cloud/services/ssm/actions';
import { partnersBehindOnePair } from '../first-night/sizes';
import { bgpDeployment } from '../given-bgp';
import { allowed, permissions } from './permissions';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

interface Step {
  readonly name: string;
  readonly action: string;
  readonly timeoutSeconds?: number;
  readonly maxAttempts?: number;
  readonly onFailure?: string;
  readonly nextStep?: string;
  readonly isEnd?: boolean;
  readonly isCritical?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each action has its own inputs.
  readonly inputs: any;
  readonly outputs?: readonly { readonly Name: string }[];
}

interface Document {
  readonly schemaVersion: string;
  readonly assumeRole?: unknown;
  readonly parameters: Readonly<
    Record<string, { readonly type: string; readonly allowedPattern?: string; readonly interpolationType?: string }>
  >;
  readonly mainSteps: readonly Step[];
  readonly outputs?: readonly string[];
}

let synthesis: Synthesis;
let spoken: Synthesis;
let documents: Record<string, Document>;
beforeAll(() => {
  synthesis = synthesizeSite(siteDeployment('affinity'));
  spoken = synthesizeSite(speaking());
  documents = {
    ...documentsOf(spoken),
    ...documentsOf(synthesis),
    ...documentsOf(synthesizeSite(siteDeployment('managed'))),
  };
});

const documentsOf = (of: Synthesis): Record<string, Document> =>
  Object.fromEntries(
    resources(of, 'AWS::SSM::Document').map(([, { Properties }]) => [Properties.Name, Properties.Content]),
  );

/** The pair, whose partner listens to BGP. */
function speaking(): Deployment {
  const pair = siteDeployment('pair');
  const { gateways, connections } = bgpDeployment();
  const speaker = instanceAt({ gateways }, 'gw-a').speaker!;
  const speakers = Object.values(instancesOf(pair)).map((gateway) => [gateway.name, { ...gateway, speaker }]);
  const { paths, ...paris } = pair.connections['paris']!;
  const spoken = Object.values(paths).map((path) => [
    path.name,
    { ...path, neighbor: connections['paris']!.paths[path.name]!.neighbor },
  ]);
  return {
    ...pair,
    gateways: Object.fromEntries(speakers),
    connections: { ...pair.connections, paris: { ...paris, paths: Object.fromEntries(spoken) } },
  };
}

const rungs = [
  'switchback-clear-source-dest-check',
  'switchback-restart-tunnel',
  'switchback-reboot',
  'switchback-stop-start',
  'switchback-replace',
  'switchback-replace-tunnel',
  'switchback-drain',
  'switchback-undrain',
];
const everything = [
  ...rungs,
  ...['switchback-on-gateway', 'switchback-on-launch', 'switchback-on-speaker', 'switchback-of-speaker'],
];
const targetsOf = ({ onFailure, nextStep, inputs }: Step): string[] => [
  ...(onFailure?.startsWith('step:') ? [onFailure.slice('step:'.length)] : []),
  ...(nextStep === undefined ? [] : [nextStep]),
  ...(inputs.Choices ?? []).map((choice: { NextStep: string }) => choice.NextStep),
  ...(inputs.Default === undefined ? [] : [inputs.Default]),
];

it('publishes the rungs of the gateways there are: five and two commands for instances, one for connections', () => {
  const ofConnections = ['switchback-replace-tunnel'];
  const ofSpeakers = ['drain', 'undrain', 'on-speaker', 'of-speaker'].map((name) => `switchback-${name}`);
  const ofInstances = everything.filter((name) => ![...ofConnections, ...ofSpeakers].includes(name));
  expect(ofSpeakers.filter((name) => !(name in documents))).toEqual([]);
  expect(Object.keys(documentsOf(synthesis)).sort()).toEqual(ofInstances.sort());
  expect(Object.keys(documentsOf(synthesizeSite(siteDeployment('managed'))))).toEqual(ofConnections);
});

describe.each(everything)('%s', (name) => {
  it('has an anchored pattern on every parameter that is a text', () => {
    for (const [parameter, { type, allowedPattern }] of Object.entries(documents[name]!.parameters)) {
      if (type === 'Integer') continue; // Nothing but a number is one.
      expect([parameter, allowedPattern]).toEqual([parameter, expect.stringMatching(/^\^.+\$$/)]);
      for (const bad of ['x; reboot', '$(reboot)', '{{ x }}', 'a\nb', '`id`', '']) {
        expect([parameter, bad, new RegExp(allowedPattern!).test(bad)]).toEqual([parameter, bad, false]);
      }
    }
  });
});

describe.each(rungs)('%s', (name) => {
  it('acts as the repair role, whoever starts it', () => {
    expect(documents[name]!.assumeRole).toEqual({ 'Fn::GetAtt': [expect.stringContaining('RepairRole'), 'Arn'] });
  });

  it('limits every step and says what its failure means', () => {
    for (const step of documents[name]!.mainSteps) {
      expect([step.name, step.timeoutSeconds]).toEqual([step.name, expect.any(Number)]);
      expect([step.name, step.onFailure]).toEqual([step.name, expect.stringMatching(/^(Abort|Continue|step:\w+)$/)]);
      expect(step.name).toMatch(/^\w{3,128}$/);
    }
  });

  it('uses no action but those the local cloud runs too', () => {
    const used = documents[name]!.mainSteps.map(({ action }) => action);
    expect(used.filter((action) => !(action in actions))).toEqual([]);
  });

  it('claims its gateway before anything else, and ends there when somebody else has it', () => {
    const [first] = documents[name]!.mainSteps;
    expect(first).toMatchObject({
      name: 'claimGateway',
      onFailure: 'Abort',
      inputs: { Api: 'UpdateItem', ConditionExpression: 'clientToken = :repair' },
    });
  });

  it('leads every step to one that exists, further down, or to an end', () => {
    const { mainSteps } = documents[name]!;
    const order = mainSteps.map((step) => step.name);
    expect(new Set(order).size).toBe(order.length);
    mainSteps.forEach((step, at) => {
      if (!step.isEnd) expect(targetsOf(step).length).toBeGreaterThan(0);
      for (const target of targetsOf(step)) expect([step.name, order.indexOf(target) > at]).toEqual([step.name, true]);
    });
  });

  it('reaches every step', () => {
    const { mainSteps } = documents[name]!;
    const reached = new Set([mainSteps[0]!.name, ...mainSteps.flatMap(targetsOf)]);
    expect(mainSteps.map((step) => step.name).filter((step) => !reached.has(step))).toEqual([]);
  });

  it('refers to nothing that does not exist', () => {
    const { mainSteps, parameters } = documents[name]!;
    const known = [
      ...Object.keys(parameters),
      ...mainSteps.flatMap((s) => (s.outputs ?? []).map((o) => `${s.name}.${o.Name}`)),
      ...mainSteps.flatMap((s) => (s.action === 'aws:runCommand' ? [`${s.name}.Output`] : [])), // Of its own accord.
      ...mainSteps.flatMap((s) => (s.action === 'aws:invokeLambdaFunction' ? [`${s.name}.Payload`] : [])),
      'automation:EXECUTION_ID',
    ];
    const used = [...JSON.stringify(mainSteps).matchAll(/\{\{ ([^}]+) \}\}/g)].map(([, reference]) => reference!);
    expect(used.filter((reference) => !known.includes(reference))).toEqual([]);
    for (const output of documents[name]!.outputs ?? []) expect(known).toContain(output);
  });
});

/** The longest way through a document, each step taking all its time in all its attempts, and a little between them. */
function longestS(steps: readonly Step[], from = 0): number {
  const step = steps[from]!;
  const betweenS = 2;
  const own = step.timeoutSeconds! * (step.maxAttempts ?? 1) + betweenS;
  return (
    own +
    Math.max(
      0,
      ...targetsOf(step).map((to) =>
        longestS(
          steps,
          steps.findIndex(({ name }) => name === to),
        ),
      ),
    )
  );
}

it('hears what the function says that points canaries elsewhere: it answers in its own time, and that ends first', () => {
  const calls = documents['switchback-replace']!.mainSteps.filter((s) => s.action === 'aws:invokeLambdaFunction');
  const { Timeout } = resource(synthesis, 'AWS::Lambda::Function', 'Repin').Properties as { Timeout: number };
  expect(Timeout * secondMs).toBeGreaterThanOrEqual(limits.repinMs + 3 * secondMs);
  expect(calls.length).toBeGreaterThan(1);
  for (const { name, timeoutSeconds } of calls) expect([name, timeoutSeconds! > Timeout]).toEqual([name, true]);
});

it.each(rungs)('%s is over, however slow, before the loop takes it for lost', (name) => {
  const startS = 10;
  const rung = name.replace('switchback-', '') as Rung;
  // So long after the deadline the loop stops asking and frees the gateway.
  const lostS = (presets.balanced.rungDeadlineMs[rung] + limits.lostAutomationMs) / secondMs;
  expect(startS + longestS(documents[name]!.mainSteps)).toBeLessThanOrEqual(lostS);
});

describe('clear-source-dest-check', () => {
  it('changes the check and nothing else of an interface, and only of the instance it was decided for', () => {
    const steps = documents['switchback-clear-source-dest-check']!.mainSteps;
    expect(steps.map(({ name }) => name)).toEqual(['claimGateway', 'isItsOwn', 'allowForwarding', 'verifyForwarding']);
    expect(steps[1]!.inputs.DesiredValues).toEqual(['{{ InstanceId }}']);
    expect(steps[2]!.inputs).toEqual({
      Service: 'ec2',
      Api: 'ModifyNetworkInterfaceAttribute',
      NetworkInterfaceId: '{{ InterfaceId }}',
      SourceDestCheck: { Value: false },
    });
  });
});

describe('replace-tunnel', () => {
  it('asks twice whether the other tunnel is there, before it touches the one', () => {
    const steps = documents['switchback-replace-tunnel']!.mainSteps;
    const order = steps.map(({ name }) => name);
    expect(order.slice(0, 4)).toEqual(['claimGateway', 'mayTunnelGo', 'isOtherProvisioned', 'isMaintenance']);
    const acts = steps.filter(({ inputs }) => inputs.Api === 'ReplaceVpnTunnel');
    expect(acts.map(({ inputs }) => [inputs.VpnTunnelOutsideIpAddress, inputs.ApplyPendingMaintenance])).toEqual([
      ['{{ Tunnel }}', undefined],
      ['{{ Tunnel }}', true],
    ]);
  });

  it('calls nothing that answers with a pre-shared key', () => {
    const calls = Object.values(documents).flatMap(({ mainSteps }) => mainSteps.map(({ inputs }) => inputs.Api));
    expect(calls.filter((api) => /DescribeVpnConnections|ModifyVpn/.test(api ?? ''))).toEqual([]);
  });
});

describe('the command document', () => {
  it('hands values to the shell in the environment, never as text', () => {
    const { mainSteps, parameters } = documents['switchback-on-gateway']!;
    for (const { interpolationType } of Object.values(parameters)) expect(interpolationType).toBe('ENV_VAR');
    expect(JSON.stringify(mainSteps)).not.toContain('{{');
  });

  it('names its parameters as restart-tunnel does, and says one of the four things the loop understands', () => {
    const { parameters, mainSteps } = documents['switchback-on-gateway']!;
    const sent = documents['switchback-restart-tunnel']!.mainSteps[1]!.inputs.Parameters;
    expect(Object.keys(sent)).toEqual(Object.keys(parameters));
    const said = [...JSON.stringify(mainSteps).matchAll(/switchback: (\w+)/g)].map(([, word]) => word);
    expect(new Set(said)).toEqual(new Set(['alive', 'dead', 'unseen', 'left']));
  });

  it('is what restart-tunnel sends', () => {
    expect(documents['switchback-restart-tunnel']!.mainSteps[1]!.inputs.DocumentName).toBe('switchback-on-gateway');
  });
});

describe('replace', () => {
  const named = (name: string) => documents['switchback-replace']!.mainSteps.find((step) => step.name === name)!;

  it('hands back the new identity', () => {
    expect(documents['switchback-replace']!.outputs!.slice(0, 2)).toEqual([
      'launch.NewInstanceId',
      'launch.NewInterfaceId',
    ]);
  });

  it('says what the name in DNS said, says, and says again', () => {
    expect(documents['switchback-replace']!.outputs!.slice(2)).toEqual([
      'findPublicAddress.PublicIp',
      'readRecord.RecordWas',
      'askRecord.RecordIs',
      'askRecordBack.RecordBack',
    ]);
  });

  it('leads the name elsewhere after the address, only without an Elastic IP, and takes nothing back for its failure', () => {
    const order = documents['switchback-replace']!.mainSteps.map(({ name }) => name);
    const ofRecord = ['hasRecord', 'findPublicAddress', 'mayChangeRecord', 'readRecord', 'changeRecord'];
    const rest = ['awaitRecord', 'askRecord', 'pointCanaryRoutes'];
    expect(order.slice(order.indexOf('awaitSecondaryAddress') + 1).slice(0, 8)).toEqual([...ofRecord, ...rest]);
    expect(named('mayChangeRecord').inputs).toMatchObject({
      Choices: [{ NextStep: 'readRecord', Variable: '{{ AllocationId }}', StringEquals: 'none' }],
      Default: 'askRecord',
    });
    for (const step of [...ofRecord, 'awaitRecord', 'askRecord'])
      expect(named(step)).toMatchObject({
        isCritical: false,
        onFailure: expect.stringMatching(/^step:(askRecord|pointCanaryRoutes)$/),
      });
  });

  it('takes a secondary address over after the Elastic IP, sees that it has, and takes all back otherwise', () => {
    const order = documents['switchback-replace']!.mainSteps.map(({ name }) => name);
    const own = ['hasSecondaryAddress', 'moveSecondaryAddress', 'awaitSecondaryAddress'];
    expect(order.slice(order.indexOf('moveAddress') + 1).slice(0, 3)).toEqual(own);
    expect(named('hasAddress').inputs).toMatchObject({ Choices: [{ NextStep: own[0], StringEquals: 'none' }] });
    for (const step of own.slice(1)) expect(named(step).onFailure).toBe('step:restoreSecondaryAddress');
    expect(named('restoreSecondaryAddress')).toMatchObject({
      nextStep: 'hadAddress',
      inputs: { NetworkInterfaceId: '{{ OldInterfaceId }}', AllowReassignment: true },
    });
  });

  it('touches nothing of the old instance before the new one has passed everything', () => {
    const order = documents['switchback-replace']!.mainSteps.map(({ name }) => name);
    expect(order.slice(0, 11)).toEqual([
      'claimGateway',
      'launch',
      'awaitRunning',
      'awaitChecks',
      'awaitAgent',
      'awaitDaemon',
      'allowForwarding',
      'verifyForwarding',
      'confirmDown',
      'hasAddress',
      'moveAddress',
    ]);
  });

  it('asks its daemon before anything is moved to it, and gives a build its time', () => {
    expect(named('awaitDaemon')).toMatchObject({
      action: 'aws:runCommand',
      inputs: { DocumentName: 'switchback-on-launch', InstanceIds: ['{{ launch.NewInstanceId }}'] },
    });
    const script = documents['switchback-on-launch']!.mainSteps[0]!.inputs;
    expect(named('awaitDaemon').timeoutSeconds).toBeGreaterThan(Number(script['timeoutSeconds']) + 30);
  });

  it('puts the new instance aside after any failure, also one whose launch was never answered', () => {
    expect(named('launch').onFailure).toBe('step:letLaunchShow');
    expect(named('letLaunchShow').nextStep).toBe('findNew');
    const waits = ['awaitRunning', 'awaitChecks', 'awaitAgent', 'awaitDaemon'];
    for (const step of [...waits, 'allowForwarding', 'verifyForwarding', 'confirmDown']) {
      expect(named(step).onFailure).toBe('step:findNew');
    }
    expect(named('moveAddress').onFailure).toBe('step:restoreAddress');
  });

  it('moves pinning routes by the function that knows them, and goes on only when all have moved', () => {
    for (const [step, interfaceId] of [
      ['pointCanaryRoutes', '{{ launch.NewInterfaceId }}'],
      ['restoreCanaryRoutes', '{{ OldInterfaceId }}'],
      ['restoreCanaryRoutesAgain', '{{ OldInterfaceId }}'],
    ] as const) {
      expect(named(step)).toMatchObject({
        action: 'aws:invokeLambdaFunction',
        inputs: { FunctionName: expect.anything(), InputPayload: { gateway: '{{ Gateway }}', interfaceId } },
      });
    }
    expect(named('areCanariesPointed').inputs).toMatchObject({
      Choices: [{ NextStep: 'proveByCanary', Variable: '{{ pointCanaryRoutes.Payload }}', Contains: '"moved":true' }],
      Default: 'restoreCanaryRoutes',
    });
    expect(named('areCanariesBack').inputs).toMatchObject({
      Choices: [{ NextStep: 'hadSecondaryAddress' }],
      Default: 'restoreCanaryRoutesAgain',
    });
  });

  it('needs no step more for more partners', () => {
    const stepsFor = (deployment: Deployment): number => {
      const documents = resources(synthesizeSite(deployment), 'AWS::SSM::Document');
      const [, replace] = documents.find(([, d]) => d.Properties.Name === 'switchback-replace')!;
      return replace.Properties.Content.mainSteps.length;
    };
    expect(stepsFor(partnersBehindOnePair(10))).toBe(stepsFor(partnersBehindOnePair(1)));
  });
});

describe('orders to speakers', () => {
  it('send the document that orders, and what reads speakers sends the one that reads', () => {
    for (const order of ['drain', 'undrain']) {
      const { inputs } = documents[`switchback-${order}`]!.mainSteps[1]!;
      expect(inputs).toMatchObject({ DocumentName: 'switchback-on-speaker', Parameters: { Order: order } });
      const taken = Object.keys(documents['switchback-on-speaker']!.parameters);
      expect(Object.keys(inputs.Parameters).sort()).toEqual(taken.sort());
    }
    const sent = (role: string) =>
      allowed(permissions(spoken), role).filter((line) => /^ssm:SendCommand.*document/.test(line));
    expect(sent('Watch')).toEqual([expect.stringMatching(/document\/switchback-of-speaker$/)]);
    expect(sent('RepairRole')).toContainEqual(expect.stringMatching(/document\/switchback-on-speaker$/));
  });

  it('are read by scripts with everything in them that they are made of', () => {
    for (const name of ['switchback-on-speaker', 'switchback-of-speaker'])
      expect(JSON.stringify(documents[name])).not.toMatch(/\$\{[A-Z]/);
  });
});
