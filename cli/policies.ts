/**
 * `switchback policies`: what the account must say and no stack of ours can, read from the synthesized stack. Printed,
 * never applied: who may write such policies is seldom who deploys.
 */
import { readConfigFile } from '../config/read';
import { type AccountPolicies, accountPolicies } from '../infra/granting/account-policies';
import { synthesize } from '../infra/synthesize';
import { ensureBundles } from './bundles';
import { jsonLine } from './harmless';

type Part = keyof AccountPolicies;

const headings: Readonly<Record<Part, string>> = {
  serviceControlPolicy:
    'Service control policy: keeps others from what only Switchback may do. Attach it above the account.',
  boundary: 'The least a permissions boundary must allow; a service control policy must deny none of it.',
  endBoundaries:
    'The same in the account of each end, by its name: `account` says in which; the rest is the policy to write there.',
  topicPolicy: 'For the policy of your own topic: without it our alarms about Switchback itself stay unheard.',
  topicKeyPolicy: "For the policy of that topic's key, where it is encrypted with one of your own.",
};

export function policies({ config, json }: { config: string; json?: true }): number {
  const deployment = readConfigFile(config);
  ensureBundles();
  const printed = accountPolicies(synthesize(deployment, { rehearsal: true }), deployment);
  if (json) {
    process.stdout.write(jsonLine(printed));
    return 0;
  }
  const parts = (Object.keys(headings) as Part[]).filter((part) => printed[part] !== null);
  const texts = parts.map((part) => `# ${headings[part]}\n${JSON.stringify(printed[part], null, 2)}\n`);
  process.stdout.write(texts.join('\n'));
  return 0;
}
