/** The fields of `switchback.yaml` for connections whose both ends are ours: what is written end by end. */
import * as z from 'zod';
import type { Fields } from './fields';

export const accountField = (f: Fields) =>
  f.maybe(f.text(/^\d{12}$/, 'is no account: write its twelve digits, in quotes'));

export function endField(f: Fields) {
  return f.group({
    region: f.maybe(f.region).describe("Where it is. Default: the deployment's own region."),
    account: accountField(f).describe("The AWS account that owns its route tables. Default: the deployment's own."),
    role: f
      .maybe(f.text(/^[\w+=,.@-]{1,64}$/, 'is no role name: write the name alone, e.g. switchback-mesh-end-ohio'))
      .describe('The role there that our functions take on. Default, in another account: switchback-<name>-end-<end>.'),
    externalId: f
      .maybe(f.text(/^[\w+=,.@:/-]{2,1224}$/, "is no external id: write what the role's trust asks for"))
      .describe("What that role's trust asks for beside who asks. Wanted in another account."),
  });
}

/** Refused wherever it is written; not by its type, or the other kind of group would speak. */
const never = (f: Fields, mend: string) => f.maybe(z.unknown().refine(() => false, mend) as unknown as z.ZodNever);

/** The same name or value at both ends, or each end's own. */
export const acrossPathFields = <T extends z.ZodType>(f: Fields, tunnel: T) => ({
  gateway: never(f, 'stands beside gateways, which names one at each end: remove it').describe(
    'Not beside `gateways`.',
  ),
  gateways: byEnd(f, f.reference, 'end').describe('Its gateway at each end, by the names of `ends`.'),
  tunnel: f
    .maybe(z.union([tunnel, byEnd(f, tunnel, 'end')]))
    .describe("The tunnel's name at both gateways, or one for each end: {frankfurt: mesh-a, ohio: mesh-1}."),
});

export function acrossSetField(f: Fields) {
  const atEnd = f.group({
    tables: f.list(f.tableId, 'route table').describe('Of this end; the most important first.'),
    destinations: f.list(f.destination, 'destination').describe('What lies behind the VPN as seen from here.'),
  });
  const mend = 'is written for each end, under ends: remove it here';
  return f.group({
    home: f.reference.describe('The path these routes belong on at both ends when all is well.'),
    ends: byEnd(f, atEnd, 'end').describe('The tables and destinations of each end; both go over one path.'),
    tables: never(f, mend).describe('Not beside `ends`.'),
    destinations: never(f, mend).describe('Not beside `ends`.'),
  });
}

/** Names of ends are looked up, and refused where there is none (ends-rules.ts). */
const byEnd = <V extends z.ZodType>(f: Fields, value: V, what: string): z.ZodRecord<z.ZodString, V> =>
  f.named(value, what);
