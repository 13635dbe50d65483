/**
 * S3, as far as somebody keeps objects in it: written, read back and listed in buckets that stood there before, with or
 * without object lock. Under lock each write of a key is a version of its own, and none is ever taken away.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';

export interface Bucket {
  readonly name: string;
  readonly hasLock: boolean;
}

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: string;
  readonly at: Instant;
  /** Null: not locked. */
  readonly lock: { readonly mode: string; readonly until: Instant } | null;
}

const keysPerPageMax = 1_000;

export class S3 implements FakeService {
  readonly name = 's3';
  /** Every version, oldest first; without lock only the last of each key. */
  readonly objects: StoredObject[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly buckets: readonly Bucket[] = [],
  ) {}

  async call(operation: string, input: unknown): Promise<unknown> {
    switch (operation) {
      case 'PutObject':
        return this.put(input as JsonObject);
      case 'GetObject':
        return this.get(input as JsonObject);
      case 'ListObjectsV2':
        return this.list(input as JsonObject);
      default:
        throw new NotModelled('s3', operation);
    }
  }

  private bucket(name: unknown): Bucket {
    const bucket = this.buckets.find((one) => one.name === name);
    if (bucket === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket;
  }

  private get({ Bucket: name, Key: key }: JsonObject): object {
    const { name: bucket } = this.bucket(name);
    const found = this.objects.findLast((one) => one.bucket === bucket && one.key === key);
    if (found === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return { Body: { transformToString: async () => found.body } };
  }

  /** A page at a time, in order of their keys. */
  private list({ Bucket: name, Prefix, ContinuationToken, MaxKeys }: JsonObject): object {
    const { name: bucket } = this.bucket(name);
    const prefix = String(Prefix ?? '');
    const keys = this.objects
      .filter((one) => one.bucket === bucket && one.key.startsWith(prefix))
      .map(({ key }) => key);
    const rest = [...new Set(keys)].sort().filter((key) => key > String(ContinuationToken ?? ''));
    const page = rest.slice(0, Math.min(Number(MaxKeys ?? keysPerPageMax), keysPerPageMax));
    const isTruncated = page.length < rest.length;
    return {
      Contents: page.map((Key) => ({ Key })),
      KeyCount: page.length,
      IsTruncated: isTruncated,
      ...(isTruncated && { NextContinuationToken: page.at(-1)! }),
    };
  }

  private put({ Bucket: name, Key, Body, ObjectLockMode: mode, ObjectLockRetainUntilDate: until }: JsonObject): object {
    const bucket = this.bucket(name);
    if (typeof Body !== 'string') throw new Error('PutObject of anything but a text is not modelled');
    if (mode !== undefined && !bucket.hasLock)
      throw new AwsError('InvalidRequest', 'Bucket is missing Object Lock Configuration');
    const lock = mode === undefined ? null : { mode: String(mode), until: Date.parse(String(until)) };
    if (lock !== null && !(lock.until > this.clock.now()))
      throw new AwsError('InvalidArgument', 'The retain until date must be in the future!');
    const key = String(Key);
    const before = this.objects.findIndex((one) => one.bucket === name && one.key === key);
    if (before !== -1 && !bucket.hasLock) this.objects.splice(before, 1);
    this.objects.push({ bucket: bucket.name, key, body: Body, at: this.clock.now(), lock });
    return {};
  }
}
