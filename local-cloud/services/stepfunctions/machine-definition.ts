/**
 * A state machine's definition as CloudFormation would send it to Step Functions: text, object or staged file, with
 * the template's substitutions put in.
 */
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';

export function definitionText({ properties, logicalId }: Resource, template: Template): string {
  const location = properties['DefinitionS3Location'] as JsonObject | undefined;
  const inline =
    properties['DefinitionString'] ??
    (properties['Definition'] === undefined ? undefined : JSON.stringify(properties['Definition']));
  const text =
    location === undefined ? inline : readFileSync(template.source.assetPath(String(location['Key'])), 'utf8');
  if (typeof text !== 'string') throw new Error(`State machine '${logicalId}' has no definition that is modelled`);
  const substitutions = (properties['DefinitionSubstitutions'] ?? {}) as Record<string, string>;
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => {
    const value = substitutions[name];
    if (value === undefined) throw new Error(`State machine '${logicalId}' has no substitution for ${whole}`);
    return String(value);
  });
}
