/** Who is told, the boundary, the reservation and the state table, as they are written and as they are refused. */

import { nobodyTold } from '../../../config/installation-schema';
import { deploymentFrom } from '../../../config/read';
import type { Deployment } from '../../../core/words/domain';
import { complaints, site } from './site';

function read(extra: object, mode = 'observe'): Deployment {
  const tree = { ...site('pair'), ...extra };
  for (const connection of Object.values(tree.connections) as { mode: string }[]) connection.mode = mode;
  const result = deploymentFrom(tree);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.deployment;
}

const topic = 'arn:aws:sns:eu-central-1:123456789012:noc';
const table = 'arn:aws:dynamodb:eu-central-1:123456789012:table/old-State1';

it('reads all of it', () => {
  const written = {
    notify: { emails: ['noc@example.com'], topic },
    permissionsBoundary: 'bank',
    reserveConcurrency: true,
    state: { table },
  };
  expect(read(written).installation).toEqual({
    notify: { kind: 'people', emails: ['noc@example.com'], topic },
    permissionsBoundary: 'bank',
    reserveConcurrency: true,
    stateTable: table,
    protectsState: false,
  });
});

it('reads where records of incidents are kept, and for how long nobody may delete them', () => {
  const kept = (archive: object) => read({ archive }).installation?.archive;
  expect(kept({ bucket: 'acme-incidents' })).toEqual({ bucket: 'acme-incidents' });
  expect(kept({ bucket: 'b-1', lock: { days: 400 } })).toEqual({
    bucket: 'b-1',
    lock: { mode: 'governance', days: 400 },
  });
});

it('says nothing where the author says nothing', () => {
  expect(read({})).not.toHaveProperty('installation');
});

it.each([
  ['a group without anybody', { notify: {} }, 'notify: names nobody: add emails or a topic, or write none'],
  ['a bucket by ARN', { archive: { bucket: 'arn:aws:s3:::x' } }, /^archive\.bucket: is no bucket: write its name/],
  ['a lock without an end', { archive: { bucket: 'b-1', lock: {} } }, /^archive\.lock\.days: is missing: add a number/],
  ['an empty list', { notify: { emails: [] } }, /^notify\.emails: is empty: add an address/],
  ['a name for an address', { notify: { emails: ['noc'] } }, /^notify\.emails\[0\]: is no mail address/],
  ['two addresses in one', { notify: { emails: ['a@b.example,c@d.example'] } }, /^notify\.emails\[0\]: is no mail/],
  ['another word', { notify: 'nobody' }, /^notify: .*none/],
  ['a topic by name', { notify: { topic: 'noc' } }, /^notify\.topic: is no ARN of a standard topic/],
  ['a FIFO topic', { notify: { topic: `${topic}.fifo` } }, /^notify\.topic: is no ARN of a standard topic/],
  [
    'a topic elsewhere',
    { notify: { topic: topic.replace('eu-central-1', 'us-east-1') } },
    /^notify\.topic: is in us-east-1, not in eu-central-1/,
  ],
  ['a boundary that is a role', { permissionsBoundary: 'arn:aws:iam::123456789012:role/x' }, /is no managed policy/],
  [
    'a boundary of another partition',
    { permissionsBoundary: 'arn:aws-us-gov:iam::123456789012:policy/x' },
    /^permissionsBoundary: is in the partition aws-us-gov/,
  ],
  ['a reservation that is a number', { reserveConcurrency: 4 }, /^reserveConcurrency: must be true or false/],
  [
    'a table elsewhere',
    { state: { table: table.replace('eu-central-1', 'us-east-1') } },
    /^state\.table: is in us-east/,
  ],
  ['protection of what is not ours', { state: { table, protected: true } }, /^state\.protected: is for a table of our/],
])('refuses %s', (_, extra, complaint) => {
  expect(complaints((tree) => Object.assign(tree, extra))).toEqual([
    typeof complaint === 'string' ? complaint : expect.stringMatching(complaint),
  ]);
});

describe('nobody is told', () => {
  it.each(['divert', 'repair'])('of mode %s, unless somebody is named or it is said aloud', (mode) => {
    expect(nobodyTold(read({}, mode))).toMatch(
      /^notify: is missing, and paris \(\w+\) would act with nobody told: add/,
    );
    expect(nobodyTold(read({ reserveConcurrency: true }, mode))).not.toBeNull();
    expect(nobodyTold(read({ notify: 'none' }, mode))).toBeNull();
    expect(nobodyTold(read({ notify: { topic } }, mode))).toBeNull();
  });

  it('of mode observe, which does nothing', () => {
    expect(nobodyTold(read({}))).toBeNull();
  });
});
