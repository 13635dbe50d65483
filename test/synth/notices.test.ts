/** Somebody hears: who is subscribed, what a person has still to do, and that a template which tells nobody is not made. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Deployment } from '../../core/words/domain';
import type { Installation } from '../../core/words/installation';
import { NobodyTold } from '../../infra/switchback';
import { text } from './permissions';
import { resources, siteDeployment, synthesizeSite } from './synthesis';

const theirs = 'arn:aws:sns:eu-central-1:123456789012:noc';

function pairWith(notify?: Installation['notify']): Deployment {
  const installation = { reserveConcurrency: false, protectsState: false, ...(notify !== undefined && { notify }) };
  return { ...siteDeployment('pair'), installation };
}

function outputsOf(deployment: Deployment): string {
  const { template } = synthesizeSite(deployment, { rehearsal: false });
  const outputs = Object.values(template['Outputs'] as Record<string, { Value: unknown }>);
  return outputs.map(({ Value }) => text(Value)).join('\n');
}

it('makes no template that acts and tells nobody', () => {
  expect(siteDeployment('pair').connections['paris']!.mode).toBe('repair');
  expect(() => synthesizeSite(pairWith(), { rehearsal: false })).toThrow(NobodyTold);
  expect(() => synthesizeSite(pairWith({ kind: 'nobody' }), { rehearsal: false })).not.toThrow();
});

it('subscribes addresses, and says at the end of the deploy that each must confirm', () => {
  const told = pairWith({ kind: 'people', emails: ['noc@example.com', 'ana@example.com'] });
  const subscriptions = resources(synthesizeSite(told), 'AWS::SNS::Subscription').map(([, { Properties }]) => [
    Properties.Protocol,
    Properties.Endpoint,
  ]);
  expect(subscriptions).toEqual([
    ['email', 'noc@example.com'],
    ['email', 'ana@example.com'],
  ]);
  expect(outputsOf(told)).toMatch(/noc@example\.com, ana@example\.com: confirm the mail/);
});

it('uses a topic that is there, and says that its policy is not ours to write', () => {
  const told = pairWith({ kind: 'people', emails: [], topic: theirs });
  const synthesis = synthesizeSite(told);
  expect(resources(synthesis, 'AWS::SNS::Topic')).toEqual([]);
  expect(resources(synthesis, 'AWS::SNS::TopicPolicy')).toEqual([]);
  const actions = resources(synthesis, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]): unknown[] => [
    ...((Properties.AlarmActions as unknown[] | undefined) ?? []),
  ]);
  // Alarms about Switchback itself are worded by a function of ours first.
  const [herald, ...others] = new Set(actions.filter((action) => action !== theirs).map((one) => JSON.stringify(one)));
  expect([actions.includes(theirs), others]).toEqual([true, []]);
  expect(herald).toMatch(/Herald.*"Arn"/);
  expect(outputsOf(told)).toMatch(/:noc is yours: add to its policy what/);
});

/** `cdk synth` with each of these flags, in one program, which loads CDK once. */
function refusals(flags: readonly string[]): { readonly codes: readonly number[]; readonly said: string } {
  const script = `const codes = [];
    process.exit = (code) => { codes.push(code); throw process; };
    for (const flag of ${JSON.stringify(flags)}) {
      const [name, value] = flag.split('=');
      process.env.CDK_CONTEXT_JSON = JSON.stringify({ [name]: value });
      delete require.cache[require.resolve('./infra/app.ts')];
      try { require('./infra/app.ts'); } catch (error) { if (error !== process) throw error; }
    }
    console.log(JSON.stringify(codes));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
  });
  return { codes: JSON.parse(stdout) as number[], said: stderr };
}

it('refuses flags which the next deploy would forget, and names the field of each', () => {
  const moved = {
    'emails=noc@example.com': 'notify: { emails:',
    'boundary=bank': 'permissionsBoundary:',
    'reserveConcurrency=true': 'reserveConcurrency: true',
  };
  const { codes, said } = refusals(Object.keys(moved));
  expect(codes).toEqual([1, 1, 1]);
  for (const [flag, field] of Object.entries(moved))
    expect(said).toContain(`-c ${flag.split('=')[0]} is read no more: write "${field}`);
});
