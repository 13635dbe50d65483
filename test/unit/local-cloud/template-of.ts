/** Small templates for tests of the local cloud: resources in, a resolved template out. */
import type { JsonObject } from '../../../local-cloud/template/json';
import { Template } from '../../../local-cloud/template/template';

export function templateOf(resources: object, assetPath: (key: string) => string = (key) => key): Template {
  const template = { Resources: resources as JsonObject };
  return new Template({ stackName: 'Test', region: 'eu-west-1', template, assetPath });
}

/** A role that `service` may assume, with these statements. */
export const roleFor = (service: string, ...statements: readonly object[]): object => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
    },
    Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: statements } }],
  },
});
