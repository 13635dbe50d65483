/** What scenarios call things: paths, interfaces, route targets. */
import type { Deployment, RouteTarget } from '../../core/words/domain';
import { placeOf } from './ground';
import type { Roles } from './roles';
import type { Tunnel } from './tunnels';
import type { Vpc } from './vpc';

/** Of `connection/path`, or `path` where only one connection has it, or `all`; `only`: of these the one of this name. */
export function tunnelsNamed(all: readonly Tunnel[], path: string, only?: string): readonly Tunnel[] {
  if (path === 'all') return all;
  const found = all.filter((each) => `${each.connection}/${each.path}` === path || each.path === path);
  const paths = new Set(found.map((each) => `${each.connection}/${each.path}`));
  if (paths.size !== 1) throw new Error(`${path} names ${paths.size} paths; say connection/path`);
  const meant = found.filter(({ name }) => only === undefined || name === only);
  if (meant.length === 0) throw new Error(`Path ${path} has no tunnel ${only}`);
  return meant;
}

/**
 * An interface, a gateway's name (what routes over it point at in this table), `vgw-…`, `igw-…`, `tgw-…`, `tgw-attach-…`; `blackhole`: dropped, as a transit gateway
 * can; `none`: no route.
 */
export function targetNamed(deployment: Deployment, table: string, text: string): RouteTarget | null {
  if (text === 'none') return null;
  if (text === 'blackhole') return { kind: 'attachment', id: '' };
  if (text.startsWith('eni-')) return { kind: 'network-interface', id: text };
  if (text.startsWith('tgw-attach-')) return { kind: 'attachment', id: text };
  if (text.startsWith('tgw-')) return { kind: 'transit-gateway', id: text };
  const gateway = deployment.gateways[text];
  if (gateway !== undefined) return placeOf(gateway, table);
  return { kind: 'gateway', id: text };
}

interface Holders {
  readonly deployment: Deployment;
  readonly vpc: Vpc;
  readonly roles: Roles;
}

/** Its own id, or that of the instance or gateway it is on. */
export function interfaceNamed({ deployment, vpc, roles }: Holders, text: string): string {
  const instanceId = text in deployment.gateways ? roles.machineOf(text).id : text;
  const found = vpc.interfaces.get(text) ?? vpc.interfaceOf(instanceId);
  if (found === undefined) throw new Error(`${text} is no gateway, instance or interface of this world`);
  return found.id;
}
