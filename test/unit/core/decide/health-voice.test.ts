/** What AWS Health says is told once, by one connection, in a mail of its own, and decides nothing. */
import type { Memory } from '../../../../core/store/memory';
import type { HealthWord } from '../../../../core/words/evidence';
import { aIsDown, connection, deployment, evidence, t0, turn } from '../../../given';

const word = (over: Partial<HealthWord> = {}): HealthWord => ({
  ...{ code: 'AWS_VPN_REDUNDANCY_LOSS', status: 'open', about: 'vpn-0aaaaaaaaaaaaaaa1', at: t0 - 1_000 },
  says: 'One of the tunnels of your VPN connection was down while its endpoint was replaced.',
  ...over,
});
const said = (...words: HealthWord[]) => evidence({ healthWords: { 'gw-a': words } });
const memoryAfter = ({ memoryTold }: { memoryTold: string }): Memory => JSON.parse(memoryTold);

it('is told in a notice of its own, in its code and words, and opens no incident', () => {
  const { notice, decision, memoryTold } = turn({ evidence: said(word()) });
  expect(notice?.subject).toBe('[switchback paris] Users are served; AWS Health speaks of gw-a');
  expect(notice?.message).toContain(
    '\nAWS Health says of gw-a (vpn-0aaaaaaaaaaaaaaa1): AWS_VPN_REDUNDANCY_LOSS, open: One of the tunnels of your VPN connection was down while its endpoint was replaced.\n',
  );
  expect(notice?.topic).toBe('health-gw-a');
  expect(notice?.message).toContain('Nothing is asked of you.');
  expect(decision.kind).toBe('finish');
  expect(memoryAfter({ memoryTold })).toMatchObject({ incident: null, told: {}, healthToldAt: { 'gw-a': t0 - 1_000 } });
});

it('is told once, and again when there is something new', () => {
  const memory = memoryAfter(turn({ evidence: said(word()) }));
  expect(turn({ memory, evidence: said(word()) }).notice).toBeNull();
  const later = word({ code: 'AWS_VPN_SINGLE_TUNNEL_NOTIFICATION', says: '', status: '', at: t0 - 500 });
  const { notice } = turn({ memory, evidence: said(word(), later) });
  const lines = notice?.message.split('\n').filter((line) => line.startsWith('AWS Health says'));
  expect(lines).toEqual(['AWS Health says of gw-a (vpn-0aaaaaaaaaaaaaaa1): AWS_VPN_SINGLE_TUNNEL_NOTIFICATION']);
});

it('goes along with what else is told, and moves nothing by itself', () => {
  const alone = turn({ evidence: evidence({ reports: aIsDown }) });
  const { notice, decision, memoryTold } = turn({
    evidence: evidence({ reports: aIsDown, healthWords: { 'gw-a': [word()] } }),
  });
  expect({ ...decision, decidedAt: 0 }).toEqual({ ...alone.decision, decidedAt: 0 });
  expect(notice?.message ?? '').toContain('AWS Health says of gw-a');
  expect(memoryAfter({ memoryTold }).incident).not.toBeNull();
});

it.each<readonly [string, HealthWord]>([
  ['heard a day ago', word({ at: t0 - 24 * 3_600_000 })],
  ['dated ahead of all clocks', word({ at: t0 + 3_600_000 })],
])('is not told when it was %s', (_, one) => {
  expect(turn({ evidence: said(one) }).notice).toBeNull();
});

it('is told by the first of the connections over a gateway alone', () => {
  const shared = deployment(connection(), { ...connection(), name: 'oslo' });
  expect(turn({ deployment: shared, evidence: said(word()) }).notice).not.toBeNull();
  expect(turn({ deployment: shared, connection: 'oslo', evidence: said(word()) }).notice).toBeNull();
});
