/** One form for a scenario's time, wherever it is shown. */
import { scenarioClock } from '../../../cli/scenario-clock';

it.each([
  [0, '0:00.0'],
  [59_999, '0:59.9'],
  [124_500, '2:04.5'],
  [6_000_000, '100:00.0'],
])('%d ms: %s', (ms, text) => {
  expect(scenarioClock(ms)).toBe(text);
});
