/** Route 53's fake: PENDING, then INSYNC, and only then the answer; its errors by name; and who may change what. */

import { VirtualClock } from '../../../../../local-cloud/clock';
import { inputProblems, isOperation } from '../../../../../local-cloud/front/shapes';
import { accessNeeds, type Places } from '../../../../../local-cloud/iam/actions';
import { holds } from '../../../../../local-cloud/iam/conditions';
import { randomStream } from '../../../../../local-cloud/random';
import { AwsError } from '../../../../../local-cloud/service';
import { Route53 } from '../../../../../local-cloud/services/route53/route53';
import { Names } from '../../../../../sim/network/names';

const zone = 'Z0123456789ABCDEFGHIJ';
const name = 'vpn-a.example.net';
const minute = 60_000;

function stage(seed = 1) {
  const clock = new VirtualClock(0);
  const called: string[] = [];
  const names = new Names(clock, randomStream(seed, 'names'), (what) => called.push(what));
  names.lay(zone, name, { value: '198.51.100.1', ttlSeconds: 30 });
  const route53 = new Route53({ clock, names }, seed);
  const call = async <T>(operation: string, input: object): Promise<T> => (await route53.call(operation, input)) as T;
  return { clock, names, called, call, run: (ms: number) => clock.runUntil(clock.now() + ms) };
}

const upsert = (value: string, over: object = {}, batch: object = {}) => ({
  HostedZoneId: zone,
  ChangeBatch: {
    Changes: [
      {
        Action: 'UPSERT',
        ResourceRecordSet: { Name: name, Type: 'A', TTL: 30, ResourceRecords: [{ Value: value }], ...over },
      },
    ],
    ...batch,
  },
});
const question = { HostedZoneId: zone, RecordName: name, RecordType: 'A' };
type Info = { readonly ChangeInfo: { readonly Id: string; readonly Status: string; readonly Comment?: string } };
type Answer = { readonly RecordData: readonly string[]; readonly ResponseCode: string };

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: Error) => `${error.name}: ${error.message}`,
  );

it('answers what it answered until the change is in sync, and peers follow when they ask again', async () => {
  const { call, run, called, names } = stage();
  const { ChangeInfo } = await call<Info>('ChangeResourceRecordSets', upsert('198.51.100.2', {}, { Comment: 'why' }));
  expect(ChangeInfo).toMatchObject({
    Id: expect.stringMatching(/^\/change\/C[A-Z0-9]+$/),
    Status: 'PENDING',
    Comment: 'why',
  });
  expect((await call<Answer>('TestDNSAnswer', question)).RecordData).toEqual(['198.51.100.1']);
  await run(2 * minute);
  for (const Id of [ChangeInfo.Id, ChangeInfo.Id.replace('/change/', '')])
    expect((await call<Info>('GetChange', { Id })).ChangeInfo.Status).toBe('INSYNC');
  expect(await call<Answer>('TestDNSAnswer', question)).toMatchObject({
    RecordData: ['198.51.100.2'],
    ResponseCode: 'NOERROR',
  });
  expect([called, names.addressCalled(name)]).toEqual([[`peers of ${name} call 198.51.100.2`], '198.51.100.2']);
});

it('takes another time for every change', async () => {
  const took = async (seed: number): Promise<number> => {
    const { clock, call, run } = stage(seed);
    const { ChangeInfo } = await call<Info>('ChangeResourceRecordSets', upsert('198.51.100.2'));
    while ((await call<Info>('GetChange', { Id: ChangeInfo.Id })).ChangeInfo.Status === 'PENDING') await run(1_000);
    return clock.now();
  };
  const times = await Promise.all([1, 2, 3, 4, 5].map(took));
  expect(new Set(times).size).toBeGreaterThan(3);
  expect(Math.min(...times)).toBeGreaterThan(1_000);
  expect(Math.max(...times)).toBeLessThan(2 * minute);
});

