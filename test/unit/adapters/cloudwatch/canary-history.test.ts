/** What CloudWatch is asked for of a past span, and how its pages become points. */
import { canaryHistory, periodSeconds } from '../../../../adapters/cloudwatch/canary-history';
import type { Canary } from '../../../../core/words/domain';
import { dayMs, hourMs, minuteMs } from '../../../../core/words/time';

const now = Date.parse('2026-01-05T12:00:00Z');

it.each([
  ['young', { from: now - hourMs, to: now }, 10],
  ['older than three hours', { from: now - 4 * hourMs, to: now - 3 * hourMs }, 60],
  ['older than fifteen days', { from: now - 20 * dayMs, to: now - 20 * dayMs + hourMs }, 300],
  ['older than sixty-three days', { from: now - 80 * dayMs, to: now - 80 * dayMs + hourMs }, 3_600],
  ['young, and so long that nobody could see it', { from: now - 3 * hourMs, to: now + 9 * hourMs }, 60],
])('asks for what CloudWatch still has of a span that is %s', (_, span, seconds) => {
  expect(periodSeconds(span, now)).toBe(seconds);
});

const canary = { id: 'paris/path-a', connection: 'paris' } as Canary;

it('puts pages together, by time, and leaves what was not measured open', async () => {
  const at = (minutes: number): Date => new Date(now - minutes * minuteMs);
  const pages = [
    {
      MetricDataResults: [
        { Id: 'reachable0', Timestamps: [at(3), at(2)], Values: [1, 0] },
        { Id: 'loss0', Timestamps: [at(3)], Values: [0] },
      ],
      NextToken: 'more',
    },
    { MetricDataResults: [{ Id: 'rtt0', Timestamps: [at(3), at(1)], Values: [24, 25] }] },
  ];
  const sent: object[] = [];
  const cloudwatch = {
    send: async ({ input }: { input: object }) => pages[sent.push(input) - 1],
  } as never;
  const clock = { now: () => now, sleep: async () => {} };
  const asked = { from: now - 5 * minuteMs, to: now, canaries: [canary], namespace: 'Switchback' };
  const { periodMs, points } = await canaryHistory(cloudwatch, clock, asked);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatchObject({ NextToken: 'more' });
  expect(periodMs).toBe(10_000);
  expect(points.get('paris/path-a')).toEqual([
    { at: at(3).getTime(), loss: 0, rttMs: 24, reachable: true },
    { at: at(2).getTime(), loss: null, rttMs: null, reachable: false },
    { at: at(1).getTime(), loss: null, rttMs: 25, reachable: null },
  ]);
});
