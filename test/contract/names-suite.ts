/** The name in DNS that `replace` leads to a new machine, by the runbook's own steps. */
import { runStep } from './product-calls';
import { type Cloud, outcomeOf, type Site } from './site';

const name = 'vpn-a.example.net';

const valuesFor = ({ zoneId }: Site) => ({
  RecordZone: zoneId,
  RecordName: name,
  RecordTtl: 30,
  Gateway: 'gw-a',
  'readRecord.RecordWas': '198.51.100.1',
  'findPublicAddress.PublicIp': '198.51.100.2',
});

type Info = { readonly ChangeInfo: { readonly Id: string; readonly Status: string } };

export function namesContract(cloud: Cloud): void {
  it('is led there, which is in sync after a while, and back again', async () => {
    const site = await cloud.site('zone');
    for (const [step, wait, address] of [
      ['changeRecord', 'awaitRecord', '198.51.100.2'],
      ['restoreRecord', 'awaitRecordBack', '198.51.100.1'],
    ] as const) {
      const { ChangeInfo } = (await runStep(site, ['replace', step], valuesFor(site))) as Info;
      expect(ChangeInfo.Id).toMatch(/^\/change\/C[A-Z0-9]+$/);
      await site.settle();
      const values = { [`${step}.ChangeId`]: ChangeInfo.Id };
      expect(await runStep(site, ['replace', wait], values)).toMatchObject({ ChangeInfo: { Status: 'INSYNC' } });
      expect(await site.nameSays(name)).toBe(address);
    }
  });

  it('is of a zone that is there', async () => {
    const site = await cloud.site('zone');
    const values = { ...valuesFor(site), RecordZone: 'ZNOTHERE' };
    expect(await outcomeOf(runStep(site, ['replace', 'changeRecord'], values))).toBe('NoSuchHostedZone');
  });
}

/** What moto does not answer: TestDNSAnswer. */
export function unwitnessedNamesContract(cloud: Cloud): void {
  it('is asked as the zone’s own servers would answer', async () => {
    const site = await cloud.site('zone');
    expect(await runStep(site, ['replace', 'askRecord'], valuesFor(site))).toMatchObject({
      RecordData: ['198.51.100.1'],
      ResponseCode: 'NOERROR',
    });
  });
}
