// One function's bundle in a process of its own, with nothing else in it: imports it, hands it one event if there is
// one, and tells the parent how long the import took, how large the process grew, and what was answered.
//
//     node scripts/run-bundle.mjs BUNDLE [EVENT AS JSON] [MILLISECONDS THE INVOCATION HAS]
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [bundle, event, givenMs] = process.argv.slice(2);
const startedAt = performance.now();
const usedBefore = process.cpuUsage();
const { handler } = await import(pathToFileURL(bundle).href);
const importMs = performance.now() - startedAt;
const used = process.cpuUsage(usedBefore);
const importCpuMs = (used.user + used.system) / 1_000;

let answer = null;
if (event !== undefined) {
  const until = performance.now() + Number(givenMs);
  const getRemainingTimeInMillis = () => Math.max(0, until - performance.now());
  answer = await handler(JSON.parse(event), { awsRequestId: 'performance', getRemainingTimeInMillis });
}
process.send({ importMs, importCpuMs, peakKb: peakKb(), answer });
process.disconnect();

/** From Linux's own high-water mark: `maxRSS` starts with what the parent had when it started us. */
function peakKb() {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return process.resourceUsage().maxRSS; // Not Linux.
  }
}
