/** Keeps records of incidents in a bucket, one object each, written anew whenever there is more to say. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { dayMs, type Instant } from '../../core/words/time';
import { attempt, type Clock } from '../attempt';

export interface RecordsBucket {
  readonly bucket: string;
  /** Absent: no object lock. */
  readonly lock?: { readonly mode: 'governance' | 'compliance'; readonly days: number };
}

/** Under a bucket with object lock each write is a version of its own, and every one is kept. */
export async function keepRecord(
  s3: Pick<S3Client, 'send'>,
  { bucket, lock }: RecordsBucket,
  { key, body }: { readonly key: string; readonly body: string },
  clock: Clock,
): Promise<void> {
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: 'application/json',
    ...(lock !== undefined && {
      ObjectLockMode: lock.mode === 'governance' ? 'GOVERNANCE' : 'COMPLIANCE',
      ObjectLockRetainUntilDate: retainUntil(clock.now(), lock.days),
    }),
  });
  await attempt(clock, { operation: 'PutObject', on: `${bucket}/${key}` }, () => s3.send(put));
}

const retainUntil = (now: Instant, days: number): Date => new Date(now + days * dayMs);
