/** Taking on a role of another account: the keys it gives, and how long at most. Trust is not the emulator's strength. */
import { assumeRole } from '../../adapters/sts/assume-role';
import { type Cloud, outcomeOf, standingSite } from './site';

export function rolesContract(cloud: Cloud): void {
  it('gives keys for the role, the external id and the session that are named', async () => {
    const { aws, clock, roleArn: role } = await standingSite(cloud, 'role');
    const keys = await assumeRole(aws.sts, { role, externalId: '3f6c', session: 'switchback: apply' }, clock);
    expect(keys).toMatchObject({ accessKeyId: expect.stringMatching(/^ASIA/) as string });
    expect(Object.values(keys).every((key) => typeof key === 'string' && key !== '')).toBe(true);
  });

  it('cuts a session name that STS would find too long', async () => {
    const { aws, clock, roleArn: role } = await standingSite(cloud, 'role');
    expect(await outcomeOf(assumeRole(aws.sts, { role, session: 'x'.repeat(200) }, clock))).toBe('accepted');
  });
}
