/**
 * EventBridge patterns: every pattern of the table, and every rule of the synthesized template, against every event of
 * the table. The expectation is written down, so each side is checked against the documentation and not only against
 * the other.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { events, expectedMatches, patterns } from './event-cases';
import { type Cloud, type ContractEvent, template } from './site';

const fixtures = join(__dirname, '../../sim/fixtures');

/** The whole documented payloads that scenarios put on the bus, and two that are nobody's. */
function busEvents(): Record<string, ContractEvent> {
  const read = (file: string): ContractEvent => JSON.parse(readFileSync(join(fixtures, file), 'utf8'));
  const known = Object.fromEntries(
    readdirSync(fixtures)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file.replace('.json', ''), read(file)]),
  );
  const alarm = known['alarm-metric']!;
  const named = (alarmName: string): ContractEvent => changed({ alarmName });
  const changed = (detail: object): ContractEvent => ({ ...alarm, detail: { ...alarm.detail, ...detail } });
  return {
    ...known,
    'alarm-back-to-ok': changed({ state: { value: 'OK' }, previousState: { value: 'ALARM' } }),
    'alarm-with-its-first-data': changed({ state: { value: 'OK' }, previousState: { value: 'INSUFFICIENT_DATA' } }),
    'alarm-about-ourselves': named('switchback/self/sweep'),
    'alarm-of-another-connection': named('switchback/oslo/path-a/reachable'),
    'alarm-of-another-system': named('other/switchback/paris/x'),
    'ec2-other': {
      source: 'aws.ec2',
      'detail-type': 'EBS Volume Notification',
      resources: [],
      detail: { state: 'stopped' },
    },
  };
}

export function patternsContract(cloud: Cloud): void {
  it('matches what the documentation says, pattern by event', async () => {
    const matches = await cloud.matchEvents(patterns, events);
    expect([...matches].sort()).toEqual([...expectedMatches].sort());
  });

  it('fires the rules of the template for their own events only', async () => {
    const rules = template()
      .ofType('AWS::Events::Rule')
      .flatMap(({ logicalId, properties }) =>
        properties['EventPattern'] === undefined ? [] : [[logicalId, properties['EventPattern'] as object] as const],
      );
    const matches = [...(await cloud.matchEvents(Object.fromEntries(rules), busEvents()))];
    const firedBy = (event: string) => matches.filter((match) => match.endsWith(`: ${event}`)).map(ruleKind);
    expect(Object.fromEntries(Object.keys(busEvents()).map((event) => [event, firedBy(event)]))).toEqual({
      'alarm-metric': ['paris'],
      'alarm-composite-suppressed': ['paris'], // Still emitted while suppressed; a look costs nothing.
      'alarm-back-to-ok': ['paris'],
      'alarm-with-its-first-data': [],
      'alarm-about-ourselves': [],
      'alarm-of-another-connection': [],
      'alarm-of-another-system': [],
      'ec2-instance-state': ['ec2'],
      'ec2-malformed': ['ec2'], // Its shape is checked by who receives it.
      'ec2-other': [],
      'health-ec2': ['health'],
      'health-vpn': [], // The pair has no VPN connection of AWS: Health is listened to about EC2.
    });
  });
}

/** The connection (or `self`) of an alarm rule, the service of another. */
function ruleKind(match: string): string {
  const [logicalId] = match.split(': ');
  const pattern = JSON.stringify(template().resource(logicalId!).properties['EventPattern']);
  return /"prefix":"switchback\/(\w+)\/"/.exec(pattern)?.[1] ?? /"aws\.(\w+)"/.exec(pattern)?.[1] ?? pattern;
}
