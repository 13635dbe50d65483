/** A grant on an ARN grants nothing where AWS asks on `*`: a role that rests on one would fail on its first day. */
import { evaluate } from '../../../../local-cloud/iam/evaluate';

const stream = 'arn:aws:dynamodb:eu-central-1:111111111111:table/reports/stream/2026';
const allow = (resource: string) => [
  {
    where: 'test',
    effect: 'Allow' as const,
    actions: ['dynamodb:ListStreams', 'dynamodb:GetRecords'],
    resources: [resource],
    principals: [],
    conditions: [],
  },
];

it.each([
  ['dynamodb:ListStreams', stream, false],
  ['dynamodb:ListStreams', '*', true],
  ['dynamodb:GetRecords', stream, true],
])('%s, granted on %s: %s', (action, granted, allowed) => {
  expect(evaluate(allow(granted), { action, resource: stream, context: {} }).allowed).toBe(allowed);
});
