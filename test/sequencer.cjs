// What takes long begins first, so that no core waits for it at the end, and what reads the scenarios' records comes
// after them. A fresh clone has no timings of its own to go by.
const { default: Sequencer } = require('@jest/test-sequencer');

const first = ['simulation/scenarios', 'contract/contract', 'property/', 'simulation/'];
const last = ['simulation/iam', 'simulation/promises', 'simulation/calls', 'simulation/tables'];

const place = ({ path }) => {
  const isIn = (part) => path.includes(`/test/${part}`);
  if (last.some(isIn)) return first.length + 1;
  const found = first.findIndex(isIn);
  return found < 0 ? first.length : found;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
