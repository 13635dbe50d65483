/** Rules 8 and 9: which repair may start, when, and what must never be repaired. */
import type { Memory, RungRun } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { CanaryReport, Evidence, InstanceFacts } from '../../../../core/words/evidence';
import {
  bothDown,
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  gatewayLease,
  incident,
  instance,
  memory,
  move,
  onB,
  report,
  routes,
  rung,
  t0,
  turn,
} from '../../../given';

describe('rules 8 and 9, repair', () => {
  const diverted = evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } });
  const open = memory({ incident, moves: { office: move() } });

  it('starts with the mildest rung', () => {
    expect(turn({ memory: open, evidence: diverted }).decision).toMatchObject({
      kind: 'repair',
      rule: 'repair',
      rung: 'restart-tunnel',
      document: 'switchback-restart-tunnel',
    });
  });

  it('leaves a path alone that answers again', () => {
    const again = down('paris/path-a', { missedInARow: 0, answeredInARow: 2, missedSince: 0 });
    const { decision } = turn({ memory: open, evidence: evidence({ ...onB, reports: { 'paris/path-a': again } }) });
    expect(decision).toMatchObject({
      kind: 'hold',
      rule: 'due',
      because: 'path a answers again, not often enough yet',
    });
  });

  it('repairs nothing that only metrics call down: a canary that is cut off sends them too', () => {
    const { decision } = turn({ memory: open, evidence: { ...diverted, reportsFrom: 'metrics' } });
    expect(decision.kind).not.toBe('repair');
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped' }) };
    const dead = evidence({ ...onB, reportsFrom: 'metrics', instances: stopped });
    expect(turn({ memory: open, evidence: dead }).decision).toMatchObject({ kind: 'repair', rung: 'stop-start' });
  });

  it('never starts a repair on top of a running one', () => {
    const running = { ...open, rungs: [rung()] };
    expect(
      turn({ memory: running, automation: { clientToken: rung().clientToken, id: 'x' }, evidence: diverted }).decision,
    ).toMatchObject({ kind: 'hold', rule: 'due' });
  });

  it('repairs one path of a connection at a time, and calls nobody for the other meanwhile', () => {
    const both = { ...bothDown, 'paris/path-b': down('paris/path-b', { missedSince: t0 - 90_000 }) };
    const tried = rung({ path: 'b', gateway: 'gw-b', clientToken: 'b', endedAt: t0 - 200_000, result: 'success' });
    const busy = { ...memory({ incident, told: { 'brake/none': t0 } }), rungs: [tried, rung()] };
    const automation = { clientToken: rung().clientToken, id: 'x' };
    const { decision } = turn({ memory: busy, automation, evidence: evidence({ reports: both }) });
    expect(decision).toMatchObject({ kind: 'hold', rule: 'due' });
  });

  it('gives a finished repair its time to settle', () => {
    const settled = { ...open, rungs: [rung({ endedAt: t0 - 10_000, result: 'success' })] };
    expect(turn({ memory: settled, evidence: diverted }).decision).toMatchObject({
      kind: 'hold',
      rule: 'due',
      until: t0 + 80_000,
    });
  });

  it('repeats a start that was journalled but never answered, with the same token', () => {
    expect(turn({ memory: { ...open, rungs: [rung()] }, evidence: diverted }).decision).toMatchObject({
      kind: 'repair',
      clientToken: rung().clientToken,
    });
  });

  it('does not repeat that start when the path carries traffic meanwhile', () => {
    const back = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
    const { decision } = turn({ memory: { ...open, rungs: [rung()] }, evidence: back });
    expect(decision).toMatchObject({ kind: 'hold', rule: 'due' });
  });

  it('repairs nothing while the routes cannot be read: they may carry traffic', () => {
    expect(turn({ memory: open, evidence: { ...diverted, routes: [] } }).decision.kind).not.toBe('repair');
  });

  it('never repairs under maintenance', () => {
    const { decision } = turn({ memory: open, desired: desired({ drains: { a: drain() } }), evidence: diverted });
    expect(decision.kind).not.toBe('repair');
  });

  describe('on a gateway that carries working traffic of another connection', () => {
    const shared = deployment(connection(), connection({ name: 'rome' }));
    const other = { otherRoutes: { rome: routes('eni-gw-a') }, otherReports: { 'rome/path-a': report('rome/path-a') } };
    const lasting = evidence({
      ...onB,
      reports: { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 90_000 }) },
    });
    const beside = (over: Partial<Evidence> = {}, rungs: RungRun[] = []) =>
      turn({ deployment: shared, memory: { ...open, rungs }, evidence: { ...lasting, ...other, ...over } }).decision;

    it('restarts the one dead tunnel and says that nothing else may be touched', () => {
      const decision = beside();
      expect(decision).toMatchObject({
        kind: 'repair',
        rung: 'restart-tunnel',
        beside: true,
        parameters: { Shared: ['true'], Passing: ['true'] },
      });
      expect(decision.because).toContain('restart-tunnel of paris-a on gw-a, and nothing else');
    });

    it('names all tunnels of a path that has several: the document finds out which are dead', () => {
      const { paths } = connection();
      const two = { ...paths, a: { ...paths['a']!, tunnels: ['aws-1', 'aws-2'] } };
      const { decision } = turn({
        deployment: deployment(connection({ paths: two })),
        memory: open,
        evidence: diverted,
      });
      expect(decision).toMatchObject({ rung: 'restart-tunnel', parameters: { Tunnel: ['aws-1,aws-2'] } });
      expect(decision.because).toContain('restart-tunnel of whichever of aws-1 and aws-2 is dead there on gw-a');
    });

    it('hears the others first: the whole gateway may be dead', () => {
      const { reports } = evidence({
        ...onB,
        reports: { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 5_000 }) },
      });
      expect(beside({ reports })).toMatchObject({ kind: 'hold', rule: 'due', until: t0 + 10_000 });
    });

    it('restarts the daemon once every other tunnel is known to be down, and never while one is only silent', () => {
      const dead = down('rome/path-a');
      const passing = (report: CanaryReport | null) => {
        const otherReports = { 'rome/path-a': report, 'rome/path-b': null };
        return beside({ otherRoutes: { rome: routes('eni-gw-b') }, otherReports });
      };
      expect(passing(dead)).toMatchObject({ beside: false, parameters: { Shared: ['true'], Passing: ['false'] } });
      expect(passing(null)).toMatchObject({ beside: true });
      expect(passing({ ...dead, reportedAt: t0 - 11_000 })).toMatchObject({ beside: true });
    });

    it.each(['left', 'failed', 'undelivered', 'unseen'] as const)(
      'does nothing harder after a restart that ended %s, and says so',
      (result) => {
        const tried = rung({ result, endedAt: t0 - 200_000, beside: true, said: 'it is silent' });
        const { kind, because, ...rest } = beside({}, [tried]);
        expect({ kind, ...rest }).toMatchObject({ kind: 'escalate', key: 'stuck/a/shared' });
        expect(because).toContain('gw-a carries other working traffic');
        expect(because).not.toContain('call the partner');
      },
    );

    it('sends people to the partner once the one tunnel was restarted and our side is well', () => {
      const tried = rung({ result: 'success', endedAt: t0 - 200_000, beside: true });
      expect(beside({}, [tried])).toMatchObject({ key: 'stuck/a/peer' });
    });

    it('tries again what was left alone under traffic, once nothing passes', () => {
      const left = rung({ result: 'left', endedAt: t0 - 1_000, beside: true });
      const gone = { otherRoutes: { rome: routes('eni-gw-b') }, otherReports: { 'rome/path-a': down('rome/path-a') } };
      expect(beside({}, [left])).toMatchObject({ kind: 'escalate' });
      expect(beside(gone, [left])).toMatchObject({ kind: 'repair', rung: 'restart-tunnel', beside: false });
    });

    it('touches not even the one tunnel while its own users get their answers over it', () => {
      const felt = { 'paris/path-a': down('paris/path-a'), 'paris/office': report('paris/office') };
      const { kind } = beside({ ...evidence({ reports: felt }), ...other, reports: { ...felt, 'paris/path-b': null } });
      expect(kind).not.toBe('repair');
    });

    it('counts two tunnels of one connection as sharing', () => {
      const paths = connection().paths;
      const both = deployment(
        connection({ paths: { ...paths, c: { ...paths['a']!, name: 'c', tunnels: ['paris-c'] } } }),
      );
      const { decision } = turn({ deployment: both, memory: open, evidence: diverted });
      expect(decision).toMatchObject({ rung: 'restart-tunnel', parameters: { Shared: ['true'], Passing: ['true'] } });
    });
  });

  it('repairs the dead path its own routes still point at when both are down', () => {
    const told = memory({ incident, told: { 'brake/none': t0 } });
    expect(turn({ memory: told, evidence: evidence({ reports: bothDown }) }).decision).toMatchObject({
      kind: 'repair',
      path: 'a',
    });
  });

  const after = (run: Partial<RungRun>, facts = instance('gw-a')) => {
    const rungs = [rung({ endedAt: t0 - 200_000, result: 'success', ...run })];
    const reports = { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 300_000 }) };
    const cleared = rung({ rung: 'clear-source-dest-check', result: 'success', endedAt: t0 - 200_000 });
    const memory = { ...open, rungs: facts.sourceDestCheck ? [cleared, ...rungs] : rungs };
    return turn({ memory, evidence: evidence({ ...onB, reports, instances: { 'gw-a': facts } }) }).decision;
  };

  it('does not reboot for the partner: our side is fine, the peer is silent', () => {
    expect(after({})).toMatchObject({ kind: 'escalate', rule: 'help', key: 'stuck/a/peer' });
    expect(after({}).because).toContain('call the partner');
  });

  it.each([
    [
      'the daemon was not looked at',
      { result: 'unseen', said: 'there is none' },
      {},
      /was not looked at, because there is none/,
    ],
    ['no command got through', { result: 'undelivered' }, {}, /was not looked at, because no command got through/],
    ['the checks have not spoken', {}, { instanceStatus: 'unknown' }, /nothing shows whose fault it is/],
    [
      'the source/destination check is on',
      {},
      { sourceDestCheck: true },
      /source\/destination check of eni-gw-a is on/,
    ],
    ['the address is not there', {}, { identityFault: 'i-0aaaaaaaaaaaaaaaa does not hold 198.51.100.2' }, /198/],
  ] as const)('sends nobody to the partner while %s', (_, run, facts, words) => {
    const { because } = after(run, instance('gw-a', facts));
    expect(because).toMatch(words);
    expect(because).not.toContain('call the partner');
  });

  it('asks nobody to call a partner where no daemon can be looked at', () => {
    const { gateways, ...rest } = deployment();
    const mute = { ...rest, gateways: { ...gateways, 'gw-a': { ...gateways['gw-a']!, control: 'none' as const } } };
    const reports = { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 61_000 }) };
    const { decision } = turn({ deployment: mute, memory: open, evidence: evidence({ ...onB, reports }) });
    expect(decision).toMatchObject({ kind: 'escalate', key: 'stuck/a/unseen' });
    expect(decision.because).toContain(
      'the daemon of gw-a was not looked at, because its configuration says control: none',
    );
  });

  describe('a machine that answers nobody', () => {
    const silentFor = (ms: number, facts: Partial<InstanceFacts> = {}, run: RungRun[] = []) =>
      turn({
        memory: { ...open, rungs: run, silence: { 'gw-a': { since: t0 - ms, until: t0 - 1_000 } } },
        evidence: evidence({
          ...onB,
          instances: { 'gw-a': instance('gw-a', facts) },
          reports: { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down', missedSince: t0 - ms }) },
        }),
      }).decision;
    const minute = 60_000;

    it.each([{}, { instanceStatus: 'impaired' }, { agent: 'lost' }] as const)(
      'is given the time of a reboot by hand before any rung (%j)',
      (facts) => {
        expect(silentFor(119_000, facts)).toMatchObject({ kind: 'hold', rule: 'due', until: t0 + 1_000 });
        expect(silentFor(120_000, facts)).toMatchObject({ kind: 'repair' });
      },
    );

    it('is not rebooted on an old failed check before the gateway probe has had its say', () => {
      const facts = { 'gw-a': instance('gw-a', { instanceStatus: 'impaired' }) };
      const at = (ms: number) => ({ 'paris/path-a': down('paris/path-a', { missedSince: t0 - ms }) });
      const decided = (ms: number) =>
        turn({ memory: open, evidence: evidence({ ...onB, instances: facts, reports: at(ms) }) }).decision;
      expect(decided(2_000)).toMatchObject({ kind: 'hold', rule: 'due', until: t0 + 13_000 });
      expect(decided(15_000)).toMatchObject({ kind: 'repair', rung: 'reboot' });
    });

    it('is rebooted when its status check fails, or when its agent is silent too', () => {
      expect(silentFor(2 * minute, { instanceStatus: 'impaired' })).toMatchObject({ rung: 'reboot' });
      expect(silentFor(2 * minute, { agent: 'lost' })).toMatchObject({ rung: 'reboot' });
      const undelivered = rung({ result: 'undelivered', endedAt: t0 - 1_000 });
      expect(silentFor(3 * minute, {}, [undelivered])).toMatchObject({ rung: 'reboot' });
    });

    it("is nobody's fault before EC2 has had the time to see it", () => {
      const silent = { agent: 'lost', instanceStatus: 'unknown' } as const;
      expect(silentFor(5 * minute, silent)).toMatchObject({ kind: 'hold', rule: 'due', until: t0 + minute });
      expect(silentFor(6 * minute, silent)).toMatchObject({ kind: 'escalate', key: 'stuck/a/gate' });
    });

    it('is left to come up once it answers again, for so long and no longer', () => {
      const back = (agoMs: number, silentMs = 30_000) =>
        turn({
          memory: { ...open, silence: { 'gw-a': { since: t0 - agoMs - silentMs, until: t0 - agoMs } } },
          evidence: diverted,
        }).decision;
      expect(back(30_000)).toMatchObject({ kind: 'hold', rule: 'due', until: t0 + minute });
      expect(back(90_000)).toMatchObject({ kind: 'repair' });
      expect(back(30_000, 10 * minute)).toMatchObject({ kind: 'repair' });
    });

    it('is remembered as silent since it was first seen so, and forgotten when it has been back for a while', () => {
      const seen = (over: Partial<CanaryReport>, silence: Memory['silence']) =>
        memoryFrom(
          turn({
            memory: { ...open, silence },
            evidence: evidence({ reports: { 'paris/path-a': down('paris/path-a', over) } }),
          }).memory,
        ).silence;
      expect(seen({ gatewayProbe: 'down' }, {})).toEqual({ 'gw-a': { since: t0, until: t0 } });
      const before = { 'gw-a': { since: t0 - 50_000, until: t0 - 20_000 } };
      expect(seen({ gatewayProbe: 'down' }, before)).toEqual({ 'gw-a': { since: t0 - 50_000, until: t0 } });
      expect(seen({}, before)).toEqual(before);
      // Nobody looked for an hour: the same silence, unless the path has answered since.
      const hour = { 'gw-a': { since: t0 - 3_650_000, until: t0 - 3_600_000 } };
      const long = { gatewayProbe: 'down', missedSince: t0 - 3_660_000 } as const;
      expect(seen(long, hour)['gw-a']!.since).toBe(t0 - 3_650_000);
      expect(seen({ ...long, missedSince: t0 - 3_599_000 }, hour)['gw-a']!.since).toBe(t0);
      expect(seen({}, { 'gw-a': { since: t0 - 150_000, until: t0 - 90_000 } })).toEqual({});
    });
  });

  it.each([
    ['pending', 1_000, 'hold'],
    ['running', 179_000, 'hold'],
    ['running', 180_000, 'repair'],
    ['running', -60_000, 'repair'], // A clock that is wrong keeps nobody waiting.
  ] as const)('gives a machine that is %s, started %d ms ago, its boot: %s', (state, agoMs, kind) => {
    const booting = { 'gw-a': instance('gw-a', { state, instanceStatus: 'unknown', launchedAt: t0 - agoMs }) };
    const reports = { 'paris/path-a': down('paris/path-a') };
    const { decision } = turn({ memory: open, evidence: evidence({ ...onB, reports, instances: booting }) });
    expect(decision).toMatchObject(kind === 'hold' ? { kind, until: t0 + 180_000 - agoMs } : { kind });
  });

  describe('the source/destination check', () => {
    const on = { 'gw-a': instance('gw-a', { sourceDestCheck: true }) };
    const checked = (rungs: RungRun[], over: Partial<Evidence> = {}) =>
      turn({
        memory: { ...open, rungs },
        evidence: { ...diverted, instances: { ...diverted.instances, ...on }, ...over },
      }).decision;

    it('is named first and switched off, before any daemon is restarted', () => {
      const decision = checked([]);
      expect(decision).toMatchObject({
        kind: 'repair',
        rung: 'clear-source-dest-check',
        parameters: { InstanceId: ['i-0aaaaaaaaaaaaaaaa'], InterfaceId: ['eni-gw-a'] },
      });
      expect(decision.because).toMatch(/^the source\/destination check of eni-gw-a is on/);
    });

    it.each([200_000, 3_600_000])('is switched off once per incident (tried %d ms ago)', (agoMs) => {
      const tried = rung({ rung: 'clear-source-dest-check', result: 'success', endedAt: t0 - agoMs });
      expect(checked([tried])).toMatchObject({ kind: 'escalate', key: 'stuck/a/forwarding' });
    });

    it.each([
      ['denied', 'ec2:ModifyNetworkInterfaceAttribute', 'is not permitted: access denied to ec2:Modify'],
      ['failed', 'it is still on', 'to switch it off did not work (it is still on): do it on gw-a by hand'],
    ] as const)('is not said to have been switched off when that was %s', (result, said, words) => {
      const tried = rung({ rung: 'clear-source-dest-check', result, said, endedAt: t0 - 200_000 });
      const { because } = checked([tried]);
      expect(because).toContain(words);
      expect(because).not.toContain('was switched off');
    });

    it('is no reason to reboot, nor to touch a machine that is not what was declared', () => {
      const stolen = instance('gw-a', { sourceDestCheck: true, identityFault: 'it moved' });
      expect(checked([], { instances: { 'gw-a': stolen } })).toMatchObject({ key: 'stuck/a/identity' });
    });
  });

  it('starts a stopped instance instead of rebooting it', () => {
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped', agent: 'lost' }) };
    expect(turn({ memory: open, evidence: evidence({ ...onB, instances: stopped }) }).decision).toMatchObject({
      rung: 'stop-start',
      parameters: { InstanceId: ['i-0aaaaaaaaaaaaaaaa'] },
    });
  });

  it('climbs the whole ladder again after its rest: what was impossible may be possible now', () => {
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped', agent: 'lost' }) };
    const climbed = (agoMs: number) =>
      (['stop-start', 'replace'] as const).map((name) =>
        rung({ rung: name, clientToken: name, endedAt: t0 - agoMs, result: 'failed' }),
      );
    const at = (agoMs: number) =>
      turn({ memory: { ...open, rungs: climbed(agoMs) }, evidence: evidence({ ...onB, instances: stopped }) }).decision;
    expect(at(29 * 60_000)).toMatchObject({ kind: 'escalate', key: 'stuck/a/ladder' });
    expect(at(30 * 60_000)).toMatchObject({ kind: 'repair', rung: 'stop-start' });
  });

  it('repeats a launch with the token it was journalled with, and launches anew with another', () => {
    const gone = { 'gw-a': instance('gw-a', { state: 'terminated' }) };
    const launch = (rungs: RungRun[]) =>
      turn({ memory: { ...open, rungs }, evidence: evidence({ ...onB, instances: gone }) }).decision;
    const first = launch([]);
    const again = launch([
      rung({ rung: 'replace', clientToken: (first as { clientToken: string }).clientToken, deadlineAt: t0 + 60_000 }),
    ]);
    expect(again).toMatchObject({ kind: 'repair', parameters: (first as { parameters: unknown }).parameters });
    const later = launch([rung({ rung: 'replace', clientToken: 'other', endedAt: t0 - 1_800_000, result: 'failed' })]);
    expect(later).toMatchObject({ kind: 'repair', rung: 'replace' });
  });

  it('climbs when the daemon did not come back', () => {
    const failed = { ...open, rungs: [rung({ endedAt: t0 - 200_000, result: 'failed' })] };
    expect(turn({ memory: failed, evidence: diverted }).decision).toMatchObject({ rung: 'reboot' });
  });

  it('waits while another connection repairs the same gateway', () => {
    const repaired = gatewayLease('gw-a', { holder: 'rome', clientToken: 't', rung: 'reboot', until: t0 + 60_000 });
    const gatewayLeases = { 'gw-a': repaired };
    expect(turn({ memory: open, evidence: { ...diverted, gatewayLeases } }).decision.kind).not.toBe('repair');
  });

  it('waits for an automation that began late, though the lease it began under has run out', () => {
    const late = gatewayLease('gw-a', { holder: 'rome', until: t0 - 60_000, claimedBy: 'automation-1' });
    const gatewayLeases = { 'gw-a': late };
    expect(turn({ memory: open, evidence: { ...diverted, gatewayLeases } }).decision.kind).not.toBe('repair');
    expect(
      turn({ memory: open, evidence: { ...diverted, gatewayLeases, endedClaims: ['automation-1'] } }).decision,
    ).toMatchObject({ kind: 'repair', endedClaim: 'automation-1' });
  });

  it('tries a rung again that was refused before it could begin, and holds it against nobody', () => {
    const refused = { ...open, rungs: [rung({ endedAt: t0 - 200_000, result: 'refused' })] };
    expect(turn({ memory: refused, evidence: diverted }).decision).toMatchObject({ rung: 'restart-tunnel' });
  });

  describe('where the canaries in its zone are silent', () => {
    const asked = (gatewayProbe: 'up' | 'down', silentForMs: number | null) => {
      const a = down('paris/path-a', { gatewayProbe, missedSince: t0 - 100_000 });
      const b = silentForMs === null ? null : report('paris/path-b', { reportedAt: t0 - silentForMs });
      return turn({
        memory: { ...open, told: { 'brake/none': t0 } },
        evidence: evidence({ ...onB, reports: { 'paris/path-a': a, 'paris/path-b': b } }),
      }).decision;
    };

    it('leaves a gateway alone that died with them: its zone may be gone', () => {
      expect(asked('down', 100_000)).toMatchObject({ kind: 'escalate', key: 'stuck/a/zone' });
      expect(asked('down', 155_000)).toMatchObject({ kind: 'escalate', key: 'stuck/a/zone' });
    });

    const patience = { kind: 'hold', because: expect.stringContaining('gw-a has been seen silent as a whole') };
    it.each([
      ['they fell silent minutes before', 'down', 170_000, patience],
      ['they have never reported', 'down', null, patience],
      ['it answers its own probe', 'up', 100_000, { kind: 'repair', path: 'a' }],
    ] as const)('goes on as with any other where %s', (_, probe, silentForMs, expected) => {
      expect(asked(probe, silentForMs)).toMatchObject(expected);
    });
  });

  it('stops at the budget of the day and asks', () => {
    const budgets = { ...open.budgets, repairs: Array.from({ length: 8 }, (_, i) => t0 - i * 60_000) };
    expect(turn({ memory: { ...open, budgets }, evidence: diverted }).decision).toMatchObject({
      kind: 'escalate',
      key: 'stuck/a/budget',
    });
  });

  it('says that the policy allows no repair, rather than that a budget is used up', () => {
    const never = deployment(connection({ policy: { ...connection().policy, repairs24hMax: 0 } }));
    expect(turn({ deployment: never, memory: open, evidence: diverted }).decision).toMatchObject({
      kind: 'escalate',
      key: 'stuck/a/policy',
    });
  });

  it('asks for an acknowledgement when home is well and the failback budget is used up', () => {
    const budgets = { ...open.budgets, failbacks: Array.from({ length: 6 }, (_, i) => t0 - (6 - i) * 60_000) };
    const away = memory({ incident, moves: { office: move() }, budgets });
    const { decision } = turn({ memory: away, evidence: evidence(onB) });
    expect(decision).toMatchObject({ kind: 'escalate', key: 'away/office' });
    const said = turn({ memory: { ...away, told: { 'away/office': t0 - 1_000 } }, evidence: evidence(onB) });
    expect(said.decision.kind).toBe('park');
  });

  it('asks for an acknowledgement when users contradicted the way home', () => {
    const away = memory({ incident, contradicted: { office: { a: t0 } }, healthySince: { a: t0 - 3_600_000 } });
    expect(turn({ memory: away, evidence: evidence(onB) }).decision).toMatchObject({
      kind: 'escalate',
      key: 'away/office/contradicted',
    });
    const { decision } = turn({ memory: away, evidence: evidence(onB), desired: desired({ acknowledgedAt: t0 }) });
    expect(decision).toMatchObject({ kind: 'failback' });
  });

  it('asks for it too when a person had given the word before users contradicted the way home', () => {
    const word = { since: t0 - 60_000, routeSet: 'office', requestedBy: 'dora' };
    const contradicted = memory({ incident, contradicted: { office: { a: t0 } }, healthySince: { a: t0 - 3_600_000 } });
    const asked = turn({ memory: contradicted, evidence: evidence(onB), desired: desired({ failback: word }) });
    expect(asked.decision).toMatchObject({ kind: 'escalate', key: 'away/office/contradicted' });
    const cleared = desired({ failback: word, acknowledgedAt: t0 });
    expect(turn({ memory: contradicted, evidence: evidence(onB), desired: cleared }).decision.kind).toBe('failback');
  });

  it('refuses to touch an instance that is not what was declared', () => {
    const swapped = {
      'gw-a': instance('gw-a', { identityFault: 'eni-gw-a belongs to i-0evil' }),
    };
    expect(
      turn({ memory: open, evidence: { ...diverted, instances: { ...diverted.instances, ...swapped } } }).decision,
    ).toMatchObject({ kind: 'escalate', key: 'stuck/a/identity' });
  });
});
