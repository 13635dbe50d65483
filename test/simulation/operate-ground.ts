/** The ground under an operator's commands in tests: a quiet local cloud, and what a command did to it. */
import { ensureBundles } from '../../cli/bundles';
import { endFrom } from '../../cli/operate/exit-codes';
import { type LocalFooting, localFooting } from '../../cli/operate/local';
import type { Outcome, Work } from '../../cli/operate/operate';
import { sessionOn } from '../../cli/operate/session';
import type { AskOptions } from '../../cli/operate/verbs';
import { whereaboutsFrom } from '../../core/words/whereabouts';
import { parseScenario } from '../../sim/scenario';

export const options: AskOptions = { name: 'switchback', at: 1, timeout: 60_000 };
export const lasting: AskOptions = { ...options, for: '1h', reason: 'new kernel' };

/** A quiet world of this site, its canaries at work for a minute. */
export const quietWorld = (site: string, steps = ''): Promise<LocalFooting> => {
  ensureBundles();
  return localFooting(
    parseScenario(`{ title: quiet, site: ${site}, durationMax: 5m, steps: [${steps}] }`, 'quiet'),
    1,
    7,
  );
};

/** As `operate` does, in a cloud that outlives the command. */
export async function given(ground: LocalFooting, work: Work): Promise<Outcome> {
  try {
    return await ground.play(async () => work(await sessionOn(ground, options.name)));
  } catch (error) {
    const { code, text } = endFrom(error);
    return { code, lines: [text], json: null };
  }
}

interface Item {
  readonly drains: { readonly M: object };
  readonly paused?: { readonly S: string };
  readonly acknowledgedAt?: { readonly N: string };
}

export async function itemOf({ cloud }: LocalFooting, connection: string): Promise<Item> {
  const { stateTable } = whereaboutsFrom(cloud.ssm.parameters.byName.get('/switchback/switchback')!.value)!;
  const key = { pk: { S: `connection#${connection}` }, sk: { S: 'lease' } };
  return (await cloud.dynamodb.peek(stateTable, key)) as unknown as Item;
}

export const denied = ({ cloud }: LocalFooting) =>
  cloud.authority.usage().filter(({ role, allowed }) => role === 'person/ana' && !allowed);
