/** Spans say their unit, and none is so short that something else was meant. */

import { fieldsFor } from '../../../config/fields';
import { policyField, spans } from '../../../config/policy-schema';
import { deploymentFrom } from '../../../config/read';
import { presets } from '../../../core/words/policy';
import { complaints, site } from './site';

const said = (policy: object): string => complaints((tree) => (tree.connections.paris.policy = policy)).join('\n');

it.each<[object, RegExp]>([
  [{ soak: 15 }, /^connections\.paris\.policy\.soak: says no unit: write 15s, 15m or 15ms$/],
  [{ soak: 900_000 }, /says no unit/],
  [{ soak: '15' }, /is no span: write a whole number and its unit/],
  [{ soak: '15 min' }, /is no span/],
  [{ soak: '1.5h' }, /is no span/],
  [{ soak: '-5m' }, /is no span/],
  [{ soak: '15ms' }, /soak: is 15 ms, too short to be meant: at least 5 s$/],
  [{ soak: '0s' }, /too short to be meant/],
  [{ soakMs: 15 }, /soakMs: is 15 ms, too short to be meant: write soak: 15s or soak: 15m, at least 5 s$/],
  [
    { soakMs: 1, repairSettleMs: 1, ladderRestMs: 1 },
    /repairSettleMs: is 1 ms.*\n.*ladderRestMs: is 1 ms.*\n.*soakMs: is 1 ms/,
  ],
  [{ soak: '25h' }, /at most 24h/],
  [{ drillEvery: '500d' }, /at most 400d/],
  [{ drillEvery: '30m' }, /drillEvery: is 30 min, too short to be meant/],
  [{ rungDeadline: { reboot: '1s' } }, /rungDeadline\.reboot: is 1 s, too short to be meant/],
  [{ rungDeadline: { reboot: 480 } }, /rungDeadline\.reboot: says no unit/],
  [{ soakk: '15m' }, /soakk: is unknown here: did you mean soak\?/],
  [{ soakSeconds: 900 }, /soakSeconds: is unknown here/],
  [{ soak: '1h', soakMs: 3_600_000 }, /soakMs: is soak once more/],
])('%j is refused', (policy, complaint) => expect(said(policy)).toMatch(complaint));

it.each<[object]>([
  [{ soak: '15m' }],
  [{ soakMs: 900_000 }],
  [{ soakMs: '15m' }],
  [{ soak: '8s', soakMax: '16s', repairSettle: '10s' }],
  [{ drillEvery: '90d' }],
  [{ drillEveryMs: 7_776_000_000 }],
  [{ preset: 'fast', roundInterval: '200ms' }],
  [{ severeRtt: '1500ms', degradedRtt: '400ms' }],
  [{ rungDeadline: { reboot: '10m', replace: '45m' } }],
])('%j is accepted', (policy) => expect(said(policy)).toBe(''));

it('can say every number of the policy, and every preset as it is', () => {
  const schema = policyField(fieldsFor('strict'));
  for (const [name, { of }] of Object.entries(spans))
    for (const preset of Object.values(presets)) {
      expect(schema.safeParse({ [name]: `${preset[of]}ms` })).toMatchObject({ success: true });
      expect(schema.safeParse({ [of]: preset[of] })).toMatchObject({ success: true });
    }
  const tree = site();
  for (const preset of Object.values(presets)) {
    const { rungDeadlineMs, ...numbers } = preset;
    tree.connections.paris.policy = { ...numbers, rungDeadlineMs };
    expect(deploymentFrom(tree)).toMatchObject({ deployment: { connections: { paris: { policy: preset } } } });
  }
});
