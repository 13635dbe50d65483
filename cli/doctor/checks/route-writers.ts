/** Who else wrote our routes in thirty days? Two who write the same route undo each other, in an incident first of all. */
import { attempt } from '../../../adapters/attempt';
import { transitLists } from '../../../core/words/destinations';
import type { Deployment } from '../../../core/words/domain';
import { isRecord, parsed } from '../../../core/words/shape';
import { dayMs, instantText } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, orWell, unknown, warn } from '../diagnosis';
import type { Patient } from '../patient';

const lookBackMs = 30 * dayMs;
const vpcWrites = ['ReplaceRoute', 'CreateRoute', 'DeleteRoute'];
const transitWrites = ['ReplaceTransitGatewayRoute', 'CreateTransitGatewayRoute', 'DeleteTransitGatewayRoute'];
const listWrites = ['Modify', 'Create', 'Delete'].map((verb) => `${verb}TransitGatewayPrefixListReference`);
/** CloudTrail gives out two pages a second, of fifty. */
const pageWaitMs = 600;
const pagesMax = 10;

export const routeWriters: AccountCheck = {
  name: 'route-writers',
  title: 'nobody else writes our routes',
  needs: 'account',
  async look(patient) {
    const tables = tablesOf(patient.deployment);
    const events = [
      ...(tables.some((id) => id.startsWith('rtb-')) ? vpcWrites : []),
      ...(tables.some((id) => id.startsWith('tgw-rtb-')) ? transitWrites : []),
      ...(transitLists(patient.deployment).length > 0 ? listWrites : []),
    ];
    const looks: Look[] = [];
    for (const event of events) looks.push(await writesOf(patient, event)); // One after the other: see `pageWaitMs`.
    const writes = looks.flatMap((look) => look.writes).filter(({ table }) => tables.includes(table));
    const others = writes.filter(({ by }) => !by.includes(ourRoles(patient.deployment)));
    const cut = looks.some(({ isWhole }) => !isWhole)
      ? [unknown('', `only the newest ${pagesMax * 50} writes of a kind were looked at`, 'ask CloudTrail for the rest')]
      : [];
    const troubles = [...byWriter(others), ...cut];
    return orWell(
      troubles,
      `${counted(writes.length, 'write')} of ${counted(tables.length, 'table')} in 30 days, all ours`,
    );
  },
};

const ourRoles = ({ name }: Deployment): string => `:role/switchback/${name}/`;

const tablesOf = ({ connections }: Deployment): readonly string[] => [
  ...new Set(
    Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets).flatMap((set) => set.tables)),
  ),
];

interface Write {
  readonly table: string;
  /** ARN of the role or user. */
  readonly by: string;
  readonly at: number;
}

interface Look {
  readonly writes: readonly Write[];
  readonly isWhole: boolean;
}

async function writesOf({ world, elsewhere }: Patient, event: string): Promise<Look> {
  const writes: Write[] = [];
  let NextToken: unknown;
  for (let page = 0; page < pagesMax; page++) {
    const input = {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: event }],
      StartTime: Math.floor((world.now() - lookBackMs) / 1_000),
      MaxResults: 50,
      ...(NextToken !== undefined && { NextToken }),
    };
    const answer = await attempt(world, { operation: 'LookupEvents', on: event }, () =>
      elsewhere.ask({ service: 'cloudtrail', operation: 'LookupEvents', input }),
    );
    const { Events, NextToken: next } = isRecord(answer) ? answer : {};
    writes.push(...(Array.isArray(Events) ? Events : []).flatMap(writeIn));
    NextToken = next ?? undefined;
    if (NextToken === undefined) return { writes, isWhole: true };
    await world.sleep(pageWaitMs);
  }
  return { writes, isWhole: false };
}

/** Empty: it was refused, or says no table. */
function writeIn(event: unknown): Write[] {
  const told = isRecord(event) ? parsed(String(event['CloudTrailEvent'] ?? '')) : undefined;
  if (!isRecord(told) || told['errorCode'] !== undefined) return [];
  const { userIdentity, requestParameters, eventTime } = told;
  const table = tableIn(requestParameters);
  return table === null ? [] : [{ table, by: writerIn(userIdentity), at: Date.parse(String(eventTime)) }];
}

/** A transit gateway's calls wrap their parameters in one named after the call. */
function tableIn(parameters: unknown): string | null {
  if (!isRecord(parameters)) return null;
  const table =
    parameters['routeTableId'] ?? parameters['transitGatewayRouteTableId'] ?? parameters['TransitGatewayRouteTableId'];
  if (typeof table === 'string') return table;
  return (
    Object.values(parameters)
      .map(tableIn)
      .find((one) => one !== null) ?? null
  );
}

function writerIn(identity: unknown): string {
  if (!isRecord(identity)) return 'somebody unknown';
  const context = isRecord(identity['sessionContext']) ? identity['sessionContext'] : {};
  const issuer = isRecord(context['sessionIssuer']) ? context['sessionIssuer'] : {};
  return String(issuer['arn'] ?? identity['arn'] ?? identity['invokedBy'] ?? 'somebody unknown');
}

function byWriter(writes: readonly Write[]): readonly Diagnosis[] {
  const writers = [...new Set(writes.map(({ by }) => by))];
  return writers.map((by) => {
    const own = writes.filter((one) => one.by === by);
    const tables = [...new Set(own.map(({ table }) => table))].sort();
    const last = Math.max(...own.map(({ at }) => at));
    return warn({
      about: tables.join(', '),
      found: `${by} wrote ${counted(own.length, 'route')}, last at ${instantText(last)}`,
      why: 'what it writes while users are diverted takes them back into the dark, and a route it leaves elsewhere is not ours to move',
      mend: 'let one of the two write: keep it from these tables (switchback policies prints the policy), or take the routes out of its code',
    });
  });
}
