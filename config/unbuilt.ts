/**
 * What the model knows and the code does not do yet. Refused by name, so that nobody believes a link is guarded when
 * it is not. Delete an entry when its feature is built.
 */

import type { Finding } from './problems';
import type { AuthorConfig } from './schema';

export function unbuiltFindings(config: AuthorConfig): Finding[] {
  const gateways = Object.entries(config.gateways).flatMap(([name, { control }]) =>
    control === 'api'
      ? [refused(['gateways', name, 'control'], 'control api', 'use ssm, or none (the ladder then starts at reboot)')]
      : [],
  );
  return [
    ...gateways,
    ...Object.entries(config.connections).flatMap(([name, c]) => connectionFindings(config, name, c)),
  ];
}

function connectionFindings(
  config: AuthorConfig,
  name: string,
  connection: AuthorConfig['connections'][string],
): Finding[] {
  const under = ['connections', name];
  const paths = Object.entries(connection.paths).flatMap(([pathName, { kind, routing }]) => {
    const at = [...under, 'paths', pathName];
    return [
      ...(kind === 'instance' ? [] : [refused([...at, 'kind'], `path kind ${kind}`, 'use instance')]),
      ...(routing === 'static' ? [] : [refused([...at, 'routing'], `routing ${routing}`, 'use static')]),
    ];
  });
  const regions = Object.entries(connection.routeSets).flatMap(([setName, { region }]) =>
    region === undefined || region === '' || region === config.region
      ? []
      : [
          refused(
            [...under, 'routeSets', setName, 'region'],
            "a region other than the deployment's",
            `remove it, or deploy a second time in ${region}`,
          ),
        ],
  );
  return [...paths, ...regions];
}

function refused(at: Finding['at'], what: string, mend: string): Finding {
  return { at, message: `is known but not built yet (${what}): ${mend}` };
}
