/**
 * `npm run -s iam`: plays every scenario and prints, role by role, which grants of the synthesized policies were used,
 * which never were, and what was denied. Exits with 1 if anything was denied.
 */
import { ensureBundles } from '../../cli/bundles';
import { type Grant, GrantUse, isReading, type Request, textOf } from '../../local-cloud/iam/grant-use';
import { imposedByAws, keptUnused } from '../grant-exceptions';
import { playAll } from '../playback';

type Line = readonly [count: string, action: string, resource: string];

const grantLine = (grant: Grant): Line => {
  const { action, resource, condition, count } = grant;
  const why = reasonOf(grant);
  return [
    count === 0 ? '-' : String(count),
    isReading(action) ? action : `${action} (changes)`,
    [resource, ...(condition === '' ? [] : [`if ${condition}`]), ...(why === undefined ? [] : [`(${why})`])].join(' '),
  ];
};

/** Why a grant may break our rules, if it does. */
function reasonOf(grant: Grant): string | undefined {
  const reasonIn = (list: Readonly<Record<string, readonly string[]>>, entry: string): string | undefined =>
    Object.keys(list).find((reason) => list[reason]!.includes(entry));
  if (grant.count === 0) return reasonIn(keptUnused, textOf(grant));
  return grant.resource === '*' ? reasonIn(imposedByAws, grant.action) : undefined;
}

function section(title: string, lines: readonly Line[]): string[] {
  if (lines.length === 0) return [];
  const width = Math.max(...lines.map(([, action]) => action.length));
  return [
    `  ${title}`,
    ...lines.map(([count, action, on]) => `    ${count.padStart(7)}  ${action.padEnd(width)}  ${on}`),
  ];
}

function report(grants: readonly Grant[], denials: readonly Request[]): string {
  const roles = [...new Set(grants.map(({ role }) => role))].sort();
  const blocks = roles.map((role) => {
    const own = grants.filter((grant) => grant.role === role);
    const refused = denials.filter((denial) => denial.role === role);
    return [
      role,
      ...section('granted and used', own.filter(({ count }) => count > 0).map(grantLine)),
      ...section('granted and never used', own.filter(({ count }) => count === 0).map(grantLine)),
      ...section(
        'denied',
        refused.map(({ action, resource, count }) => [String(count), action, resource]),
      ),
    ].join('\n');
  });
  const unused = grants.filter(({ count }) => count === 0);
  const unusedChanges = unused.filter(({ action }) => !isReading(action)).length;
  const total = `${roles.length} roles, ${grants.length} grants: ${grants.length - unused.length} used, ${unused.length} never used (${unusedChanges} of them change something); ${denials.length} denied`;
  return [...blocks, total].join('\n\n');
}

async function main(): Promise<number> {
  ensureBundles();
  const use = new GrantUse();
  for await (const { cloud } of playAll())
    for (const authority of [cloud.authority, ...cloud.otherRegions.authorities]) use.add(authority);
  console.log(report(use.grants(), use.denials()));
  return use.denials().length > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 2;
  },
);
