/**
 * The models in model/ are of the state machine as it is. Needs no model checker: `npm run model-check` runs them.
 */
import { drift, unmodelled } from '../../model/quotes';

it('quotes the conditions of the state machine as they are; after a change, change the model too', () => {
  expect(drift()).toEqual([]);
});

it('speaks of every state that writes on a condition', () => {
  expect(unmodelled()).toEqual([]);
});
