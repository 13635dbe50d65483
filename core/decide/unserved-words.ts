/** What people read of users who are not served: which path they are on, where to look, and why nothing moves them. */
import { onlyPath, type PathAssessment, type SetAssessment, verdictText } from '../assess/assessment';
import { withdrawnText } from '../assess/strays';
import { unseenSets } from '../assess/unseen';
import { withdrawnOf } from '../routes/plan';
import { instantText } from '../words/time';
import { pauseNow } from './asked';
import { stillAdvertised } from './speaker-wants';
import { shadowsAstray } from './table-voice';
import { candidates, isAway, isContradicted, twinOf, unreadOf, usedPaths, type View } from './view';

/** Where users are, what is known of the path under them, and what keeps Switchback from helping. */
export function whereAndWhat(view: View, set: SetAssessment): string {
  const where =
    set.used.length === 0
      ? unseenSets(view).includes(set.routeSet)
        ? 'EC2 does not show where its routes are'
        : 'its routes are on no path of ours'
      : `its routes are on path ${set.used.join('+')}${isAway(set) ? '' : ' (home)'}`;
  const said = usedPaths(view, set).map((path) => whatPathSays(view, set, path));
  return [where, ...said, whyItStays(view, set)].filter((part) => part !== '').join('; ');
}

function whatPathSays(view: View, set: SetAssessment, path: PathAssessment): string {
  if (path.verdict === 'down') return `path ${path.path} is down (${path.because})`;
  if (!path.provenWorking) return `nothing proves that path ${path.path} works (${path.because})`;
  const works = `path ${path.path} answers its own canary (${path.because})`;
  // Example: both paths are well, and somebody has made one of two routes a black hole: nobody need wake the partner.
  if (set.foreign.length > 0)
    return `${works}: look at the routes that lead elsewhere, not at the tunnel or the partner`;
  const [astray] = shadowsAstray(view).filter(({ routeSet }) => routeSet === set.routeSet);
  if (astray !== undefined)
    return `${works}: look first at ${astray.destination} in ${astray.table}, which leads to ${astray.target.id}, then at the partner's return route and firewall`;
  const [gone] =
    path.path === set.home ? withdrawnOf(view.connection.routeSets[set.routeSet]!, view.evidence.routes) : [];
  if (gone !== undefined)
    return `${works}, but ${withdrawnText(gone)}: switch the propagation on again, or see why its gateway learns the route no more (BGP session, tunnels); lastResort: routes would lay a static one`;
  const twin = twinOf(view, set);
  if (twin !== undefined) return `${works}; ${whereAnswersLeave(view, twin, path)}`;
  const [left] = stillAdvertised(view).filter((other) => other.path !== path.path);
  return left === undefined
    ? `${works}: look at the partner's return route and firewall for the users' networks, not at the tunnel`
    : `${works}; ${mayDrawAnswers(view, left)}`;
}

/** Where both ends are ours there is no partner to look at: answers go by the other end's own tables. */
function whereAnswersLeave({ connection }: View, twin: SetAssessment, { path }: PathAssessment): string {
  const { end } = connection.routeSets[twin.routeSet]!;
  if (twin.used.length === 0) return `EC2 does not show by which path answers leave ${end}`;
  if (onlyPath(twin) !== path)
    return `answers leave ${end} by path ${twin.used.join('+')}: its routes have not followed`;
  return 'look at the route tables and security groups behind the gateways of both ends, not at the tunnel';
}

/** Example: path a passes nothing back, and its speaker cannot be told: BGP, whose session stands, still brings the answers there. */
function mayDrawAnswers(view: View, { path, gateway }: PathAssessment): string {
  const { across } = view.connection.paths[path]!.neighbor!;
  return `answers may still come back over path ${path}, which ${gateway} is not known to have drained: stop ${gateway}, or have the partner shut its session with ${across}`;
}

/** What keeps Switchback from helping, and what a person can do about it. */
function whyItStays(view: View, set: SetAssessment): string {
  const { connection, memory } = view;
  const paused = pauseNow(view);
  if (paused !== null)
    return `Switchback is paused by ${paused.requestedBy} until ${instantText(paused.until)} (${paused.reason}): resume to let it act`;
  if (unreadOf(view).length > 0) return 'what is stored cannot be read, so nothing moves';
  if (connection.mode === 'observe') return 'in mode observe nothing is moved';
  if (set.foreign.length > 0) return `somebody else holds its routes (${set.foreign.join(', ')})`;
  if (memory.unwritten[set.routeSet] !== undefined) return 'its routes could not be written';
  const others = candidates(view, set).filter((p) => !set.used.includes(p.path));
  if (others.length === 0) return 'there is no other path';
  const triedAt = memory.triedAt[set.routeSet];
  const tried = triedAt === undefined ? '' : `; another path was tried at ${instantText(triedAt)}`;
  return `${others.map((p) => otherText(view, set, p)).join(', ')}${tried}`;
}

function otherText(view: View, set: SetAssessment, path: PathAssessment): string {
  if (path.drained) return `path ${path.path} is drained: end its maintenance to let it be used`;
  if (isContradicted(view, set, path.path)) return `on path ${path.path} they got no answer before`;
  return `path ${path.path} is ${verdictText(path)}`;
}
