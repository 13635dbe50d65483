/** What the rules look at, built by hand for the checks that ask a decision nobody should make. */
import { assess } from '../../../../core/assess/assess';
import type { View } from '../../../../core/decide/view';
import type { Desired } from '../../../../core/store/lease';
import type { Evidence } from '../../../../core/words/evidence';
import { deployment, desired, evidence, memory, t0 } from '../../../given';

export function viewOf(over: { readonly evidence?: Evidence; readonly desired?: Partial<Desired> }): View {
  const known = { evidence: over.evidence ?? evidence(), memory: memory(), desired: desired(over.desired), now: t0 };
  const whole = deployment();
  const assessment = assess(whole, 'paris', known.evidence, known.memory, known.desired, t0);
  return { deployment: whole, connection: whole.connections['paris']!, automationId: null, assessment, ...known };
}
