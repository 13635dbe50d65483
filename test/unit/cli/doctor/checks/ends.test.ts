/** What the doctor makes of the functions' own word about ends elsewhere; silence and nonsense are never a pass. */

import type { AccountCheck } from '../../../../../cli/doctor/check';
import { ends } from '../../../../../cli/doctor/checks/ends';
import type { OutsideQuestion } from '../../../../../cli/doctor/elsewhere';
import { patientOf } from '../../../../../cli/doctor/patient';
import { bareWorld } from '../../../../../cli/operate/session';
import { readConfigFile } from '../../../../../config/read';
import type { Deployment } from '../../../../../core/words/domain';
import type { EndProof } from '../../../../../core/words/end';
import { goodAccount, groundOf } from '../fake-account';

const mesh = readConfigFile('examples/mesh/switchback.yaml');
const tables = mesh.connections['frankfurt-ohio']!.routeSets['all.ohio']!.tables;

async function lookedAt(
  answer: unknown,
  deployment: Deployment = mesh,
  whereabouts: object = { writer: 'mesh-Apply' },
) {
  const asked: OutsideQuestion[] = [];
  const ground = groundOf(goodAccount());
  const elsewhere = {
    ...ground.elsewhere,
    ask: async (question: OutsideQuestion): Promise<unknown> => {
      asked.push(question);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const patient = patientOf({ deployment, whereabouts: null, world: bareWorld(ground), elsewhere });
  const standing = { whereabouts } as never;
  const { look } = ends as Extract<AccountCheck, { needs: 'standing' }>;
  return { asked, found: await look(patient, standing), patient };
}

const proof = (table: string, result: EndProof['result'], detail = ''): EndProof => ({
  end: 'ohio',
  table,
  result,
  detail,
});
const all = (result: EndProof['result'], detail = '') => ({
  proofs: tables.map((table) => proof(table, result, detail)),
});

it('asks the function that writes, and is content where every table would take it', async () => {
  const { asked, found } = await lookedAt(all('may'));
  expect(asked).toEqual([
    { service: 'lambda', operation: 'Invoke', input: { FunctionName: 'mesh-Apply', Payload: { prove: 'ends' } } },
  ]);
  expect(found).toEqual([expect.objectContaining({ level: 'ok', found: '1 end, each table there tried' })]);
});

it('says once of a role that is refused, and of each table that is', async () => {
  const { found: shut } = await lookedAt(all('unread', 'AssumeRole on arn:…: AccessDenied'));
  expect(shut).toEqual([
    expect.objectContaining({ level: 'FAIL', about: 'ohio', found: 'AssumeRole on arn:…: AccessDenied' }),
  ]);
  expect(shut[0]!.mend).toContain('npx cdk deploy mesh-end-ohio');
  const { found: one } = await lookedAt({
    proofs: [proof(tables[0]!, 'may'), proof(tables[1]!, 'refused', 'not authorized')],
  });
  expect(one.map(({ level, found }) => [level, found])).toEqual([['FAIL', `${tables[1]}: not authorized`]]);
});

it('warns of a table in which there is nothing to try', async () => {
  const { found } = await lookedAt({ proofs: [proof(tables[0]!, 'may'), proof(tables[1]!, 'no_route', 'none')] });
  expect(found.map(({ level }) => level)).toEqual(['WARN']);
});

it.each<[string, unknown]>([
  ['nothing', null],
  ['an error of the function', { errorMessage: 'apply request: schema: undefined must be 1' }],
  ['proofs of no such shape', { proofs: [{ end: 'ohio' }] }],
  ['proofs of another end', { proofs: [{ ...proof('rtb-1', 'may'), end: 'utah' }] }],
])('does not know where it hears %s', async (_, answer) => {
  const { found } = await lookedAt(answer);
  expect(found.map(({ level }) => level)).toEqual(['unknown']);
});

it('does not know of a deployment from before, and asks nobody where none is elsewhere', async () => {
  const before = await lookedAt(all('may'), mesh, {});
  expect([before.asked, before.found.map(({ level }) => level)]).toEqual([[], ['unknown']]);
  const { ends: _, ...one } = mesh;
  const { asked, found } = await lookedAt(all('may'), one);
  expect([asked, found.map(({ level }) => level)]).toEqual([[], ['ok']]);
});

it('keeps what stands elsewhere from the checks of this account', async () => {
  const { patient } = await lookedAt(all('may'));
  expect(Object.keys(patient.deployment.gateways)).toEqual(['f-a', 'f-b']);
  expect(JSON.stringify(patient.deployment.connections)).not.toMatch(/rtb-0e|subnet-0e/);
  expect(patient.away.map(({ name }) => name)).toEqual(['ohio']);
});
