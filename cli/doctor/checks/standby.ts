/** Has the standby ever carried anything? A path whose canary was never answered is a hope. */
import { watchesPath } from '../../../core/words/canaries';
import type { Connection } from '../../../core/words/domain';
import type { CanaryReport } from '../../../core/words/evidence';
import { instantText, spanText } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { type Diagnosis, fail, orWell, warn } from '../diagnosis';

export const standby: AccountCheck = {
  name: 'standby',
  title: 'every path proves itself',
  needs: 'standing',
  async look({ deployment, world }, standing) {
    const reports = await standing.reports();
    const troubles = Object.values(deployment.connections).flatMap((connection) =>
      Object.keys(connection.paths).flatMap((path) => troubleOf(connection, path, reports, world.now())),
    );
    return orWell(troubles, 'each path has answered its canary');
  },
};

function troubleOf(
  { name, canaries }: Connection,
  path: string,
  reports: Readonly<Record<string, CanaryReport | null>>,
  now: number,
): readonly Diagnosis[] {
  const own = canaries.filter(watchesPath(path));
  const said = own.flatMap(({ id }) => reports[id] ?? []);
  const about = `${name}, path ${path}`;
  const answeredAt = Math.max(0, ...said.map((report) => report.answeredAt));
  if (answeredAt === 0)
    return [
      fail({
        about,
        found: said.length === 0 ? 'its canary has never reported' : 'its canary has never been answered',
        why: 'users are never diverted to a path that has not proven itself: there is no standby',
        mend: `switchback status ${name}; then the checks pins, security-groups and endpoints`,
      }),
    ];
  if (said.some(({ verdict }) => verdict === 'healthy')) return [];
  return [
    warn({
      about,
      found: `its canary was answered last ${spanText(now - answeredAt)} ago, at ${instantText(answeredAt)}`,
      why: 'it could not take users over now',
      mend: `switchback status ${name}`,
    }),
  ];
}
