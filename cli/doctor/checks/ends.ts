/**
 * Do the roles of ends elsewhere let our functions in, and write where they must? Only those functions are trusted, so the
 * one that writes is asked: it takes each role on and has EC2 try, dry, what a rescue would do.
 */
import { attempt } from '../../../adapters/attempt';
import type { End, EndProof } from '../../../core/words/end';
import { endStackName } from '../../../core/words/end-names';
import { isRecord, isText, listOf, oneOf, shapeOf } from '../../../core/words/shape';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, unknown, warn } from '../diagnosis';

const areProofs = listOf(
  shapeOf<EndProof>({
    end: isText,
    table: isText,
    result: oneOf('may', 'refused', 'unread', 'no_route'),
    detail: isText,
  }),
);

export const ends: AccountCheck = {
  name: 'ends',
  title: 'ends in other regions and accounts let us write',
  needs: 'standing',
  async look({ away, deployment, elsewhere, world }, { whereabouts }) {
    if (away.length === 0) return orWell([], 'none is elsewhere');
    const { writer } = whereabouts;
    if (writer === undefined)
      return [unknown('', 'the deployment is older than its ends', 'deploy it once more: npx cdk deploy --all')];
    const tried = { operation: 'Invoke', on: writer };
    const question = { FunctionName: writer, Payload: { prove: 'ends' } };
    const answer = await attempt(world, tried, () =>
      elsewhere.ask({ service: 'lambda', operation: 'Invoke', input: question }),
    );
    const proofs = isRecord(answer) ? answer['proofs'] : undefined;
    if (!areProofs(proofs)) return [unknown(writer, `it answered ${saidIn(answer)}`, 'see its log, and deploy again')];
    const troubles = away.flatMap((end) => troublesAt(deployment.name, end, proofs));
    return orWell(troubles, `${counted(away.length, 'end')}, each table there tried`);
  },
};

const saidIn = (answer: unknown): string =>
  isRecord(answer) && isText(answer['errorMessage']) ? answer['errorMessage'].slice(0, 200) : 'nothing that proves it';

function troublesAt(name: string, end: End, proofs: readonly EndProof[]): Diagnosis[] {
  const own = proofs.filter((proof) => proof.end === end.name);
  const why = 'a rescue would move this end’s routes in vain, and nothing planned would move at either end';
  const mend = `npx cdk deploy ${endStackName({ name }, end)}, and see that no policy of that account stands against it (switchback policies)`;
  if (own.length === 0)
    return [unknown(end.name, 'the functions that are deployed do not know it', 'deploy it once more')];
  const unread = own.find(({ result }) => result === 'unread');
  // One reason for all its tables: a role that is refused, or a region that is silent.
  if (unread !== undefined) return [fail({ about: end.name, found: unread.detail, why, mend })];
  return own.flatMap(({ table, result, detail }) => {
    if (result === 'refused') return [fail({ about: end.name, found: `${table}: ${detail}`, why, mend })];
    if (result !== 'no_route') return [];
    const found = `${table}: ${detail}`;
    const least = 'nobody can tell whether it could be written, and its users have no way across';
    return [
      warn({ about: end.name, found, why: least, mend: 'write the route there, to the gateway of its home path' }),
    ];
  });
}
