// Loaded first by each process that runs tests. When the first of them asks the runner for its configuration, the runner
// answers all of them and forgets who has not asked yet (jest-light-runner 0.7.13): one that is slower to start would ask
// in vain and wait for ever. So an answer that comes early is kept until it is asked for.
//
// With COSTS=1 it also notes what each suite costs (`test/reporter.cjs` adds it up).
import { appendFileSync, readFileSync } from 'node:fs';

const question = 'jest-light-runner-get-worker-data';

if (process.send !== undefined) {
  let answer;
  let suite = '';
  const keep = (message) => {
    if (message?.type === 'jest-light-runner-worker-data') answer = message;
    if (message?.source === 'port') suite = message.task;
  };
  // Not before the runner listens: what came until then would be lost to it.
  process.on('newListener', function listen(event) {
    if (event !== 'message') return;
    process.off('newListener', listen);
    process.on('message', keep);
  });
  const send = process.send.bind(process);
  process.send = (message, ...rest) => {
    if (message?.source === 'port' && process.env.SUITE_COSTS) noteCosts(suite);
    if (message !== question || answer === undefined) return send(message, ...rest);
    return setImmediate(() => process.emit('message', answer)) !== undefined;
  };
}

/** All that this process has cost until the end of a suite, with the programs that it started and that have ended. */
function noteCosts(suite) {
  appendFileSync(process.env.SUITE_COSTS, `${process.pid} ${Math.round(spentMs())} ${suite}\n`);
}

function spentMs() {
  const { user, system } = process.cpuUsage();
  let ofPrograms = 0;
  try {
    // Linux only: in hundredths of a second, counted behind the program's name, which is in brackets.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
    ofPrograms = (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {}
  return (user + system) / 1_000 + ofPrograms;
}
