/**
 * SSM documents as the template holds them, their parameters, and the checks StartAutomationExecution and SendCommand
 * make before anything runs.
 */
import { AwsError } from '../../service';

export interface SsmDocument {
  readonly type: 'Automation' | 'Command';
  /** The document itself, parsed. */
  readonly content: DocumentContent;
}

export interface DocumentContent {
  readonly schemaVersion: string;
  readonly assumeRole?: string;
  readonly parameters?: Readonly<Record<string, ParameterSpec>>;
  readonly mainSteps: readonly Step[];
  readonly outputs?: readonly string[];
}

interface ParameterSpec {
  readonly type: string;
  readonly default?: ParameterValue;
  readonly allowedPattern?: string;
  readonly allowedValues?: readonly ParameterValue[];
  readonly interpolationType?: string;
}

export interface Step {
  readonly name: string;
  readonly action: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: readonly { readonly Name: string; readonly Selector: string; readonly Type?: string }[];
  readonly timeoutSeconds?: number | string;
  readonly maxAttempts?: number | string;
  readonly onFailure?: string;
  readonly onCancel?: string;
  readonly nextStep?: string;
  readonly isEnd?: boolean | string;
  readonly isCritical?: boolean | string;
}

export type ParameterValue = string | number | boolean | readonly string[];

/** Parameters as callers send them, every value a list, turned into the document's own types, defaults filled in. */
export function boundParameters(
  content: DocumentContent,
  given: Readonly<Record<string, readonly string[]>>,
  errorName: string,
): Readonly<Record<string, ParameterValue>> {
  const refuse = (message: string): AwsError => new AwsError(errorName, message);
  const specs = content.parameters ?? {};
  for (const name of Object.keys(given))
    if (specs[name] === undefined) throw refuse(`Parameter "${name}" is not defined in the document.`);
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const values = given[name];
      if (values === undefined) {
        if (spec.default === undefined) throw refuse(`Parameter "${name}" requires argument value.`);
        return [name, spec.default];
      }
      for (const value of values) checkValue(name, spec, value, refuse);
      return [name, typed(spec, values)];
    }),
  );
}

function checkValue(name: string, spec: ParameterSpec, value: string, refuse: (message: string) => AwsError): void {
  if (spec.type === 'Integer' && !/^-?\d{1,9}$/.test(value))
    throw refuse(`Parameter "${name}" has value "${value}", which is no Integer.`);
  if (spec.allowedPattern !== undefined && !new RegExp(`^(?:${spec.allowedPattern})$`).test(value))
    throw refuse(`Parameter "${name}" has value "${value}" not matching pattern "${spec.allowedPattern}".`);
  if (spec.allowedValues !== undefined && !spec.allowedValues.some((each) => String(each) === value))
    throw refuse(`Parameter "${name}" has value "${value}" not in [${spec.allowedValues.join(', ')}].`);
}

function typed(spec: ParameterSpec, values: readonly string[]): ParameterValue {
  switch (spec.type) {
    case 'StringList':
      return values;
    case 'Boolean':
      return values[0] === 'true';
    case 'Integer':
      return Number(values[0]);
    default:
      return values[0] ?? '';
  }
}

export const isTrue = (value: unknown): boolean => value === true || value === 'true';
