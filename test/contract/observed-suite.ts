/** The item of what was heard about a gateway: EC2's newest announcement, and what AWS Health said, code by code. */
import { stateTable } from '../../adapters/dynamodb/state-table';
import { type Cloud, stateTableName } from './site';

async function tableOf(cloud: Cloud): Promise<ReturnType<typeof stateTable>> {
  const { aws, clock } = await cloud.site('tables');
  return stateTable(aws.dynamodb, stateTableName(), clock);
}

export function observedContract(cloud: Cloud): void {
  it('keeps the newest of what EC2 announced, in whatever order it comes', async () => {
    const table = await tableOf(cloud);
    const seen = (state: 'stopping' | 'stopped' | 'running', at: number) => ({ instanceId: 'i-1', state, at });
    const heard = (instance: ReturnType<typeof seen> | null) => ({ instance, health: [] });
    expect(await table.readObservations(['gw-a'])).toEqual({ 'gw-a': heard(null) });
    expect(await table.observe('gw-a', seen('stopping', 5_000))).toBe(true);
    expect(await table.observe('gw-a', seen('running', 4_000))).toBe(false);
    expect(await table.readObservations(['gw-a'])).toEqual({ 'gw-a': heard(seen('stopping', 5_000)) });
    expect(await table.observe('gw-a', seen('stopped', 5_000))).toBe(true);
    expect(await table.observe('gw-b', seen('running', 1_000))).toBe(true);
    expect(await table.readObservations(['gw-a', 'gw-b'])).toEqual({
      'gw-a': heard(seen('stopped', 5_000)),
      'gw-b': heard(seen('running', 1_000)),
    });
  });

  it('keeps beside it what Health says, the last of each code, and knows a repetition', async () => {
    const table = await tableOf(cloud);
    const word = (code: string, status: string, at: number) => ({ code, status, says: 'it', about: 'vpn-1', at });
    expect(await table.hear('gw-a', word('LOSS', 'open', 1_000))).toBe(true);
    expect(await table.hear('gw-a', word('LOSS', 'open', 2_000))).toBe(false);
    expect(await table.hear('gw-a', word('OTHER', 'open', 3_000))).toBe(true);
    expect(await table.hear('gw-a', word('LOSS', 'closed', 4_000))).toBe(true);
    const health = [word('OTHER', 'open', 3_000), word('LOSS', 'closed', 4_000)];
    expect(await table.readObservations(['gw-a'])).toEqual({ 'gw-a': { instance: null, health } });
  });
}
