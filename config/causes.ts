/**
 * The cause, and not what follows from it: where a field is wrong or missing, rules that rest on it have nothing to say
 * yet. They speak once it is mended.
 */
import type { Finding, Step } from './problems';

export function causesFirst(findings: readonly Finding[]): Finding[] {
  const causes = findings.filter(({ isShape }) => isShape === true).map(({ at }) => at);
  return findings.filter((finding) => finding.isShape === true || !causes.some((cause) => restsOn(finding, cause)));
}

function restsOn({ at, about = [] }: Finding, cause: readonly Step[]): boolean {
  return [at, ...about].some((place) => place.length >= cause.length && cause.every((step, i) => place[i] === step));
}
