// Loaded first by each process that runs tests. When the first of them asks the runner for its configuration, the runner
// answers all of them and forgets who has not asked yet (jest-light-runner 0.7.13): one that is slower to start would ask
// in vain and wait for ever. So an answer that comes early is kept until it is asked for.
const question = 'jest-light-runner-get-worker-data';

if (process.send !== undefined) {
  let answer;
  const keep = (message) => {
    if (message?.type === 'jest-light-runner-worker-data') answer = message;
  };
  // Not before the runner listens: what came until then would be lost to it.
  process.on('newListener', function listen(event) {
    if (event !== 'message') return;
    process.off('newListener', listen);
    process.on('message', keep);
  });
  const send = process.send.bind(process);
  process.send = (message, ...rest) => {
    if (message !== question || answer === undefined) return send(message, ...rest);
    return setImmediate(() => process.emit('message', answer)) !== undefined;
  };
}
