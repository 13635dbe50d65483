/** Which addresses stand for users when routes overlap. */
import { prefixBits } from '../../../../sim/network/prefix';
import { longerThan, samplesOf } from '../../../../sim/network/samples';

it('finds the longer routes inside a destination, of either family', () => {
  const blocks = [
    '10.0.0.0/16',
    '10.0.7.0/24',
    '10.1.0.0/24',
    '0.0.0.0/0',
    '2001:db8::/48',
    '2001:db8:0:7::/64',
    'pl-1',
  ];
  expect(longerThan('10.0.0.0/16', blocks)).toEqual(['10.0.7.0/24']);
  expect(longerThan('2001:db8::/48', blocks)).toEqual(['2001:db8:0:7::/64']);
  expect(longerThan('pl-1', blocks)).toEqual([]);
});

it('takes one address of each longer route and one of the rest, and knows users first', () => {
  const [rest, inner] = samplesOf('10.0.0.0/16', ['10.0.7.0/24'], ['10.0.7.0/24'], ['10.0.7.9', '10.0.44.1']);
  expect([rest, inner]).toEqual(['10.0.44.1', '10.0.7.9']);
});

it('finds an address of the rest when the longer routes begin and end the destination', () => {
  const longer = ['10.0.0.0/17', '10.0.192.0/18'];
  const [rest] = samplesOf('10.0.0.0/16', longer, [], []);
  expect(longer.some((block) => prefixBits(block, rest!) >= 0)).toBe(false);
  expect(prefixBits('10.0.0.0/16', rest!)).toBe(16);
  expect(samplesOf('10.0.0.0/31', ['10.0.0.0/32', '10.0.0.1/32'], [], [])).toEqual([]);
});
