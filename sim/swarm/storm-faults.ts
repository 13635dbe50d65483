/**
 * What a storm draws from: kinds of faults with their weights, and the calls and errors they meet.
 */
import type { SingleStep } from '../scenario-steps';

export const worldWeights = {
  kill_daemon: 16,
  stop: 14,
  hang: 8,
  break_host: 5,
  terminate: 4,
  agent: 5,
  reboot: 5,
  one_way: 12,
  loss: 12,
  latency: 6,
  mtu: 5,
  peer: 12,
  flap: 8,
  zone: 4,
  capacity: 4,
  all_peers: 5,
};

export const cloudWeights = {
  crash: 26,
  duplicate: 10,
  late: 8,
  drop: 10,
  throttle: 12,
  fail: 28,
  fail_state: 24,
  stall: 14,
  queue: 16,
  table: 10,
  canary: 8,
  cut_off: 5,
  skew: 6,
};

/** Of the stalls: before a state that changes what may be somebody else's by then. */
export const lateStates = ['TakeGateway', 'RepairGateway', 'ReleaseLease'] as const;

export const timedOut = { error: 'TimeoutError', status: 0, landed: false, times: 1 };
export const denied = { error: 'AccessDeniedException', status: 400, landed: false };

/** A refusal that no retry heals, a fault of the service's own, a socket that times out. */
export const stateErrors = [
  ['AccessDeniedException', 400],
  ['InternalServerError', 500],
  ['TimeoutError', 0],
] as const;

export const throttled = [
  ['ec2', 'ReplaceRoute'],
  ['ec2', 'DescribeRouteTables'],
  ['ec2', 'DescribeInstances'],
  ['ec2', '*'],
  ['ssm', '*'],
  ['stepfunctions', 'StartExecution'],
  ['stepfunctions', 'DescribeExecution'],
  ['lambda', 'Invoke'],
  ['sns', 'Publish'],
] as const;

const failure = (service: string, operation: string, error: string, status = 500) => ({
  service,
  operation,
  error,
  status,
});

/** Every call that a run or a function makes, with an error it may really meet; status 0 is a socket that timed out. */
export const failures = [
  failure('dynamodb', 'UpdateItem', 'InternalServerError'),
  failure('dynamodb', 'UpdateItem', 'TimeoutError', 0),
  failure('dynamodb', 'GetItem', 'InternalServerError'),
  failure('dynamodb', 'GetItem', 'TimeoutError', 0),
  failure('dynamodb', 'BatchGetItem', 'InternalServerError'),
  failure('dynamodb', 'PutItem', 'InternalServerError'),
  failure('stepfunctions', 'SendTaskSuccess', 'InternalFailure'),
  failure('stepfunctions', 'DescribeExecution', 'InternalFailure'),
  failure('stepfunctions', 'StartExecution', 'InternalFailure'),
  failure('lambda', 'Invoke', 'ServiceException'),
  failure('lambda', 'Invoke', 'TimeoutError', 0),
  failure('sns', 'Publish', 'InternalErrorException'),
  failure('ssm', 'StartAutomationExecution', 'InternalServerError'),
  failure('ssm', 'GetAutomationExecution', 'InternalServerError'),
  failure('ec2', 'ReplaceRoute', 'InternalError'),
  failure('ec2', 'ReplaceRoute', 'TimeoutError', 0),
  failure('ec2', 'DescribeRouteTables', 'InternalError'),
  failure('ec2', 'DescribeInstances', 'Unavailable', 503),
] as const;

/** Every kind of step a storm may hold: what coverage is counted against. */
export const drawnFaults: readonly SingleStep['do'][] = [
  'kill_daemon',
  'stop_instance',
  'hang_instance',
  'break_host',
  'terminate_instance',
  'agent_gone',
  'reboot_by_hand',
  'one_way',
  'loss',
  'latency',
  'mtu_black_hole',
  'users_blocked',
  'peer_down',
  'zone_down',
  'no_capacity',
  'crash_execution',
  'duplicate',
  'late',
  'drop',
  'throttle',
  'fail',
  'fail_state',
  'stall_execution',
  'queue_automations',
  'table_down',
  'canary_silent',
  'canary_cut_off',
  'clock_skew',
  'command',
  'route_by_hand',
  'mend_gateway',
  'slow',
  'describe_lag',
  'slow_hour',
  'shard_rollover',
  'redeploy',
  'table_missing',
  'deny',
  'source_dest_check',
  'address_away',
  'address_to',
  'checks_fail',
  'gateway_runs',
  'tunnel_one_way',
  'tunnel_down',
  'vpn_peer_down',
  'endpoint_replaced_by_aws',
  'maintenance_pending',
  'telemetry_stuck',
  'propagation_withdrawn',
  'table_changing',
  'tgw_route_by_hand',
  'attachment_gone',
  'region_silent',
  'end_silent',
  'publisher',
  'restart_speaker',
  'partner_prefers_home',
];
