/** The fence at another's role: what is written, read back, taken back, and told from what was there before. */
import { isFenced, liftFence, lookAtFence, putFence, takeBack } from '../../../../cli/operate/fence';
import type { IamRoles } from '../../../../cli/operate/roles';

const now = Date.UTC(2026, 10, 20, 9);
const trusting = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::111122223333:root' } };

/** `deaf`: takes every change, and keeps none. */
function scene(trust: object = { Version: '2012-10-17', Statement: [trusting] }, deaf = false) {
  const state = { trust: JSON.stringify(trust), policy: null as string | null };
  const written: string[] = [];
  const roles: IamRoles = {
    trustOf: async () => state.trust,
    policyOf: async () => state.policy,
    setTrust: async (_, document) => {
      written.push('trust');
      if (!deaf) state.trust = document;
    },
    setPolicy: async (_, __, document) => {
      written.push('policy');
      if (!deaf) state.policy = document;
    },
  };
  return { state, roles, written };
}

it('denies keys by an age that lies ahead, since IAM may still give some out meanwhile, and trusts nobody', async () => {
  const { state, roles } = scene();
  const before = await lookAtFence(roles, 'end');
  expect(isFenced(before)).toBe(false);
  expect(await putFence(roles, 'end', before, now)).toBe(now + 600_000);
  expect(JSON.parse(state.policy!).Statement).toEqual([
    {
      ...{ Effect: 'Deny', Action: '*', Resource: '*' },
      Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-11-20T09:10:00.000Z' } },
    },
  ]);
  const nobody = { Sid: 'SwitchbackTakenOver', Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
  expect(JSON.parse(state.trust)).toEqual({ Version: '2012-10-17', Statement: [trusting, nobody] });
  expect(isFenced(await lookAtFence(roles, 'end'))).toBe(true);
});

it('is put twice as well as once, its age then later, and lifted as if it had never been', async () => {
  const { state, roles } = scene();
  const trust = state.trust;
  await putFence(roles, 'end', await lookAtFence(roles, 'end'), now);
  await putFence(roles, 'end', await lookAtFence(roles, 'end'), now + 60_000);
  expect(JSON.parse(state.trust).Statement).toHaveLength(2);
  expect(state.policy).toContain('2026-11-20T09:11:00.000Z');
  await liftFence(roles, 'end');
  expect(state).toEqual({ trust, policy: null });
});

it('reads a trust whose only statement stands alone, and keeps what somebody else has added', async () => {
  const { state, roles } = scene({ Statement: trusting });
  await putFence(roles, 'end', await lookAtFence(roles, 'end'), now);
  expect(JSON.parse(state.trust).Statement).toHaveLength(2);
  await liftFence(roles, 'end');
  expect(JSON.parse(state.trust)).toEqual({ Statement: [trusting] });
});

it('is taken back to what was there, a fence of before included', async () => {
  const { state, roles } = scene();
  await putFence(roles, 'end', await lookAtFence(roles, 'end'), now);
  const earlier = { ...state };
  const before = await lookAtFence(roles, 'end');
  await putFence(roles, 'end', before, now + 60_000);
  await takeBack(roles, 'end', before);
  expect(state).toEqual(earlier);
});

it('is none where it does not read back', async () => {
  const { roles } = scene(undefined, true);
  const putting = putFence(roles, 'end', await lookAtFence(roles, 'end'), now);
  await expect(putting).rejects.toThrow('the fence at end does not read back as it was written');
});

it('touches nothing where the trust is none', async () => {
  const { roles, written, state } = scene();
  state.trust = '';
  await expect(putFence(roles, 'end', { trust: '', policy: null }, now)).rejects.toThrow('a trust policy that is none');
  expect(written).toEqual([]);
});
