/**
 * From what `cdk deploy --outputs-file` wrote to a `switchback.yaml`: every output named `Site…` holds a piece of it
 * as JSON (infra/greenfield/site-outputs.ts), and the pieces are laid over each other.
 *
 * The result is read as any configuration is, so a file that is written is one that deploys.
 */
import { stringify } from 'yaml';
import { type ConfigResult, deploymentFrom } from './read';

/** Thrown with one sentence for the author. */
export class OutputsInvalid extends Error {
  override readonly name = 'OutputsInvalid';
}

type Tree = { readonly [key: string]: unknown };

/** `stack`: which of the file's stacks; not needed where only one has such outputs. */
export function siteFromOutputs(
  outputs: unknown,
  stack?: string,
): { readonly text: string; readonly read: ConfigResult } {
  if (!isTree(outputs)) throw new OutputsInvalid('The outputs are no group of stacks: give the file cdk deploy wrote');
  const [name, pieces] = onlySite(outputs, stack);
  const tree = pieces.map(([output, text]) => pieceFrom(output, text)).reduce(mergeDeep, {});
  return { text: textOf(withVersionNumbers(tree), name), read: deploymentFrom(withVersionNumbers(tree)) };
}

function onlySite(outputs: Tree, stack: string | undefined): [stack: string, pieces: [string, unknown][]] {
  const sites = Object.entries(outputs).flatMap(([name, values]): [string, [string, unknown][]][] => {
    const pieces = isTree(values) ? Object.entries(values).filter(([output]) => output.startsWith('Site')) : [];
    return pieces.length > 0 && (stack === undefined || stack === name) ? [[name, pieces]] : [];
  });
  const [first] = sites;
  if (first !== undefined && sites.length === 1) return first;
  const found = Object.keys(outputs).join(', ') || 'none';
  throw new OutputsInvalid(
    first === undefined
      ? `No ${stack === undefined ? 'stack' : `stack ${stack}`} here has outputs named Site…; stacks: ${found}`
      : `Several stacks have outputs named Site…: say which with --stack (${sites.map(([name]) => name).join(', ')})`,
  );
}

function pieceFrom(output: string, text: unknown): Tree {
  try {
    const value: unknown = JSON.parse(String(text));
    if (isTree(value)) return value;
  } catch {
    // Falls through: the sentence below says all there is to say.
  }
  throw new OutputsInvalid(`Output ${output} is no piece of a configuration: deploy the network stack again`);
}

/** CloudFormation knows only text; a launch template's version is a number. */
function withVersionNumbers(tree: Tree): Tree {
  const { gateways } = tree;
  if (!isTree(gateways)) return tree;
  const numbered = Object.entries(gateways).map(([name, gateway]) => {
    if (!isTree(gateway) || !isTree(gateway['launchTemplate'])) return [name, gateway] as const;
    const template = gateway['launchTemplate'];
    return [name, { ...gateway, launchTemplate: { ...template, version: Number(template['version']) } }] as const;
  });
  return { ...tree, gateways: Object.fromEntries(numbered) };
}

function textOf(tree: Tree, stack: string): string {
  const head = `# Written by \`switchback site\` from the outputs of stack ${stack}. Do not edit: change the stack, deploy it,
# write it again. What a field means is said in examples/adopt/switchback.yaml.
`;
  return `${head}\n${stringify(tree, { lineWidth: 120 })}`;
}

function mergeDeep(base: Tree, over: Tree): Tree {
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  const merged = [...keys].map((key) => {
    const [old, value] = [base[key], over[key]];
    if (value === undefined) return [key, old] as const;
    return [key, isTree(old) && isTree(value) ? mergeDeep(old, value) : value] as const;
  });
  return Object.fromEntries(merged);
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
