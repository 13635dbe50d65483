/** Buckets that stood there before: what is kept, what object lock adds, and what is refused. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { S3 } from '../../../../../local-cloud/services/s3/s3';

const put = { Bucket: 'plain', Key: 'a.json', Body: '{}' };
const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(86_400_000) };
const s3 = () =>
  new S3(new VirtualClock(1_000), [
    { name: 'plain', hasLock: false },
    { name: 'locked', hasLock: true },
  ]);

it('keeps the last of each key, and under object lock every one', async () => {
  const kept = s3();
  for (const Body of ['1', '2']) {
    await kept.call('PutObject', { ...put, Body });
    await kept.call('PutObject', { ...put, ...lock, Bucket: 'locked', Body });
  }
  expect(kept.objects.map(({ bucket, body, lock: locked }) => [bucket, body, locked])).toEqual([
    ['locked', '1', { mode: 'GOVERNANCE', until: 86_400_000 }],
    ['plain', '2', null],
    ['locked', '2', { mode: 'GOVERNANCE', until: 86_400_000 }],
  ]);
});

it.each([
  ['a bucket that is not there', { Bucket: 'other' }, 'NoSuchBucket'],
  ['a lock where the bucket has none', lock, 'InvalidRequest'],
  ['a lock that is over', { ...lock, Bucket: 'locked', ObjectLockRetainUntilDate: new Date(1) }, 'InvalidArgument'],
])('refuses %s', async (_, over, name) => {
  await expect(s3().call('PutObject', { ...put, ...over })).rejects.toMatchObject({ name });
});

it('gives back the last of a key, and lists keys in their order, a page at a time', async () => {
  const kept = s3();
  for (const [Key, Body] of [
    ['b/2', 'two'],
    ['b/1', 'old'],
    ['b/1', 'new'],
    ['c', 'x'],
  ] as const)
    await kept.call('PutObject', { ...put, ...lock, Bucket: 'locked', Key, Body });
  const got = (await kept.call('GetObject', { Bucket: 'locked', Key: 'b/1' })) as {
    Body: { transformToString(): Promise<string> };
  };
  expect(await got.Body.transformToString()).toBe('new');
  const list = { Bucket: 'locked', Prefix: 'b/', MaxKeys: 1 };
  const first = await kept.call('ListObjectsV2', list);
  expect(first).toEqual({ Contents: [{ Key: 'b/1' }], KeyCount: 1, IsTruncated: true, NextContinuationToken: 'b/1' });
  const rest = { Contents: [{ Key: 'b/2' }], KeyCount: 1, IsTruncated: false };
  expect(await kept.call('ListObjectsV2', { ...list, ContinuationToken: 'b/1' })).toEqual(rest);
});

it.each([
  ['an object that is not there', 'GetObject', { Bucket: 'plain', Key: 'no' }, 'NoSuchKey'],
  ['what lies in a bucket that is not there', 'ListObjectsV2', { Bucket: 'other' }, 'NoSuchBucket'],
])('does not give %s', async (_, operation, input, name) => {
  await expect(s3().call(operation, input)).rejects.toMatchObject({ name });
});
