/**
 * Scenarios that between them use every changing grant (`test/simulation/iam`), on every site: roles that are not there
 * cannot be found idle. Of all that do, the cheapest to play by processor time, where what other suites play anyhow costs
 * nothing. A new grant may need one scenario more.
 */
export const farReaching: readonly string[] = [
  'drill-schedule-denied',
  'drill-scheduled-ill',
  'dynamodb-gone',
  'identity-record',
  'late-start',
  'replaced-gateway-breaks',
  'replacement-unproven',
  's1-prefix-list',
  's1-propagated-withdrawn',
  's1-static-route-deleted',
  's1-vgw-tunnel-2-one-way',
  's2-single-appliance-stopped',
  's4-attract',
  's4-gateway-replaced',
  's5-daemon-dies-elsewhere',
  'shared-canaries-silent',
  'source-dest-check-on-again',
  'starts-throttled',
  'users-on-a-gateway-being-replaced',
];
