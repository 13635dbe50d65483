/** What the rules look at, built by hand for the checks that ask a decision nobody should make. */
import { assess } from '../../../../core/assess/assess';
import type { View } from '../../../../core/decide/view';
import type { Desired } from '../../../../core/store/lease';
import type { Evidence } from '../../../../core/words/evidence';
import { asked, desired, evidence } from '../../../given';

export function viewOf(over: { readonly evidence?: Evidence; readonly desired?: Partial<Desired> }): View {
  const look = asked({ evidence: over.evidence ?? evidence(), desired: desired(over.desired) });
  return { ...look, automationId: null, failOpen: false, assessment: assess(look) };
}
