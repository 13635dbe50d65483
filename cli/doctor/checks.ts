/** Everything that `doctor` looks at, in the order in which it is told. */
import type { AccountCheck } from './check';
import { agent } from './checks/agent';
import { alarms } from './checks/alarms';
import { bootstrap } from './checks/bootstrap';
import { canariesReport } from './checks/canaries';
import { clock } from './checks/clock';
import { concurrency } from './checks/concurrency';
import { coupled } from './checks/coupled';
import { drift } from './checks/drift';
import { endpoints } from './checks/endpoints';
import { ends } from './checks/ends';
import { forwarding } from './checks/forwarding';
import { gateways } from './checks/gateways';
import { keys } from './checks/keys';
import { launch } from './checks/launch';
import { oneFate } from './checks/one-fate';
import { pins } from './checks/pins';
import { places } from './checks/places';
import { prefixLists } from './checks/prefix-lists';
import { propagation } from './checks/propagation';
import { quotas } from './checks/quotas';
import { routeWriters } from './checks/route-writers';
import { routesCheck } from './checks/routes';
import { securityGroups } from './checks/security-groups';
import { speakersCheck } from './checks/speakers';
import { standby } from './checks/standby';
import { subscriptions } from './checks/subscriptions';
import { throttling } from './checks/throttling';

export const checks: readonly AccountCheck[] = [
  gateways,
  forwarding,
  agent,
  places,
  securityGroups,
  endpoints,
  pins,
  routesCheck,
  prefixLists,
  propagation,
  oneFate,
  coupled,
  speakersCheck,
  ends,
  launch,
  keys,
  subscriptions,
  canariesReport,
  standby,
  alarms,
  drift,
  routeWriters,
  bootstrap,
  quotas,
  concurrency,
  throttling,
  clock,
];
