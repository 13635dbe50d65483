/** The small stack in Network Manager's region: there only when asked for, and good for one thing. */
import type { Deployment } from '../../core/words/domain';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

function heardIn(region: string | undefined): Deployment {
  const { installation, ...site } = siteDeployment('transit');
  const stands = { reserveConcurrency: false, protectsState: false, ...installation };
  return { ...site, installation: { ...stands, ...(region !== undefined && { networkManagerRegion: region }) } };
}

it('stands in that region, and hands on to the bus of the deployment, through a role that can do nothing else', () => {
  const main = synthesizeSite(heardIn('us-west-2'));
  const [other, ...more] = main.elsewhere;
  expect(more).toEqual([]);
  expect(other).toMatchObject({ stackName: 'switchback-network-manager', region: 'us-west-2' });
  const there = { ...main, ...other! };
  const bus = { 'Fn::Join': ['', ['arn:aws:events:eu-central-1:', { Ref: 'AWS::AccountId' }, ':event-bus/default']] };
  const role = resource(there, 'AWS::IAM::Role').Properties;
  expect(role.Policies.map((policy: { PolicyDocument: object }) => policy.PolicyDocument)).toEqual([
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }] },
  ]);
  expect(role.AssumeRolePolicyDocument.Statement).toEqual([
    {
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' } },
      Condition: {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnLike: { 'aws:SourceArn': expect.anything() },
      },
    },
  ]);
  const rule = resource(there, 'AWS::Events::Rule').Properties;
  expect(rule.Targets).toMatchObject([{ Arn: bus, RetryPolicy: { MaximumEventAgeInSeconds: 300 } }]);
  // What is handed on is what is listened for at home, or it would come for nothing.
  expect(resource(main, 'AWS::Events::Rule', 'SignalsNetworkManager').Properties.EventPattern).toEqual(
    rule.EventPattern,
  );
});

it('is not there where nobody asks for it, or where the deployment stands in that region itself', () => {
  for (const region of [undefined, 'eu-central-1']) {
    const { elsewhere, template } = synthesizeSite(heardIn(region));
    expect(elsewhere).toEqual([]);
    expect(resources({ template } as never, 'AWS::Events::Rule').map(([id]) => id)).toContainEqual(
      expect.stringMatching(/NetworkManager/),
    );
  }
});
