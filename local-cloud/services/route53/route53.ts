/**
 * Route 53, as far as our documents ask it: A records of one address in public zones. A change is taken at once and
 * PENDING; all of the zone's servers answer so when it is INSYNC, and none of them does before.
 *
 * It stands in no region, but its zones belong to an account: another's are not found.
 */
import { draw, type Random, randomStream } from '../../random';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { Json, JsonObject } from '../../template/json';
import type { NameZone, RecordSet, WorldPort } from '../../world-port';

interface Change {
  readonly id: string;
  readonly submittedAt: number;
  readonly comment: string | undefined;
  status: 'PENDING' | 'INSYNC';
}

/** "Changes generally propagate to all Route 53 name servers within 60 seconds" (developer guide); the median is an estimate. */
const propagation = { p50: 25_000, p99: 60_000 };

export class Route53 implements FakeService {
  readonly name = 'route53';
  private readonly changes = new Map<string, Change>();
  private readonly random: Random;

  constructor(
    private readonly world: Pick<WorldPort, 'clock' | 'names'>,
    seed: number,
  ) {
    this.random = randomStream(seed, 'route53');
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const given = input as JsonObject;
    switch (operation) {
      case 'ChangeResourceRecordSets':
        return this.change(given);
      case 'GetChange':
        return { ChangeInfo: infoOf(this.changeWith(String(given['Id']))) };
      case 'TestDNSAnswer':
        return this.answer(given);
      default:
        throw new NotModelled('route53', operation);
    }
  }

  private zone(id: Json | undefined): NameZone {
    mustBeShort(id);
    const bare = String(id).replace(/^\/?hostedzone\//, '');
    const zone = this.world.names.zones.get(bare);
    if (zone === undefined) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${bare}`, 404);
    return zone;
  }

  private change({ HostedZoneId, ChangeBatch }: JsonObject): object {
    const zone = this.zone(HostedZoneId);
    const { Changes, Comment } = ChangeBatch as JsonObject;
    const wanted = ((Changes ?? []) as JsonObject[]).map((one) => wantedBy(one, zone));
    if (wanted.length === 0) throw new AwsError('InvalidInput', 'A change batch holds at least one change');
    const { clock } = this.world;
    const id = `C${this.random.uuid().replaceAll('-', '').slice(0, 20).toUpperCase()}`;
    const comment = Comment === undefined ? undefined : String(Comment);
    const change: Change = { id, submittedAt: clock.now(), comment, status: 'PENDING' };
    this.changes.set(id, change);
    const info = infoOf(change);
    clock.after(draw(propagation, this.random), `${id} is INSYNC`, () => {
      change.status = 'INSYNC';
      for (const { name, record } of wanted) this.world.names.serve(zone.id, name, record);
    });
    return { ChangeInfo: info };
  }

  private changeWith(id: string): Change {
    mustBeShort(id);
    const bare = id.replace(/^\/?change\//, '');
    const found = this.changes.get(bare);
    if (found === undefined) throw new AwsError('NoSuchChange', `Could not find resource with ID: ${bare}`, 404);
    return found;
  }

  /** As one of the zone's own servers would, by UDP. */
  private answer({ HostedZoneId, RecordName, RecordType }: JsonObject): object {
    const { served, name: domain } = this.zone(HostedZoneId);
    if (RecordType !== 'A') throw new NotModelled('route53', `an answer of type ${String(RecordType)}`);
    const name = bareName(String(RecordName));
    if (!isWithin(name, domain)) throw new AwsError('InvalidInput', `${name} is not within ${domain}`);
    const record = served.get(name);
    return {
      Nameserver: 'ns-1.awsdns-00.com',
      RecordName: `${name}.`,
      RecordType,
      RecordData: record === undefined ? [] : [record.value],
      ResponseCode: record === undefined ? 'NXDOMAIN' : 'NOERROR',
      Protocol: 'UDP',
    };
  }
}

const bareName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

const infoOf = ({ id, status, submittedAt, comment }: Change): object => ({
  Id: `/change/${id}`,
  Status: status,
  SubmittedAt: new Date(submittedAt),
  ...(comment !== undefined && { Comment: comment }),
});

const invalidBatch = (why: string): AwsError => new AwsError('InvalidChangeBatch', `[${why}]`);

function wantedBy(change: JsonObject, zone: NameZone): { readonly name: string; readonly record: RecordSet } {
  const { Action, ResourceRecordSet } = change;
  const { Name, Type, TTL, ResourceRecords, ...rest } = ResourceRecordSet as JsonObject;
  const [other] = Object.keys(rest);
  if (Action !== 'UPSERT' || Type !== 'A' || other !== undefined)
    throw new NotModelled('route53', `${String(Action)} of a record of type ${String(Type)} ${other ?? ''}`.trim());
  const name = bareName(String(Name));
  if (!isWithin(name, zone.name))
    throw invalidBatch(`RRSet with DNS name ${name}. is not permitted in zone ${zone.name}.`);
  if (typeof TTL !== 'number') throw new Error(`TTL must be a number, is ${typeof TTL}`);
  const [value, second] = ((ResourceRecords ?? []) as JsonObject[]).map((one) => String(one['Value']));
  if (second !== undefined) throw new NotModelled('route53', 'a record with several addresses');
  if (!isAddress(value))
    throw invalidBatch(
      `Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '${value ?? ''}''`,
    );
  return { name, record: { value, ttlSeconds: TTL } };
}

const isAddress = (value: string | undefined): value is string =>
  value !== undefined &&
  value.split('.').length === 4 &&
  value.split('.').every((n) => /^\d{1,3}$/.test(n) && +n < 256);

const idLengthMax = 32;

function mustBeShort(...ids: readonly (Json | undefined)[]): void {
  if (ids.some((id) => String(id).length > idLengthMax))
    throw new AwsError('InvalidInput', `An id is longer than ${idLengthMax} characters`);
}
