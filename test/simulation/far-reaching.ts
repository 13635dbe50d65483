/**
 * Scenarios that between them use every changing grant (`test/simulation/iam`), on every site: roles that are not there
 * cannot be found idle.
 */
export const farReaching: readonly string[] = [
  'affinity-zone-a-stopped',
  'drill-schedule-denied',
  'drill-scheduled-ill',
  'gateway-hung',
  'identity-record',
  'identity-secondary',
  'observe-without-the-table',
  'one-tunnel-of-a-shared-gateway',
  'replaced-gateway-breaks',
  'replacement-unproven',
  's1-prefix-list',
  's1-prefix-list-shadowed',
  's1-propagated-withdrawn',
  's1-static-route-deleted',
  's1-vgw-tunnel-2-one-way',
  's1-vgw-tunnel-swap-works',
  's2-single-appliance-stopped',
  's4-attract',
  's4-gateway-replaced',
  's5-gateway-dies',
  's5-planned-dryrun',
  's5-daemon-dies-elsewhere',
  's5-two-accounts',
  'shared-canaries-silent',
  'source-dest-check-on-again',
  'starts-throttled',
  'users-on-a-gateway-being-replaced',
];
