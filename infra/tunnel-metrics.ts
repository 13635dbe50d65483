/**
 * What a gateway needs to publish how its own daemon sees its tunnels: the reader, the publisher, two units, and a file
 * that says for whom. Written by user data on a greenfield gateway, by the document `install-tunnel-metrics` on one that
 * was adopted; the files are the same.
 *
 * Gateways publish in a namespace of their own. Others administer them, and IAM tells namespaces apart but no
 * dimensions: in the deployment's own namespace a gateway could say that a dead path's canary is answered.
 */
import { readFileSync } from 'node:fs';
import { packagePath } from '../config/package-files';
import type { Deployment } from '../core/words/domain';
import { metricNamespace } from './switchback-function';

export const gatewayNamespace = (deployment: Pick<Deployment, 'name'>): string =>
  `${metricNamespace(deployment)}/gateways`;

/** Without its comments: user data and documents are scarce. They are read in `infra/greenfield/files/`. */
export const fileOf = (name: string): string =>
  readFileSync(packagePath(`infra/greenfield/files/${name}`), 'utf8').replace(/^[ \t]*#(?!!).*\n/gm, '');

/** Those files as a script writes them; a quoted here-document, so that the shell puts nothing into it. */
export const filesScript = (): string =>
  metricsFiles
    .map(({ file, path, mode }) => `cat > ${path} << 'END_OF_FILE'\n${fileOf(file)}END_OF_FILE\nchmod ${mode} ${path}`)
    .join('\n');

/** Where each file goes, and how it may be used. */
export const metricsFiles = [
  { file: 'tunnel-state.awk', path: '/usr/local/lib/switchback-tunnel-state.awk', mode: '0644' },
  { file: 'publish-tunnels.sh', path: '/usr/local/sbin/switchback-publish-tunnels', mode: '0755' },
  { file: 'switchback-metrics.service', path: '/etc/systemd/system/switchback-metrics.service', mode: '0644' },
  { file: 'switchback-metrics.timer', path: '/etc/systemd/system/switchback-metrics.timer', mode: '0644' },
] as const;

export interface MetricsFor {
  readonly deployment: string;
  readonly region: string;
  readonly gateway: string;
  /** In the gateway's own configuration. */
  readonly tunnels: readonly string[];
}

/** Read by systemd, for the publisher. */
export const settingsPath = '/etc/switchback/metrics';
export function metricsSettings({ deployment, region, gateway, tunnels }: MetricsFor): string {
  return `REGION=${region}
NAMESPACE=${gatewayNamespace({ name: deployment })}
DEPLOYMENT=${deployment}
GATEWAY=${gateway}
TUNNELS="${tunnels.join(' ')}"
`;
}
