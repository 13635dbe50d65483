/**
 * What our own `replace` wrote down of the gateways it replaced, where it is read without the lock table: one Systems
 * Manager parameter per gateway, which the repair role alone may write (runbooks/replace.yaml, `rememberIdentity`).
 *
 * Never a tag: whoever may tag an instance would be handed the partner's traffic.
 */
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { replacementFromText } from '../../core/gateways/identity';
import type { GatewayName, Replacement } from '../../core/words/domain';
import { attempt, type Clock } from '../attempt';

export interface Identities {
  /** Null: never replaced, or what was written cannot be read, which `unread` hears of. */
  read(gateways: readonly GatewayName[]): Promise<Readonly<Record<GatewayName, Replacement | null>>>;
}

/** As many names as one call takes. */
const namesPerCallMax = 10;

/** `prefix`: what all our parameters' names begin with, `/switchback/<name>/identity/`. */
export function identities(
  ssm: Pick<SSMClient, 'send'>,
  prefix: string,
  clock: Clock,
  unread: (because: string) => void,
): Identities {
  const valuesOf = async (Names: string[]): Promise<[string, string][]> => {
    const tried = { operation: 'GetParameters', on: Names.join(', ') };
    const { Parameters } = await attempt(clock, tried, () => ssm.send(new GetParametersCommand({ Names })));
    return (Parameters ?? []).flatMap(({ Name, Value }) =>
      Name === undefined || Value === undefined ? [] : [[Name, Value]],
    );
  };

  return {
    async read(gateways) {
      const names = gateways.map((gateway) => `${prefix}${gateway}`);
      const calls: Promise<[string, string][]>[] = [];
      for (let i = 0; i < names.length; i += namesPerCallMax) calls.push(valuesOf(names.slice(i, i + namesPerCallMax)));
      const found = new Map((await Promise.all(calls)).flat());
      return Object.fromEntries(
        gateways.map((gateway, i) => {
          const text = found.get(names[i]!);
          const replacement = text === undefined ? null : replacementFromText(text);
          if (text !== undefined && replacement === null) unread(`parameter ${names[i]}: says nothing we know`);
          return [gateway, replacement];
        }),
      );
    },
  };
}
