/**
 * Route 53 of moto over HTTP: no client of the SDK is installed for it, since only documents call it. Requests and answers
 * are put into XML and read from it here, as the service's model has them (REST, version 2013-04-01).
 */
import type { MotoOptions } from './moto';
import type { Command } from './site';

/** The names of lists' members on the wire. */
const membersOf: Readonly<Record<string, string>> = { Changes: 'Change', ResourceRecords: 'ResourceRecord' };

function toXml(name: string, value: unknown): string {
  if (Array.isArray(value))
    return `<${name}>${value.map((one) => toXml(membersOf[name] ?? 'member', one)).join('')}</${name}>`;
  if (typeof value !== 'object' || value === null) return `<${name}>${String(value)}</${name}>`;
  const inner = Object.entries(value).map(([key, one]) => toXml(key, one));
  return `<${name}>${inner.join('')}</${name}>`;
}

const textOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

const space = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
const document = (name: string, value: object): string => toXml(name, value).replace(`<${name}>`, `<${name} ${space}>`);

function requestOf(operation: string, input: Readonly<Record<string, unknown>>): Request {
  switch (operation) {
    case 'CreateHostedZone':
      return { method: 'POST', path: 'hostedzone', body: document('CreateHostedZoneRequest', input) };
    case 'ChangeResourceRecordSets': {
      const { HostedZoneId, ChangeBatch } = input;
      const body = document('ChangeResourceRecordSetsRequest', { ChangeBatch });
      return { method: 'POST', path: `hostedzone/${String(HostedZoneId)}/rrset/`, body };
    }
    case 'ListResourceRecordSets':
      return { method: 'GET', path: `hostedzone/${String(input['HostedZoneId'])}/rrset` };
    case 'GetChange':
      return { method: 'GET', path: `change/${String(input['Id']).replace(/^\/change\//, '')}` };
    case 'TestDNSAnswer': {
      const { HostedZoneId, RecordName, RecordType } = input;
      const asked = { hostedzoneid: HostedZoneId, recordname: RecordName, recordtype: RecordType };
      const query = new URLSearchParams(asked as Record<string, string>);
      return { method: 'GET', path: `testdnsanswer?${query.toString()}` };
    }
    default:
      throw new Error(`No request is known for ${operation}`);
  }
}

/** The answer's XML. */
async function askMoto({ endpoint }: MotoOptions, operation: string, input: object): Promise<string> {
  const { method, path, body } = requestOf(operation, input as Readonly<Record<string, unknown>>);
  const scope = 'contract/20261120/us-east-1/route53/aws4_request';
  const answer = await fetch(`${endpoint}/2013-04-01/${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: { Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
  });
  const xml = await answer.text();
  if (answer.ok) return xml;
  throw Object.assign(new Error(textOf(xml, 'Message') ?? xml.slice(0, 200)), {
    name: textOf(xml, 'Code') ?? `status ${answer.status}`,
  });
}

export const namesOfMoto = (options: MotoOptions): { send(command: Command): Promise<unknown> } => ({
  send: async ({ schema: [, , operation], input }) => {
    const xml = await askMoto(options, operation, input);
    const [Id, Status] = [textOf(xml, 'Id'), textOf(xml, 'Status')];
    return { ChangeInfo: { Id, Status } };
  },
});

/** A zone of that name; its id. */
export async function createZone(options: MotoOptions, Name: string, CallerReference: string): Promise<string> {
  const xml = await askMoto(options, 'CreateHostedZone', { Name, CallerReference });
  return textOf(xml, 'Id')!.replace('/hostedzone/', '');
}

/** What an A record of the zone says. */
export async function recordOnMoto(
  options: MotoOptions,
  HostedZoneId: string,
  name: string,
): Promise<string | undefined> {
  const xml = await askMoto(options, 'ListResourceRecordSets', { HostedZoneId });
  const sets = xml.split('<ResourceRecordSet>').filter((one) => textOf(one, 'Name') === `${name}.`);
  return textOf(sets.join(''), 'Value');
}
