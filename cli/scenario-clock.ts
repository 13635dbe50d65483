/** `12:04.5`: minutes, seconds, tenths since the start of a scenario, wherever its time is shown. */
export function scenarioClock(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const seconds = (tenths % 600) / 10;
  return `${Math.floor(tenths / 600)}:${seconds.toFixed(1).padStart(4, '0')}`;
}
