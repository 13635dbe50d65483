/** The item of what was heard: anything may stand in it, and what cannot be read was not heard. */
import { healthAttributes, observedFrom } from '../../../../core/store/observed';

const word = {
  code: 'AWS_VPN_REDUNDANCY_LOSS',
  status: 'open',
  says: 'a tunnel',
  about: 'vpn-0aaaaaaaaaaaaaaa1',
  at: 7,
};

function stored(one = word): Record<string, unknown> {
  const { word: kept, heard } = healthAttributes(one);
  return { [kept.name]: kept.text, [heard.name]: heard.at };
}

it('reads what was written, oldest first, beside what EC2 announced', () => {
  const later = { ...word, code: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED', at: 9 };
  const instance = { instanceId: 'i-1', state: 'stopped', at: 5 };
  const item = { pk: 'observed#gw-a', sk: 'instance', ...instance, ...stored(later), ...stored() };
  expect(observedFrom(item)).toEqual({ instance, health: [word, later] });
  expect(observedFrom(undefined)).toEqual({ instance: null, health: [] });
});

it('keeps apart what is said and when it was heard, so that a repetition is the same', () => {
  expect(healthAttributes({ ...word, at: 99 }).word).toEqual(healthAttributes(word).word);
  expect(healthAttributes({ ...word, status: 'closed' }).word).not.toEqual(healthAttributes(word).word);
});

it.each<readonly [string, unknown]>([
  ['no text', 7],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['without its words', '{"about":"vpn-1","status":"open"}'],
])('takes a word that is %s for unheard', (_, text) => {
  expect(observedFrom({ ...stored(), 'health:AWS_VPN_REDUNDANCY_LOSS': text }).health).toEqual([]);
});

it('takes a word without its instant for unheard', () => {
  expect(observedFrom({ ...stored(), 'heard:AWS_VPN_REDUNDANCY_LOSS': undefined }).health).toEqual([]);
});
