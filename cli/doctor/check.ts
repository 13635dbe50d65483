/** One thing that `doctor` looks at. What AWS refuses or does not answer is thrown: the doctor makes `unknown` of it. */
import type { Diagnosis } from './diagnosis';
import type { Patient, StandingDeployment } from './patient';

interface Named {
  /** As `--json` and `--only` have it. */
  readonly name: string;
  /** What is looked at, for people. */
  readonly title: string;
}

/** `configuration`: can be asked before anything is deployed, so `validate --live` asks it too. */
export type AccountCheck = Named &
  (
    | { readonly needs: 'configuration'; look(patient: Patient): Promise<readonly Diagnosis[]> }
    /** Of the account, not of what the configuration names. */
    | { readonly needs: 'account'; look(patient: Patient): Promise<readonly Diagnosis[]> }
    | {
        readonly needs: 'standing';
        look(patient: Patient, standing: StandingDeployment): Promise<readonly Diagnosis[]>;
      }
  );
