/**
 * The name in DNS that follows a gateway: what a replacement asks of it, and what became of it. Pure.
 *
 *     replace begins: follows ---- asked, says the new address: right
 *                             `--- not asked, or says another: wrong, people are told, and the replacement stands
 *
 * A name that could not be changed takes no replacement back. Whether peers find the new machine says its canary; one
 * that is proven is better than one that is dead, whatever its name says.
 */
import type { RungRun } from '../store/memory';
import type { InstanceGateway } from '../words/domain';
import type { AutomationFacts } from '../words/evidence';
import type { Facts, GatewayConcern, GatewayUse } from './kind';

export function recordParameters({ record }: InstanceGateway): Record<string, readonly string[]> {
  return {
    RecordZone: [record?.zoneId ?? none],
    RecordName: [record?.name ?? none],
    RecordTtl: [String(record?.ttlSeconds ?? ttlSecondsUnused)],
  };
}

const none = 'none';
const ttlSecondsUnused = 60;

/** Is a rung that is started so to see to a name? */
export const seesToRecord = ({ RecordZone = [none] }: Readonly<Record<string, readonly string[]>>): boolean =>
  RecordZone[0] !== none;

/** Systems Manager has a sentence of its own for an output that nothing came of. */
const addressIn = (text = ''): string | null => (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text : null);

type Outcome = Pick<RungRun, 'result' | 'said' | 'record'>;

/** What came of a rung, with what became of the name. */
export function withRecord({ record }: RungRun, { status, outputs }: AutomationFacts, outcome: Outcome): Outcome {
  if (record === undefined || status === 'running' || status === 'refused') return outcome;
  const kept = addressIn(outputs['RecordWas']);
  if (status === 'failed' && kept === null) return outcome; // It was never changed.
  const says = addressIn(outputs[status === 'success' ? 'RecordIs' : 'RecordBack']);
  const wanted = status === 'success' ? addressIn(outputs['PublicIp']) : kept;
  const isRight = says !== null && says === wanted;
  if (isRight) return status === 'failed' ? outcome : { ...outcome, record: 'right', said: `its name says ${says}` };
  const found = says === null ? 'could not be asked what it says' : `says ${says}`;
  const said = wanted === null ? `${found}, nor EC2 what it should say` : `${found} and should say ${wanted}`;
  return { result: status, record: 'wrong', said };
}

/** Told until somebody says that it is seen to: nobody asks the name again. */
export function recordConcerns(
  { memory }: Facts,
  { name, record }: InstanceGateway,
  { acknowledgedAt }: GatewayUse,
): GatewayConcern[] {
  const last = memory.rungs.findLast(({ gateway, rung, endedAt }) => {
    return gateway === name && rung === 'replace' && endedAt !== null;
  });
  if (record === undefined || last?.record !== 'wrong' || last.endedAt! <= acknowledgedAt) return [];
  const text = `${record.name}, the name of gateway ${name}, ${last.said}: peers who go by it call another machine; lead it there by hand (the A record in zone ${record.zoneId} of Route 53), and let the repair role do it the next time`;
  return [{ key: `record/${name}`, text }];
}
