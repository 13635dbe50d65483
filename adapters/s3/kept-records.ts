/** Records of incidents as they lie in the archive's bucket: which there are, and one of them. */
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { attempt, type Clock } from '../attempt';
import { isNamed } from '../errors';

/** A thousand keys each. More incidents than that are found by their connection and day alone. */
const pagesMax = 50;

export async function keysUnder(
  s3: Pick<S3Client, 'send'>,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
  clock: Clock,
): Promise<readonly string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const list = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      ...(token && { ContinuationToken: token }),
    });
    const tried = { operation: 'ListObjectsV2', on: `${bucket}/${prefix}` };
    const { Contents = [], NextContinuationToken } = await attempt(clock, tried, () => s3.send(list));
    keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
    token = NextContinuationToken;
    if (token === undefined) break;
  }
  return keys;
}

/** Null: there is none of that key. */
export async function textAt(
  s3: Pick<S3Client, 'send'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  clock: Clock,
): Promise<string | null> {
  const get = new GetObjectCommand({ Bucket: bucket, Key: key });
  return attempt(clock, { operation: 'GetObject', on: `${bucket}/${key}` }, async () => {
    try {
      const { Body } = await s3.send(get);
      return (await Body?.transformToString('utf-8')) ?? '';
    } catch (error) {
      if (isNamed(error, 'NoSuchKey')) return null;
      throw error;
    }
  });
}
