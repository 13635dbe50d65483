/** What people must hear about gateways: who they are, what each kind says for itself, and what they publish. Questions. */

import { isWorking } from '../assess/assessment';
import { kindOf } from '../gateways/kinds';
import { gatewaysOf, isOver } from '../words/ends';
import type { Concern, SpokenDue } from './concern';
import { identityConcerns, identityDues } from './identity-voice';
import { tunnelConcerns, tunnelDues } from './tunnel-voice';
import type { View } from './view';

export const gatewayConcerns = (view: View): Concern[] => [
  ...identityConcerns(view),
  ...kindConcerns(view),
  ...tunnelConcerns(view),
];

export const gatewayDues = (view: View): SpokenDue[] => [...identityDues(view), ...tunnelDues(view)];

/** Concerns about one gateway, found by its kind. */
function kindConcerns(view: View): Concern[] {
  const { assessment, connection, deployment, desired } = view;
  const paths = Object.values(assessment.paths);
  return gatewaysOf(connection).flatMap((name) => {
    const gateway = deployment.gateways[name]!;
    const works = paths.some(
      (path) => isOver(connection.paths[path.path]!, name) && isWorking(path.verdict) && !path.drained,
    );
    const said = kindOf(gateway).concerns(view, gateway, { works, acknowledgedAt: desired.acknowledgedAt });
    return said.map((concern) => ({ ...concern, urgent: false }));
  });
}
