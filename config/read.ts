/**
 * Reads `switchback.yaml`: text in, a `Deployment` or every problem out. The one door to configuration; the app, the
 * command line and the simulator all come through here.
 */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Deployment } from '../core/domain';
import { toDeployment } from './deployment';
import { type Finding, findingsFrom, type Problem, pathText, problemText, type Step, valueAt } from './problems';
import { referenceFindings } from './references';
import { type AuthorConfig, authorSchema } from './schema';
import { isExplained, refusals } from './unbuilt';

export type ConfigResult =
  | { readonly ok: true; readonly deployment: Deployment }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Thrown where there is nobody to hand the problems to; its message lists them all. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';

  constructor(
    readonly fileName: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(`${fileName} has ${count}:\n${problems.map((p) => `  ${problemText(p)}`).join('\n')}`);
  }
}

/** A hundred connections fit; the time to find repeated keys grows with the square of their number. */
const textLengthMax = 128 * 1024;

const strictSchema = authorSchema('strict');
const lenientSchema = authorSchema('lenient');

/** From a parsed tree (a scenario merges its own over a site's); `lineOf` places problems in a file. */
export function deploymentFrom(
  tree: unknown,
  lineOf: (at: readonly Step[]) => number | undefined = () => undefined,
): ConfigResult {
  const strict = strictSchema.safeParse(tree);
  const lenient: AuthorConfig = strict.success ? strict.data : lenientSchema.parse(tree);
  const shape = (strict.success ? [] : findingsFrom(strict.error.issues, tree)).map(
    (finding): Finding => ({ ...finding, isShape: true }),
  );
  const refused = refusals(lenient, tree, shape);
  const found = [...shape, ...referenceFindings(lenient)].filter((finding) => !isExplained(finding, refused, tree));
  if (strict.success && refused.length + found.length === 0) return { ok: true, deployment: toDeployment(strict.data) };
  return { ok: false, problems: inOneVoice([...refused.filter(({ isSaid }) => !isSaid), ...found], tree, lineOf) };
}

export function parseConfig(text: string, fileName = 'switchback.yaml'): ConfigResult {
  const refused = (message: string): ConfigResult => ({
    ok: false,
    problems: [{ path: fileName, value: undefined, message }],
  });
  if (text.length > textLengthMax) return refused(`is longer than ${textLengthMax} characters: deploy in two parts`);
  try {
    return parseDocumentOf(text, fileName);
  } catch (error) {
    // The library's own limits: how deep it recurses, how often an alias may be expanded.
    if (error instanceof RangeError) return refused('is nested too deeply: write it flat, as in examples/');
    if (error instanceof ReferenceError) return refused(`has a wrong alias: write its value out (${error.message})`);
    throw error;
  }
}

function parseDocumentOf(text: string, fileName: string): ConfigResult {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => {
      const { line } = lines.linePos(error.pos[0]);
      return { path: fileName, value: undefined, message: `is not YAML: ${error.message}`, line };
    });
    return { ok: false, problems };
  }
  const lineOf = (at: readonly Step[]): number | undefined => {
    for (let depth = at.length; depth > 0; depth--) {
      const node = document.getIn(at.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return deploymentFrom(document.toJS(), lineOf);
}

export function readConfigFile(path: string): Deployment {
  const result = parseConfig(readFileSync(path, 'utf8'), path);
  if (!result.ok) throw new ConfigInvalid(path, result.problems);
  return result.deployment;
}

/** One problem per place and message, in the order of the file where lines are known. */
function inOneVoice(
  findings: readonly Finding[],
  tree: unknown,
  lineOf: (at: readonly Step[]) => number | undefined,
): Problem[] {
  const problems = findings.map(({ at, message }): Problem => {
    const line = lineOf(at);
    return { path: pathText(at), value: valueAt(tree, at), message, ...(line !== undefined && { line }) };
  });
  const unique = [...new Map(problems.map((p) => [`${p.path} ${p.message}`, p])).values()];
  return unique.sort((x, y) => (x.line ?? 0) - (y.line ?? 0));
}
