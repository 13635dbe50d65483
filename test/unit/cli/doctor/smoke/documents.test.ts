/** A deployed document whose claim is not first is never started, whatever it would do. */
import { documents } from '../../../../../cli/doctor/smoke/documents';
import type { SmokeGround } from '../../../../../cli/doctor/smoke/step';
import { readConfigFile } from '../../../../../config/read';

it('is told, and not started', async () => {
  const asked: string[] = [];
  const send = async ({ constructor: { name } }: object): Promise<object> => {
    asked.push(name);
    if (name !== 'GetDocumentCommand') throw new Error(`nobody here answers ${name}`);
    return { Content: JSON.stringify({ mainSteps: [{ name: 'reboot', action: 'aws:executeAwsApi' }] }) };
  };
  const deployment = readConfigFile('sim/sites/pair.yaml');
  const world = { aws: { ssm: { send } }, now: () => 0, sleep: async () => {} };
  const ground = { session: { world, deployment }, deployment, timeoutMs: 1_000 } as unknown as SmokeGround;
  const { findings } = await documents.run(ground);
  expect(asked.length).toBeGreaterThan(3);
  expect(new Set(asked)).toEqual(new Set(['GetDocumentCommand']));
  expect(findings.map(({ level }) => level)).toEqual(asked.map(() => 'FAIL'));
  expect(findings[0]!.found).toBe('its first step is reboot, not claimGateway; it was not started');
});
