/**
 * Which interface or gateway of AWS a path's canaries look at: the one their pinning routes lead to.
 *
 * Law: a canary proves that interface and no other. Where it is not the one we would write, its answers prove nothing of
 * the path, and its silence is no fault of it.
 */

import { watchesPath } from '../words/canaries';
import type { Canary, PathName } from '../words/domain';
import { targetText } from '../words/targets';
import type { Look, Pin } from './assessment';

/**
 * Those that look where the path leads outweigh the others. What could not be read counts as leading there: a table
 * that EC2 does not show must not keep users in the dark.
 */
export function pinOf(look: Look, path: PathName): Pin {
  const pins = look.connection.canaries.filter(watchesPath(path)).map((canary) => pinOfCanary(look, path, canary));
  const first = pins.find(({ leads }) => leads === 'former') ?? pins[0] ?? asMeant(look, path, []);
  const same = (pin: Pin): boolean => pin.leads === first.leads && pin.places[0] === first.places[0];
  const right = pins.filter(({ leads }) => leads === 'target');
  const chosen = right.length > 0 ? right : pins.filter(same);
  return { ...(right[0] ?? first), canaries: chosen.flatMap(({ canaries }) => canaries) };
}

const asMeant = ({ targets }: Look, path: PathName, canaries: Pin['canaries']): Pin => ({
  leads: 'target',
  places: targets[path]!.map(({ id }) => id),
  because: '',
  canaries,
});

function pinOfCanary(look: Look, path: PathName, { id, routeTableId }: Canary): Pin {
  const facts = look.evidence.pins[id] ?? null;
  const meant = look.targets[path]!.map((place) => place.id);
  const found = [...new Set((facts ?? []).map(({ target }) => targetText(target)))];
  if (found.every((one) => meant.includes(one))) return asMeant(look, path, [id]);
  const [only] = found;
  const isFormer = found.length === 1 && look.former[path]!.some((place) => place.id === only);
  return {
    leads: isFormer ? 'former' : 'elsewhere',
    places: isFormer ? [only!] : [],
    because: `${routeTableId} pins canary ${id} to ${found.join(' and ')}, and path ${path} leads to ${meant[0]}`,
    canaries: [id],
  };
}
