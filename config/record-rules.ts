/** What cannot be of a name in DNS that follows a gateway: it leads to one, and to one that is replaced at all. */
import { type Finding, repeated } from './problems';
import { type AuthorConfig, instancesIn } from './schema';
import { policyFrom } from './thresholds';

export function recordFindings(config: AuthorConfig): Finding[] {
  const named = Object.entries(instancesIn(config)).flatMap(([gateway, { record, launchTemplate }]) =>
    record === undefined ? [] : [{ gateway, record, launchTemplate }],
  );
  const twice = repeated(
    'record-wrong',
    named.map(({ gateway, record }) => ({ at: ['gateways', gateway, 'record', 'name'], key: record.name })),
    (first) => `is the name of ${first[1]} too: a name leads to one gateway; write this one's own`,
  );
  const idle = named.flatMap(({ gateway, launchTemplate }): Finding[] => {
    const why = launchTemplate === undefined ? 'it has no launchTemplate' : neverReplaced(config, gateway);
    if (why === '') return [];
    const message = `follows a gateway that is never replaced (${why}): nothing would ever change it; let it be replaced, or remove this`;
    return [{ at: ['gateways', gateway, 'record'], kind: 'record-wrong', message }];
  });
  return [...twice, ...idle];
}

/** Why, as far as its connections say; empty: one of them would. */
function neverReplaced({ connections }: AuthorConfig, gateway: string): string {
  const over = Object.entries(connections).filter(([, { paths }]) =>
    Object.values(paths).some((path) => path.gateway === gateway),
  );
  if (over.some(([, { policy }]) => policyFrom(policy).replaces24hMax > 0)) return '';
  return over.length === 0 ? '' : `replaces24hMax is 0 in ${over.map(([name]) => name).join(', ')}`;
}
