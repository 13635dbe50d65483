/** One thing that `doctor` looks at. What AWS refuses or does not answer is thrown: the doctor makes `unknown` of it. */
import type { Diagnosis } from './diagnosis';
import type { Patient, StandingDeployment } from './patient';

interface Named {
  /** As `--json` and `--only` have it. */
  readonly name: string;
  /** What is looked at, for people. */
  readonly title: string;
}

/**
 * `configuration`: does the account hold what the configuration names? `validate --live` asks these and no others.
 * `account`: can be asked before anything is deployed. `standing`: cannot.
 */
export type AccountCheck = Named &
  (
    | { readonly needs: 'configuration'; look(patient: Patient): Promise<readonly Diagnosis[]> }
    | { readonly needs: 'account'; look(patient: Patient): Promise<readonly Diagnosis[]> }
    | {
        readonly needs: 'standing';
        look(patient: Patient, standing: StandingDeployment): Promise<readonly Diagnosis[]>;
      }
  );