it('makes a name that was not there, and knows none before', async () => {
  const { call, run } = stage();
  const other = { ...question, RecordName: 'vpn-c.example.net.' };
  expect(await call('TestDNSAnswer', other)).toMatchObject({ RecordData: [], ResponseCode: 'NXDOMAIN' });
  await call('ChangeResourceRecordSets', upsert('198.51.100.3', { Name: 'VPN-C.example.net.' }));
  await run(2 * minute);
  expect(await call('TestDNSAnswer', other)).toMatchObject({ RecordData: ['198.51.100.3'] });
});

it.each([
  ['ChangeResourceRecordSets', { ...upsert('198.51.100.2'), HostedZoneId: 'ZNONE' }, /^NoSuchHostedZone: /],
  ['TestDNSAnswer', { ...question, HostedZoneId: 'ZNONE' }, /^NoSuchHostedZone: /],
  ['GetChange', { Id: '/change/CNONE' }, /^NoSuchChange: /],
  [
    'ChangeResourceRecordSets',
    upsert('198.51.100.2', { Name: 'vpn-a.example.org' }),
    /^InvalidChangeBatch: \[RRSet with DNS name vpn-a\.example\.org\. is not permitted in zone example\.net\.\]/,
  ],
  ['ChangeResourceRecordSets', upsert('198.51.100.256'), /^InvalidChangeBatch: .*ARRDATAIllegalIPv4Address/],
  ['ChangeResourceRecordSets', upsert('198.51.100.2', {}, { Changes: [] }), /^InvalidInput: /],
  ['GetChange', { Id: 'C'.repeat(33) }, /^InvalidInput: /],
  ['ChangeResourceRecordSets', upsert('198.51.100.2', { SetIdentifier: 'one' }), /^NotModelled: /],
  ['ListHostedZones', {}, /^NotModelled: /],
  ['ChangeResourceRecordSets', upsert('198.51.100.2', { TTL: '30' }), /^Error: TTL must be a number/],
])('%s is refused', async (operation, input, code) => {
  const { call, run } = stage();
  expect(await codeOf(call(operation, input))).toMatch(code);
  await run(2 * minute);
  expect((await call<Answer>('TestDNSAnswer', question)).RecordData).toEqual(['198.51.100.1']);
});

it('names its errors as AWS does, with the status AWS gives them', async () => {
  const { call } = stage();
  const error = await call('GetChange', { Id: 'CNONE' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AwsError);
  expect(error).toMatchObject({ $metadata: { httpStatusCode: 404 } });
});

it('is asked with all that an operation needs, and nothing it does not know', () => {
  expect(inputProblems('route53', 'TestDNSAnswer', question)).toEqual([]);
  expect(inputProblems('route53', 'TestDNSAnswer', { HostedZoneId: zone, RecordName: name, Zone: 1 })).toEqual([
    'RecordType is required',
    'Zone is unknown',
  ]);
  expect([isOperation(null, 'GetChange'), isOperation('route53', 'GetChanges')]).toEqual([true, false]);
});

describe('what IAM asks for', () => {
  const needs = (operation: string, input: object) => accessNeeds('route53', operation, input as never, {} as Places);

  it('is the zone, with names, types and actions as IAM compares them', () => {
    const [need] = needs('ChangeResourceRecordSets', upsert('198.51.100.2', { Name: 'VPN-A.Example.net.' }));
    expect(need).toMatchObject({
      action: 'route53:ChangeResourceRecordSets',
      resource: `arn:aws:route53:::hostedzone/${zone}`,
    });
    const keys = { NormalizedRecordNames: name, RecordTypes: 'A', Actions: 'UPSERT' };
    for (const [key, value] of Object.entries(keys)) {
      const condition = (values: string[]) =>
        ({ operator: 'ForAllValues:StringEquals', key: `route53:ChangeResourceRecordSets${key}`, values }) as const;
      expect([key, holds(condition([value]), need!.context)]).toEqual([key, true]);
      expect([key, holds(condition(['other']), need!.context)]).toEqual([key, false]);
    }
  });

  it('is the change for how far it is, and nothing narrower than all for an answer', () => {
    expect(needs('GetChange', { Id: '/change/C1' })).toMatchObject([{ resource: 'arn:aws:route53:::change/C1' }]);
    expect(needs('TestDNSAnswer', question)).toMatchObject([{ resource: '*' }]);
  });
});
