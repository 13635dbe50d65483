/**
 * What people must hear of the route tables themselves: one that EC2 does not list, a route beside the listed ones that
 * takes their packets, a hand that puts routes back, an end whose tables cannot be seen. Questions.
 */
import { isFailing, type SetAssessment } from '../assess/assessment';
import { pathOf } from '../routes/plan';
import { isPrefixList } from '../words/destinations';
import type { RouteFacts, Shadow } from '../words/evidence';
import { limits } from '../words/policy';
import { sameTarget, targetText } from '../words/targets';
import { instantText, spanText } from '../words/time';
import type { Concern } from './concern';
import type { View } from './view';

export function tableConcerns(view: View): Concern[] {
  const sets = Object.values(view.assessment.sets);
  return [
    ...sets.flatMap(missing),
    ...shadows(view),
    ...sets.flatMap((set) => putBack(view, set)),
    ...unreadEnds(view),
  ];
}

function missing({ routeSet, missingTables }: SetAssessment): Concern[] {
  return missingTables.map((table) => ({
    key: `missing/${table}`,
    urgent: false,
    text: `EC2 lists no route table ${table}, which route set ${routeSet} names: its routes cannot be moved; correct the id in switchback.yaml, or take it out`,
  }));
}

const aroundOf = ({ evidence }: View, { routeSet, table, within }: Shadow): RouteFacts | undefined =>
  evidence.routes.find((r) => r.routeSet === routeSet && r.table === table && r.destination === within);

/**
 * A longer prefix that points where the listed route around it points does no harm, until that route is moved without
 * it.
 */
export const shadowsAstray = (view: View): Shadow[] =>
  view.evidence.shadows.filter((shadow) => {
    const around = aroundOf(view, shadow);
    const isOrdinary = shadow.within.endsWith('/0') && pathOf(shadow.target, view.assessment) === null;
    return around !== undefined && !sameTarget(around.target, shadow.target) && !isOrdinary;
  });

function shadows(view: View): Concern[] {
  const found = shadowsAstray(view).map((shadow): Concern => {
    const { routeSet, table, destination, within, target } = shadow;
    const around = aroundOf(view, shadow)!;
    const path = pathOf(target, view.assessment)?.path;
    const leads = path === undefined ? target.id : `path ${path} (${target.id})`;
    const [what, mend] = whatShadows(shadow);
    const text = `${what}, lies inside ${within} of ${routeSet} and leads to ${leads}, not to ${targetText(around.target)}: its packets follow it wherever ${routeSet} is moved; ${mend}`;
    return { key: `shadow/${table}/${destination}`, urgent: false, text };
  });
  return fewOf(found);
}

/** What it is, and how it is mended. */
function whatShadows({ table, destination, within, of }: Shadow): readonly [string, string] {
  if (of !== undefined) return [`${destination} of ${of} in ${table}`, 'take it out of one of the two'];
  if (isPrefixList(within))
    return [`${destination} in ${table} is a route of its own`, 'delete it, or take it out of the prefix list'];
  return [`${destination} in ${table} is not listed`, 'list it in switchback.yaml, or delete it'];
}

/** Memory has a place for so many: a table may hold a thousand, and nobody reads a mail of them all. */
function fewOf(found: readonly Concern[]): Concern[] {
  if (found.length <= limits.shadowsToldMax) return [...found];
  const inOrder = [...found].sort((a, b) => (a.key < b.key ? -1 : 1));
  const more = found.length - limits.shadowsToldMax + 1;
  const text = `and ${more} routes more that are not listed and lie inside listed ones, such as the one before`;
  return [...inOrder.slice(0, limits.shadowsToldMax - 1), { key: 'shadow/more', urgent: false, text }];
}

/** Once may be a person's slip; what comes back is a tool. */
const handsToldAfter = 2;

function putBack({ memory }: View, { routeSet }: SetAssessment): Concern[] {
  const hand = memory.putBack[routeSet];
  if (hand === undefined || hand.times < handsToldAfter) return [];
  const text = `somebody puts routes of ${routeSet} back from ${hand.from} to ${hand.to}, ${hand.times} times by now, the last at ${instantText(hand.at)}: look for a tool that manages these routes (Terraform, CloudFormation, a boot script) and let it ignore their targets`;
  return [{ key: `putback/${routeSet}`, urgent: false, text }];
}

/**
 * An end whose tables EC2 has not shown for so long that what it showed last counts for nothing. While all is well nobody
 * would notice: a role that is gone, a region that is closed to us.
 */
function unreadEnds(view: View): Concern[] {
  const { connection, evidence, failOpen } = view;
  const { lastSeen } = evidence;
  if (lastSeen !== null || failOpen || Object.values(view.assessment.paths).some(isFailing)) return [];
  const first = (evidence.unreadEnds ?? []).flatMap((end) =>
    Object.values(connection.routeSets)
      .filter((set) => set.end === end)
      .slice(0, 1),
  );
  return first.map(({ name, end }) => ({
    key: `unseen/${name}`,
    urgent: false,
    text: `EC2 does not show the route tables at ${end}, and has not within the last ${spanText(limits.lastSeenMs)}: nothing planned is moved, no machine is repaired, and a rescue moves the other end alone; see whether its region answers and our role there is as it was`,
  }));
}
