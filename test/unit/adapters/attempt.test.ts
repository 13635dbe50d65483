/** Which SDK error becomes which name, and how patient one call is, on virtual time. */
import { attempt } from '../../../adapters/attempt';
import { faultFrom } from '../../../adapters/errors';
import { startAt, VirtualWorld } from '../functions/virtual-world';
import { awsError, awsMocks, socketError } from './aws-mocks';

const tried = { operation: 'DescribeRouteTables', on: 'rtb-1' };

describe('faultFrom', () => {
  it.each([
    ['Throttled', awsError('RequestLimitExceeded', 'Request limit exceeded.', 503)],
    ['Throttled', awsError('ThrottlingException', 'Rate exceeded')],
    ['Throttled', awsError('Whatever', '', 429)],
    ['AccessDenied', awsError('UnauthorizedOperation', 'You are not authorized', 403)],
    ['AccessDenied', awsError('AccessDeniedException')],
    ['AwsUnavailable', awsError('TimeoutError')],
    ['AwsUnavailable', awsError('InternalServerError', '', 500)],
    ['AwsUnavailable', socketError('ENOTFOUND')],
    ['AwsUnavailable', socketError('ECONNRESET')],
    ['MalformedInput', awsError('ValidationException', 'Invalid key')],
  ])('calls it %s', (name, error) => {
    const fault = faultFrom(error, tried) as Error;
    expect(fault.name).toBe(name);
    expect(fault.cause).toBe(error);
  });

  it('says what was tried, on what, and what was seen', () => {
    const fault = faultFrom(awsError('RequestLimitExceeded', 'Request limit exceeded.'), tried) as Error;
    expect(fault.message).toBe('DescribeRouteTables on rtb-1: RequestLimitExceeded: Request limit exceeded.');
  });

  it('lets our own mistakes keep their name', () => {
    const mistake = new TypeError('x is not a function');
    expect(faultFrom(mistake, tried)).toBe(mistake);
  });
});

describe('attempt', () => {
  const failing = (...errors: Error[]) => {
    let calls = 0;
    const call = async (): Promise<string> => {
      const error = errors[calls++];
      if (error !== undefined) throw error;
      return 'answer';
    };
    return { call, calls: () => calls };
  };

  it('backs off on throttles and answers when they end', async () => {
    const world = new VirtualWorld(awsMocks());
    const { call } = failing(awsError('ThrottlingException'), awsError('ThrottlingException'));
    await expect(world.finish(attempt(world, tried, call))).resolves.toBe('answer');
    expect(world.now() - startAt).toBe(400);
  });

  it('gives up as Throttled after the last backoff', async () => {
    const world = new VirtualWorld(awsMocks());
    const { call, calls } = failing(...Array.from({ length: 9 }, () => awsError('ThrottlingException')));
    await expect(world.finish(attempt(world, tried, call))).rejects.toMatchObject({ name: 'Throttled' });
    expect(calls()).toBe(4);
  });

  it('does not wait for a dead service', async () => {
    const world = new VirtualWorld(awsMocks());
    const { call, calls } = failing(awsError('TimeoutError'), awsError('TimeoutError'));
    await expect(world.finish(attempt(world, tried, call))).rejects.toMatchObject({ name: 'AwsUnavailable' });
    expect([calls(), world.now() - startAt]).toEqual([1, 0]);
  });

  it('replaces a socket that went stale, once', async () => {
    const world = new VirtualWorld(awsMocks());
    await expect(world.finish(attempt(world, tried, failing(socketError('ECONNRESET')).call))).resolves.toBe('answer');
    const twice = failing(socketError('ECONNRESET'), socketError('ECONNRESET'));
    await expect(world.finish(attempt(world, tried, twice.call))).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });
});
