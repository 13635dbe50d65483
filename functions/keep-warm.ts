/**
 * Once a minute a rule calls the functions of a rescue with nothing to do, so that none of them starts cold when it counts:
 * three cold starts in a row were half a second of a median rescue. What else goes stale by itself, such as a role of
 * another account, is freshened by then too.
 */
import { isRecord } from '../core/words/shape';

/** As the rule in infra/signals.ts sends it. */
const isWarmUp = (event: unknown): boolean => isRecord(event) && event['warmUp'] === true;

/** The handler, but for events that only keep it warm: those are answered with null, and nothing but `freshen` is called. */
export function unlessWarmUp<Rest extends readonly unknown[], Answer>(
  handler: (event: unknown, ...rest: Rest) => Promise<Answer>,
  freshen: () => Promise<void> = async () => {},
): (event: unknown, ...rest: Rest) => Promise<Answer> {
  return async (event, ...rest) => {
    if (!isWarmUp(event)) return handler(event, ...rest);
    await freshen();
    return null as Answer;
  };
}
