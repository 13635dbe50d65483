/** How alarms about gateways are called: rules find them by the beginning of their names. */
import type { Deployment, GatewayName } from '../../core/words/domain';

/** Under `gateway`, which no connection may be called: two connections may share one. */
export const gatewayAlarmPrefix = ({ name }: Pick<Deployment, 'name'>, gateway: GatewayName): string =>
  `${name}/gateway/${gateway}/`;
