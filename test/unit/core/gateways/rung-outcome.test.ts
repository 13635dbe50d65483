/** What the end of a repair shows: of its daemon only what the gateway itself said. */
import { outcomeOf } from '../../../../core/gateways/rung-outcome';
import type { AutomationFacts } from '../../../../core/words/evidence';

const ended = (over: Partial<AutomationFacts>): AutomationFacts => ({
  id: 'x',
  status: 'failed',
  endedAt: 1,
  outputs: {},
  failure: '',
  ...over,
});
/** As Systems Manager quotes a command that failed. */
const quoted = (output: string): string =>
  `Step fails when it is verifying the command has completed. Command 1 returns unexpected invocation result: \n{Status=[Failed], ResponseCode=[3], Output=[Restarting.\n${output}\n----------ERROR-------\nfailed to run commands: exit status 3], OutputPayload=[{"Output":"Restarting.\\n${output}\\n"}], CommandId=[1]}.`;

describe('the restart of a tunnel', () => {
  it.each([
    ['switchback: dead: strongSwan did not come back', { result: 'failed', said: 'strongSwan did not come back' }],
    ['switchback: unseen: no unit of it', { result: 'unseen', said: 'no unit of it' }],
    ['switchback: left: it is silent', { result: 'left', said: 'it is silent' }],
  ] as const)('that failed with %s', (output, outcome) => {
    expect(outcomeOf('restart-tunnel', ended({ failure: quoted(output) }))).toEqual(outcome);
  });

  it('that succeeded has found the daemon alive, if it says so', () => {
    const success = (Output: string) => outcomeOf('restart-tunnel', ended({ status: 'success', outputs: { Output } }));
    expect(success('Restarting.\nswitchback: alive\n')).toEqual({ result: 'success' });
    expect(success('There is no swanctl here.')).toEqual({ result: 'unseen' });
  });

  it.each([
    'Step timed out.',
    '{Status=[DeliveryTimedOut], ResponseCode=[-1], Output=[]}',
    '{Status=[Undeliverable], ResponseCode=[-1], Output=[]}',
    'Instances [[i-1]] not in a valid state for account 1 (InvalidInstanceId)',
  ])('whose command did not come back shows nothing of the daemon: %s', (failure) => {
    expect(outcomeOf('restart-tunnel', ended({ failure }))).toEqual({ result: 'undelivered' });
  });

  it('quotes the gateway shortly, and nothing that a terminal or a mail would obey', () => {
    const { said } = outcomeOf('restart-tunnel', ended({ failure: `switchback: left: \u001b[2J${'x'.repeat(400)}` }));
    expect(said).toMatch(/^\[2Jx+$/);
    expect(said!.length).toBeLessThanOrEqual(160);
  });
});

it.each([
  [
    'Step fails when it is Execute/Cancelling action. User: arn:aws:sts::1:assumed-role/r/x is not authorized to perform: ssm:SendCommand on resource: arn:aws:ec2:x:1:instance/i-1 because no identity-based policy allows it',
    'ssm:SendCommand',
  ],
  [
    'Step fails when it is Poll action status for completion. An error occurred (UnauthorizedOperation) when calling the RebootInstances operation: You are not authorized to perform this operation.',
    'RebootInstances',
  ],
  ['AccessDeniedException: no', 'one of its calls'],
])('says which call was forbidden, whatever the rung: %s', (failure, said) => {
  expect(outcomeOf('restart-tunnel', ended({ failure }))).toEqual({ result: 'denied', said });
  expect(outcomeOf('replace', ended({ failure, status: 'refused' }))).toEqual({ result: 'denied', said });
  expect(outcomeOf('reboot', ended({ failure, status: 'success' }))).toEqual({ result: 'success' });
});

it('is the automation itself for every other rung, and for one that never began', () => {
  const text = { failure: quoted('switchback: unseen: x') };
  expect(outcomeOf('reboot', ended(text))).toEqual({ result: 'failed' });
  expect(outcomeOf('restart-tunnel', ended({ ...text, status: 'refused' }))).toEqual({ result: 'refused' });
});

describe('the replacement of a tunnel', () => {
  it.each([
    [
      'An error occurred (IncorrectState) when calling the ReplaceVpnTunnel operation: vpn-1 is being modified',
      'AWS says IncorrectState: vpn-1 is being modified',
    ],
    [
      'Property value 0 is not in the desired values ["1"]',
      'just before it began, the other tunnel was not there to take over',
    ],
  ])('that was refused has touched nothing, and says by whom: %s', (failure, said) => {
    expect(outcomeOf('replace-tunnel', ended({ failure }))).toEqual({ result: 'declined', said });
  });

  it('that AWS took too long over has failed', () => {
    expect(outcomeOf('replace-tunnel', ended({ failure: 'Step timed out.' }))).toEqual({ result: 'failed' });
    expect(outcomeOf('replace-tunnel', ended({ status: 'success' }))).toEqual({ result: 'success' });
  });

  it('that IAM forbids is denied, and nothing else', () => {
    const failure =
      'An error occurred (UnauthorizedOperation) when calling the ReplaceVpnTunnel operation: You are not authorized';
    expect(outcomeOf('replace-tunnel', ended({ failure }))).toEqual({ result: 'denied', said: 'ReplaceVpnTunnel' });
  });
});
