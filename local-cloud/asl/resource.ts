/**
 * The `Resource` of a Task, taken apart. No list of services is kept: any `service:action` is passed on, and the
 * cloud behind `TaskServices` says what it knows. Only patterns the runner cannot follow are refused.
 */
import { InvalidDefinition, UnsupportedFeature } from './refusal';

export interface Resource {
  readonly kind: 'optimized' | 'aws-sdk' | 'function';
  readonly service: string;
  readonly action: string;
  /** The ARN without the pattern's suffix. */
  readonly arn: string;
  /** As history events spell it: `lambda`, `aws-sdk:dynamodb`. */
  readonly resourceType: string;
  /** As history events spell it: `updateItem.waitForTaskToken`. */
  readonly resource: string;
  readonly waitsForToken: boolean;
}

const tokenSuffix = '.waitForTaskToken';

export function parseResource(text: string, where: string): Resource {
  const [arn, , owner, region, , ...rest] = text.split(':');
  if (arn !== 'arn' || rest.length === 0) throw new InvalidDefinition(`Resource ${text} is not an ARN`, where);
  if (owner === 'lambda' && rest[0] === 'function') {
    if (text.endsWith(tokenSuffix)) throw new InvalidDefinition('a function ARN takes no suffix', where);
    return {
      kind: 'function',
      service: 'lambda',
      action: 'invoke',
      arn: text,
      resourceType: 'lambda',
      resource: text,
      waitsForToken: false,
    };
  }
  if (owner !== 'states') throw new InvalidDefinition(`Resource ${text} names no task`, where);
  if (region !== '') throw new UnsupportedFeature(`an ${rest[0]} as a resource`, where);
  return parseIntegration(text, rest, where);
}

function parseIntegration(text: string, rest: readonly string[], where: string): Resource {
  if (/\.sync(:\d+)?$/.test(text)) throw new UnsupportedFeature('the .sync pattern', where);
  const isSdk = rest[0] === 'aws-sdk';
  const [service, resource, ...more] = isSdk ? rest.slice(1) : rest;
  if (service === undefined || resource === undefined || more.length > 0) {
    throw new InvalidDefinition(`Resource ${text} is not service:action`, where);
  }
  const waitsForToken = resource.endsWith(tokenSuffix);
  return {
    kind: isSdk ? 'aws-sdk' : 'optimized',
    service,
    action: waitsForToken ? resource.slice(0, -tokenSuffix.length) : resource,
    arn: waitsForToken ? text.slice(0, -tokenSuffix.length) : text,
    resourceType: isSdk ? `aws-sdk:${service}` : service,
    resource,
    waitsForToken,
  };
}
