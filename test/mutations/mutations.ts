/**
 * Bugs made by hand, each a small change of the product's text: what a careless edit, a bad merge or a plausible
 * simplification would leave behind. `npm run mutations` makes them one at a time and lets the swarm look for them.
 *
 * An edit whose text is not found exactly once fails the run: the table must not rot.
 */
interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

export interface Mutation {
  readonly name: string;
  /** The test that sees it. Absent: the swarm is asked. */
  readonly test?: string;
  readonly edits: readonly Edit[];
}

const asl = 'statemachines/failover.asl.json';

export const mutations: readonly Mutation[] = [
  {
    name: 'skip the re-assessment after a write',
    edits: [
      {
        file: asl,
        find: `"Next": "PauseForRoutes" }
      ],
      "Default": "Assess"`,
        put: `"Next": "PauseForRoutes" }
      ],
      "Default": "AwaitNews"`,
      },
    ],
  },
  {
    name: 'take the lease without its condition',
    edits: [
      {
        file: asl,
        find: 'attribute_exists(pk) AND (attribute_not_exists(#holder) OR #leaseUntil < :graceBefore)',
        put: 'attribute_exists(pk) AND :graceBefore > :zero',
      },
    ],
  },
  {
    name: 'take over without waiting out the writer',
    edits: [
      {
        file: asl,
        find: '#holder = :gone AND #token = :goneToken AND (attribute_not_exists(#writeUntil) OR #writeUntil < :graceBefore)',
        put: '#holder = :gone AND #token = :goneToken AND (attribute_not_exists(#writeUntil) OR #writeUntil < :graceBefore OR #writeUntil >= :graceBefore)',
      },
    ],
  },
  {
    name: 'drop the holder from the condition on release',
    edits: [
      {
        file: asl,
        find: `"UpdateExpression": "SET #memory = :memory REMOVE #holder, #leaseUntil, #waiter",
        "ConditionExpression": "\${IsMine} AND #signals = :seen"`,
        put: `"UpdateExpression": "SET #memory = :memory REMOVE #holder, #leaseUntil, #waiter",
        "ConditionExpression": "#holder <> :me OR #token = :token OR #signals <> :seen"`,
      },
    ],
  },
  {
    name: 'start a rung before it is journalled',
    edits: [{ file: asl, find: '"Next": "JournalRepair"', put: '"Next": "RepairGateway"' }],
  },
  {
    name: 'take a gateway that somebody else repairs',
    edits: [
      {
        file: asl,
        find: '(attribute_not_exists(#claimedBy) OR #claimedBy = :endedClaim OR #clientToken = :clientToken) AND (attribute_not_exists(#holder)',
        put: '(attribute_exists(pk) OR #claimedBy = :endedClaim OR #clientToken = :clientToken) AND (#holder <> :connection OR attribute_not_exists(#holder)',
      },
      {
        file: 'core/store/lease.ts',
        find: 'lease.holder !== connection && lease.until > now;',
        put: 'lease.holder !== connection && lease.until > now + 1e12;',
      },
      {
        file: 'core/store/lease.ts',
        find: 'claim !== null && !endedClaims.includes(claim)',
        put: 'claim !== null && endedClaims.includes(claim)',
      },
    ],
  },
  {
    name: 'begin a repair however late',
    edits: ['restart-tunnel', 'reboot', 'stop-start', 'replace'].map((rung) => ({
      file: `runbooks/${rung}.yaml`,
      find: "ConditionExpression: 'clientToken = :repair'",
      put: "ConditionExpression: 'clientToken = :repair OR attribute_exists(pk)'",
    })),
  },
  {
    name: 'store what was decided without the item over the item',
    edits: [
      {
        file: asl,
        find: '"failOpen": "{% $states.result.Payload.failOpen %}",',
        put: '"failOpen": "{% $failOpen %}",',
      },
    ],
  },
  {
    name: 'forget what people were told',
    edits: [
      {
        file: asl,
        find: '":memory": { "S": "{% $memoryTold %}" }',
        put: '":memory": { "S": "{% $memory %}" }',
      },
    ],
  },
  {
    name: 'use a stale verdict as proof',
    edits: [
      {
        file: 'core/assess/path-verdict.ts',
        find: 'answering.some((r) => reportAgeMs(evidence, r, now) <= proofMs)',
        put: 'answering.some((r) => reportAgeMs(evidence, r, now) <= proofMs * 100)',
      },
      {
        file: 'core/decide/view.ts',
        find: 'path.failingSince === null || to.answeredAt >= path.failingSince',
        put: 'path.failingSince === null || to.answeredAt >= 0',
      },
      {
        file: 'core/assess/assessment.ts',
        find: 'reportAgeMs(evidence, report, now) <= maxMs ? [report] : []',
        put: 'reportAgeMs(evidence, report, now) <= maxMs * 100 ? [report] : []',
      },
    ],
  },
  {
    name: 'forget the read-back: a write without an answer counts as done',
    edits: [
      {
        file: 'functions/apply/route-writes.ts',
        find: '  const done = isDone(step, facts);',
        put: '  const done = isDone(step, facts) || isSent(answer);',
      },
    ],
  },
  {
    name: 'write without telling the journal first',
    edits: [
      {
        file: 'functions/apply/index.ts',
        find: "settled(journal.tell(writer.connection, { ...story, when: 'before', body })),",
        put: 'settled(Promise.resolve()),',
      },
    ],
  },
  {
    name: 'overwrite a route somebody else changed',
    edits: [
      {
        file: 'core/decide/view.ts',
        find: '      set.foreign.length === 0 &&\n',
        put: '',
      },
      {
        file: 'core/routes/plan.ts',
        find: '      if (pathOfRoute(route, set, places) === null) {',
        put: '      if (route.table === null) {',
      },
      {
        file: 'core/decide/invariants.ts',
        find: 'view.assessment.sets[routeSet]?.foreign.length === 0,',
        put: 'view.assessment.sets[routeSet] !== undefined,',
      },
    ],
  },
  {
    name: 'swap two rules: park before failing back',
    edits: [
      { file: 'core/decide/decide.ts', find: '  failBack, // 10\n', put: '  finishOrPark, // 13\n' },
      {
        file: 'core/decide/decide.ts',
        find: '  finishOrPark, // 13\n  holdForEvidence',
        put: '  failBack, // 10\n  holdForEvidence',
      },
    ],
  },
  {
    name: "take a shared gateway for one's own",
    edits: [
      {
        file: 'core/assess/gateway-traffic.ts',
        find: 'othersPass: carries || otherTunnelsPass(look, path, gateway, paths),',
        put: 'othersPass: carries,',
      },
      {
        file: 'core/assess/gateway-traffic.ts',
        find: 'return own || Object.keys(look.evidence.otherRoutes).some((other) => otherCarries(look, other, gateway));',
        put: 'return own;',
      },
      {
        file: 'core/gateways/instance-rungs.ts',
        find: "Shared: [isShared(facts.deployment, gatewayOf(facts, path)) ? 'true' : 'false'],",
        put: "Shared: ['false'],",
      },
    ],
  },
  {
    name: 'repair a drained path',
    edits: [
      {
        file: 'core/decide/decide.ts',
        find: "if (path.verdict !== 'down' || path.drained || isQuietlyStopped",
        put: "if (path.verdict !== 'down' || isQuietlyStopped",
      },
    ],
  },
  {
    name: 'never use up a budget',
    edits: [
      {
        file: 'core/decide/view.ts',
        find: 'return spentOf(view, spent).length < max;',
        put: 'return spentOf(view, spent).length < max + 100;',
      },
    ],
  },
  {
    name: 'act in observe',
    edits: [
      {
        file: 'core/decide/decide.ts',
        find: "if (!acts || mode === 'repair' ||",
        put: "if (!acts || mode !== 'divert' ||",
      },
    ],
  },
  {
    name: 'trust the sweep to find only what is free',
    edits: [
      {
        file: 'functions/sweep/index.ts',
        find: 'due: true, because: `the lease of',
        put: 'due: false, because: `the lease of',
      },
      {
        file: 'functions/sweep/index.ts',
        find: "state === 'running' ||",
        put: "state !== 'absent' ||",
      },
    ],
  },
  {
    name: 'keep the options of the tunnels with what AWS says of them',
    edits: [
      {
        file: 'adapters/ec2/vpn-connections.ts',
        find: 'harmless(StatusMessage).slice(0, messageLengthMax)',
        put: 'harmless(StatusMessage) + JSON.stringify(Options)',
      },
    ],
  },
  {
    name: 'leave a severe path for one that users found wanting',
    test: 'test/unit/core/assess/mass.test.ts',
    edits: [
      {
        file: 'core/decide/traffic.ts',
        find: `policy.severeAfterMs &&
        !isContradicted(view, set, p.path),`,
        put: 'policy.severeAfterMs,',
      },
    ],
  },
  {
    name: 'go onto the unknown while everything fails at once',
    test: 'test/unit/core/assess/mass.test.ts',
    edits: [{ file: 'core/decide/traffic.ts', find: 'if (view.assessment.mass || to.dead ||', put: 'if (to.dead ||' }],
  },
  {
    name: 'undo while everything fails at once',
    test: 'test/unit/core/assess/mass.test.ts',
    edits: [
      {
        file: 'core/decide/traffic.ts',
        find: `if (view.assessment.mass) return null;
  const wrong`,
        put: 'const wrong',
      },
    ],
  },
  {
    name: 'go on for ever in one run',
    test: 'test/conformance/failover-catches.test.ts',
    edits: [{ file: asl, find: 'RunRelievedMs})', put: 'RunRelievedMs} * 100)' }],
  },
  {
    name: 'wait for a second where a write may be under way',
    test: 'test/conformance/failover-catches.test.ts',
    edits: [{ file: asl, find: `"Seconds": "\${WaitOutWriteSeconds}",`, put: '"Seconds": 1,' }],
  },
  {
    name: 'let the older of two observations win',
    test: 'test/unit/functions/sense/sense.test.ts',
    edits: [{ file: 'adapters/dynamodb/state-table.ts', find: `OR #at <= :at'`, put: `OR #at >= :at'` }],
  },
  {
    name: 'leave a severe path while everything fails at once',
    test: 'test/unit/core/assess/mass.test.ts',
    edits: [
      {
        file: 'core/decide/traffic.ts',
        find: 'if (view.assessment.mass || !budgetLeft(view, memory.budgets.severeMoves',
        put: 'if (!budgetLeft(view, memory.budgets.severeMoves',
      },
    ],
  },
  {
    name: 'leave a severe path for a drained one',
    test: 'test/unit/core/assess/mass.test.ts',
    edits: [
      {
        file: 'core/decide/traffic.ts',
        find: `p.provenHealthy &&
        !p.drained &&
        now -`,
        put: `p.provenHealthy &&
        now -`,
      },
    ],
  },
  {
    name: 'fail back while everything fails at once',
    test: 'test/unit/core/assess/mass.test.ts',
    edits: [
      {
        file: 'core/decide/traffic.ts',
        find: `export function failBack(view: View): MoveDecision | null {
  if (view.assessment.mass) return null;
`,
        put: `export function failBack(view: View): MoveDecision | null {
`,
      },
    ],
  },
  {
    name: 'say nothing of users in the dark',
    test: 'test/unit/core/decide/voice.test.ts',
    edits: [
      {
        file: 'core/decide/voice.ts',
        find: `    ...sets.flatMap((set) => unserved(view, set)),
`,
        put: '',
      },
    ],
  },
  {
    name: 'say nothing of a route table that is gone',
    test: 'test/unit/core/decide/voice.test.ts',
    edits: [
      {
        file: 'core/decide/table-voice.ts',
        find: `    ...sets.flatMap(missing),\n`,
        put: '',
      },
    ],
  },
  {
    name: 'take a path that answers its own canary for users who are served',
    test: 'test/unit/core/decide/told.test.ts',
    edits: [
      {
        file: 'core/decide/told.ts',
        find: 'memory.unserved[set.routeSet] === undefined &&',
        put: `set.routeSet !== '' &&`,
      },
    ],
  },
  {
    name: 'wait for ever for a write that nothing wants any more',
    test: 'test/unit/core/decide/told.test.ts',
    edits: [{ file: 'core/remember/moves.ts', find: ' && !isWantedNowhereElse(set, own(paths, set.home));', put: ';' }],
  },
  {
    name: 'count a move whenever EC2 shows more of it',
    test: 'test/unit/core/remember/remember.test.ts',
    edits: [
      {
        file: 'core/remember/moves.ts',
        find: 'was !== move && !wasCounted && !isAgain(was, move);',
        put: 'was !== move;',
      },
    ],
  },
  {
    name: 'write on a lease that is about to end',
    test: 'test/unit/core/routes/lease-plan.test.ts',
    edits: [{ file: 'core/store/lease.ts', find: 'leftMs < limits.leaseMarginMs)', put: 'leftMs < 0)' }],
  },
  {
    name: 'let a replacement overrule ids that were declared after it',
    test: 'test/unit/core/gateways/identity.test.ts',
    edits: [
      {
        file: 'core/gateways/identity.ts',
        find: 'isSameDeclaration(replaced, declaredIds(gateway))',
        put: 'replaced !== undefined',
      },
    ],
  },
  {
    name: 'call a name right that says something else',
    test: 'test/unit/core/gateways/name-record.test.ts',
    edits: [{ file: 'core/gateways/name-record.ts', find: 'says !== null && says === wanted', put: 'says !== null' }],
  },
  {
    name: 'let a name that cannot be changed take a replacement back',
    test: 'test/unit/runbooks/replace-record.test.ts',
    edits: [
      {
        file: 'runbooks/replace.yaml',
        find: 'onFailure: step:askRecord # It may have changed all the same.\n    isCritical: false',
        put: 'onFailure: step:restoreCanaryRoutes',
      },
    ],
  },
  {
    name: 'answer a name anew before its change is in sync',
    test: 'test/unit/local-cloud/services/route53/route53.test.ts',
    edits: [
      {
        file: 'local-cloud/services/route53/route53.ts',
        find: 'clock.after(draw(propagation, this.random)',
        put: 'clock.after(0 * draw(propagation, this.random)',
      },
    ],
  },
  {
    name: 'fence by the age of keys alone, and go on giving out others',
    test: 'test/unit/cli/operate/fence.test.ts',
    edits: [
      {
        file: 'cli/operate/fence.ts',
        find: 'const closedTrust = isClosed(trust) ? trust : closed(trust);',
        put: 'const closedTrust = trust;',
      },
    ],
  },
  {
    name: 'deny keys up to now, and not those given out while IAM gets about',
    test: 'test/unit/cli/operate/fence.test.ts',
    edits: [{ file: 'cli/operate/fence.ts', find: 'const before = now + aheadMs;', put: 'const before = now;' }],
  },
  {
    name: 'let the state machine of a standby do what it likes',
    test: 'test/synth/standby.test.ts',
    edits: [
      {
        file: 'infra/switchback.ts',
        find: "if (isStandby(deployment)) new StandingBy(this, 'StandingBy', this.machine.role);",
        put: '',
      },
    ],
  },
  {
    name: 'leave the sweep of a standby on',
    test: 'test/synth/standby.test.ts',
    edits: [
      {
        file: 'infra/signals.ts',
        find: "enabled,\n      description: 'The sweep:",
        put: "description: 'The sweep:",
      },
    ],
  },
];
