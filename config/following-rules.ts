/**
 * What cannot be of a name in DNS or a secondary address that follows a gateway: a name leads to one gateway, and both follow
 * one that is replaced at all.
 */
import { type Finding, repeated } from './problems';
import { type AuthorConfig, instancesIn } from './schema';

export function followingFindings(config: AuthorConfig): Finding[] {
  const gateways = Object.entries(instancesIn(config));
  const twice = repeated(
    'never-followed',
    gateways.flatMap(([gateway, { record }]) =>
      record === undefined ? [] : [{ at: ['gateways', gateway, 'record', 'name'], key: record.name }],
    ),
    (first) => `is the name of ${first[1]} too: a name leads to one gateway; write this one's own`,
  );
  const idle = gateways.flatMap(([gateway, own]): Finding[] => {
    if (own.launchTemplate !== undefined) return [];
    const message =
      'follows a gateway that is never replaced (it has no launchTemplate): nothing would ever change it; let it be replaced, or remove this';
    return (['record', 'secondaryAddress'] as const).flatMap((field): Finding[] =>
      own[field] === undefined ? [] : [{ at: ['gateways', gateway, field], kind: 'never-followed', message }],
    );
  });
  return [...twice, ...idle];
}
